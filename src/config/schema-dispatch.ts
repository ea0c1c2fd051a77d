import type * as z from "zod";
import { DEFAULTS, STUCK_STEPS, TASK_PRIORITIES, type TaskPriority } from "./config.ts";
import {
  duration,
  list,
  map,
  model,
  oneOf,
  orNull,
  path,
  section,
  sessionNameLike,
  whole,
  word,
} from "./values.ts";

const capability = map(
  {
    name: word("What tasks ask for, like `gpu`."),
    sessions: list(
      whole({ min: 0, max: 1_020_000, description: "A session's number." }),
      "The numbers of the sessions that have it. Without it: all of them.",
      "write a list of numbers, like [11, 12], or remove the line",
    ).optional(),
  },
  "One capability.",
  "write each capability as { name: gpu }",
);

/** The section `sessions.pool`. */
export const pool = map(
  {
    prefix: sessionNameLike("What the names of the pool's sessions begin with.").default(
      DEFAULTS.pool.prefix,
    ),
    startIndex: whole({
      min: 0,
      max: 1_000_000,
      description: "The first session's number.",
    }).default(DEFAULTS.pool.startIndex),
    min: whole({ min: 0, max: 10_000, description: "Sessions that always run." }).default(
      DEFAULTS.pool.min,
    ),
    max: whole({
      min: 1,
      max: 10_000,
      description:
        "Sessions at most, not below `min`; more than `min` are begun while tasks wait for a session.",
    }).default(DEFAULTS.pool.max),
    shrinkAfter: duration(
      "A session beyond `min` that had nothing to do for this long is ended.",
    ).default(DEFAULTS.pool.shrinkAfter),
    cwd: path("Where the pool's sessions start.", "name the folder the pool works in, like ~/src"),
    capabilities: list(
      capability,
      "What sessions of the pool can do that not every one can. A task that asks for a capability waits for a session that has it.",
      "write a list like [{ name: gpu }], or []",
    ).default([]),
  },
  "Interchangeable sessions that tasks are dispatched to, named `<prefix><number>`. null for no pool.",
  "write a pool as { cwd: ~/src, max: 3 }, or null",
);

const project = map(
  {
    path: path(
      "The project's folder; `<path>/.agent-queue/inbox/*.md` is watched. Unique.",
      "name the project's folder, like ~/src/api",
    ),
    priority: whole({ min: 0, max: 1_000_000, description: "Lower goes first." }).default(1),
  },
  "One project.",
  "write each project as { path: ~/src/api }",
);

/** The section `dispatch`. */
export const dispatch = section(
  {
    projects: list(
      project,
      "Projects whose tasks are dispatched to the pool.",
      "write a list like [{ path: ~/src/api }], or []",
    ).default([]),
    ageing: duration(
      "How long a task waits until it goes before new ones of the next higher priority, so that none starves.",
    ).default("30m"),
    models: section(
      Object.fromEntries(
        TASK_PRIORITIES.map((priority) => [
          priority,
          model(`Of ${priority} tasks that name none.`).optional(),
        ]),
      ) as Record<TaskPriority, z.ZodOptional<ReturnType<typeof model>>>,
      "The model by a task's priority (`--model`). Without it: the client's own choice.",
    ),
    cooldown: duration("How long a session rests between two tasks.").default("0s"),
    settle: duration(
      "A session whose client started less than this ago is given nothing yet.",
    ).default("2s"),
    timeout: orNull(
      duration("How long a task that names no timeout may take; null for as long as it takes."),
    ),
    retries: whole({
      min: 0,
      max: 100,
      description: "How often a task that names no number is given out again after it failed.",
    }).default(0),
    retryDelay: duration(
      "How long before the first retry; twice as long before each further.",
    ).default("30s"),
    stuck: section(
      {
        after: duration(
          "A session that works on a task is stuck when its transcript did not grow for this long.",
        ).default("10m"),
        steps: list(
          oneOf(STUCK_STEPS, "One step."),
          "What is done about it, one step each time `after` has passed: `report` tells, `nudge` types `sessions.nudge`, `interrupt` ends the turn, which fails the task.",
          "write a list of steps, like [report, nudge, interrupt]",
        )
          .min(1, { error: "name at least report" })
          .default(["report"]),
      },
      "What to do about a session that hangs.",
    ),
  },
  "Where tasks come from, and how they are given to the pool (docs/dispatch.md).",
);
