import * as z from "zod";
import { TASK_STATES } from "../store/tasks.ts";

/*
 * What can be asked, as the routes check it and as schema/openapi.json tells it. Every `error` is
 * the whole sentence that a wrong value is answered with.
 */

const word = (name: string, what: string) => z.string({ error: `\`${name}\` must be ${what}.` });

const flag = (name: string, description: string) =>
  z
    .boolean({ error: `\`${name}\` must be true or false.` })
    .default(false)
    .meta({ description });

/** A whole number as it stands in a query. */
const count = (name: string, description: string) =>
  z
    .string()
    .regex(/^\d{1,12}$/, { error: `\`${name}\` must be a whole number.` })
    .transform(Number)
    .pipe(z.int().min(0))
    .meta({ description });

const LIST = "How many at most.";

export const historyQuery = z.object({
  id: count("id", "Only this one, with everything that is known of it.").optional(),
  limit: count("limit", LIST).default(20),
});

export const usageQuery = z.object({
  since: z
    .string()
    .regex(/^\d{1,15}$/, { error: "`since` must be epoch milliseconds." })
    .transform(Number)
    .pipe(z.int().min(0))
    .meta({ description: "Readings from this time on, epoch milliseconds. Without it: all." })
    .default(0),
});

export const eventsQuery = z.object({
  since: count("since", "Only events after this number.").default(0),
  limit: count("limit", LIST).default(1_000),
  follow: z.string().meta({ description: "Go on as they happen, one JSON line each." }).optional(),
});

export const whyQuery = z.object({
  of: z.string().meta({ description: "A decision's number, a session or an account." }).optional(),
});

export const checkpointsQuery = z.object({
  session: z
    .string()
    .meta({ description: "Those of one session. Without it: the newest of each." })
    .optional(),
  limit: count("limit", LIST).default(100),
});

const NAMED = "`session` must be the name of a session.";
const session = z.string({ error: NAMED }).min(1, { error: NAMED });
const ownSlotOf = session
  .nullable()
  .default(null)
  .meta({ description: "Only the own slot of this session. Without it: the shared slot." });

export const switchoverBody = z.object({
  session: ownSlotOf,
  to: word("to", "the name of an account")
    .meta({ description: "The account to move to. Without it: the policy's candidate." })
    .nullable()
    .default(null),
  dryRun: flag("dryRun", "Only say which steps it would take."),
});

export const answerBody = z.object({ session: ownSlotOf });

export const failbackBody = z.object({
  session: ownSlotOf,
  dryRun: flag("dryRun", "Only say which steps it would take."),
  release: flag("release", "Only end the pin of a switchover by hand."),
});

const account = word("account", "the name of an account").min(1, {
  error: "`account` must be the name of an account.",
});

export const quarantineBody = z.object({
  account,
  reason: word("reason", "a text")
    .min(1, { error: "`reason` must be a text." })
    .max(200, { error: "`reason` must have at most 200 characters." })
    .meta({ description: "What status and why say of it." })
    .nullable()
    .default(null),
});

export const releaseAccountBody = z.object({ account });
export const cleanBody = z.object({ dryRun: flag("dryRun", "Only say what would be removed.") });

export const recoverBody = z.object({ dryRun: flag("dryRun", "Only say what would be done.") });

const STATES = `\`state\` is one of ${TASK_STATES.join(", ")}.`;

export const tasksQuery = z.object({
  state: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(TASK_STATES, { error: STATES })))
    .meta({ description: "Only these states, with commas." })
    .optional(),
  project: z.string().meta({ description: "Only this project's folder." }).optional(),
  limit: count("limit", LIST).default(100),
});

export const dispatchBody = z.looseObject({
  project: word("project", "a configured project's folder").meta({
    description: "A configured project's folder.",
  }),
  prompt: z.string().meta({ description: "What is typed. This or `file`." }).optional(),
  file: z.string().meta({ description: "The text of a task file (docs/dispatch.md)." }).optional(),
});

export const notifyTestBody = z.object({
  channel: word("channel", "the name of a channel")
    .meta({ description: "Only this channel. Without it: all." })
    .nullable()
    .default(null),
});

const sessionOrAll = session
  .nullable()
  .default(null)
  .meta({ description: "Without it: all of them." });

export const holdBody = z.object({ session });
export const releaseBody = z.object({ session: sessionOrAll });
export const drainBody = z.object({
  session: sessionOrAll,
  undo: flag("undo", "Give new work again."),
});

const WAIT = "`waitMs` is milliseconds, at most one hour.";
export const downBody = z.object({
  dryRun: flag("dryRun", "Only say what would be ended."),
  force: flag("force", "Also where that loses an unsent draft."),
  waitMs: z
    .number({ error: WAIT })
    .min(0, { error: WAIT })
    .max(3_600_000, { error: WAIT })
    .default(30_000)
    .meta({ description: "How long turns may take to end, milliseconds." }),
});
