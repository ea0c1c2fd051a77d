import * as z from "zod";
import { DEFAULT_SHARED_LINKS } from "../accounts/shared-targets.ts";
import {
  AFTER_EXIT,
  CANDIDATE_RULES,
  DEFAULTS,
  LOG_LEVELS,
  MISSING_FOLDER,
  MODES,
  ON_TROUBLE,
  OVERAGE,
  RESUME_OFFERS,
  SLOTS,
  STRATEGIES,
} from "./config.ts";
import { dispatch, pool } from "./schema-dispatch.ts";
import { keep } from "./schema-keep.ts";
import { notify } from "./schema-notify.ts";
import {
  args,
  duration,
  email,
  flag,
  list,
  map,
  oneOf,
  orNull,
  path,
  percent,
  PRINTABLE,
  secretVariable,
  section,
  sessionNameLike,
  text,
  variables,
  whole,
} from "./values.ts";

const ACCOUNT_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

const account = map(
  {
    name: text({
      pattern: ACCOUNT_NAME,
      right: 'use up to 32 of a-z, 0-9 and "-", like work-2',
      description: "The account's name in every output and command. Unique.",
    }),
    home: path(
      "The account's home: what the client takes as its config directory. Created with mode 0700 when missing. Unique, and neither the slot nor inside it.",
      "name the account's own folder, like ~/.claude-work",
    ),
    priority: whole({
      min: 0,
      max: 1_000_000,
      description:
        "Lower is preferred. Without it: the account's place in the list, 1 for the first.",
    }).optional(),
    ceiling: map(
      {
        fiveHour: percent("Of the five-hour window.").optional(),
        weekly: percent("Of the weekly window.").optional(),
      },
      "Percent used at which this account counts as spent. What it leaves out is taken from `policy.thresholds`.",
      "write fiveHour and weekly below it, or remove the line",
    ).optional(),
    email: email(
      "The identity this home must have. An account that answers as somebody else may not take over.",
    ).optional(),
  },
  "One account.",
  "write each account as { name: work, home: ~/.claude-work }",
);

const dedicated = map(
  {
    name: sessionNameLike("The tmux session's name. Unique, and none of the pool's names."),
    cwd: path("Where the session starts.", "name the folder the session works in, like ~/src/api"),
    args: args("Arguments of the client for this session, after `claude.args`."),
    sessionId: text({
      pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
      right: "write a uuid like 0b9f1d7e-2c55-4f0a-9d8e-3a1f5c7b2e64, or remove the line",
      title: "uuid",
      description:
        "The conversation this session carries. Unique. Without it one is chosen and remembered.",
    }).optional(),
    strategy: oneOf(
      STRATEGIES,
      "This session's own strategy instead of `sessions.strategy`.",
    ).optional(),
    slot: oneOf(
      SLOTS,
      "Which link it uses as its config directory: `shared` the one of all, `own` one of its own in our state folder, so that it moves alone. Counts from the next start of its client.",
    ).default("shared"),
    group: sessionNameLike(
      "Only with `slot: own`: sessions of the same group have one own link together, and move together.",
    ).optional(),
    account: text({
      pattern: ACCOUNT_NAME,
      right: "write the name of an account of this file",
      description:
        "Only with `slot: own`: the account its link leads to when it is made, and that it prefers to every other. Without it the one that the shared slot leads to then, and `priority`.",
    }).optional(),
  },
  "One session.",
  "write each session as { name: api, cwd: ~/src/api }",
);

const AN_ACCOUNT = "list at least one account with a name and a home";
const accounts = list(account, "The accounts to move between, at least one.", AN_ACCOUNT).min(1, {
  error: AN_ACCOUNT,
});

const slot = path(
  "The shared switch point: a symlink to the active account's home, which every session without a slot of its own uses as its config directory.",
  "name the link to switch, like ~/.claude",
).default(DEFAULTS.slot);

const shared = section(
  {
    root: path(
      "Where the shared targets lie: `<root>/.claude-<link>-shared`.",
      "name a folder, like ~ (in quotes)",
    ).default(DEFAULTS.sharedRoot),
    links: list(
      text({
        pattern: PRINTABLE,
        right: "write the name of an entry of an account home, like todos",
        max: 200,
        description: "One entry of every account home.",
      }),
      "What all accounts share: `session-env`, `file-history` and `projects` always, more as you like (`todos`, `tasks`, `plans`, `sessions`, `history.jsonl`, …). Logins, `.claude.json` and caches are refused.",
      `write a list of names, like [${DEFAULT_SHARED_LINKS.join(", ")}]`,
    ).default([...DEFAULT_SHARED_LINKS]),
  },
  "What the accounts have in common.",
);

const claude = section(
  {
    command: path(
      "The client: a name to look up on PATH, or a path.",
      "write claude, or the path of the client",
    ).default("claude"),
    args: args("Arguments for every session."),
    env: variables(
      "Variables for every session, added to the daemon's environment. No place for secrets.",
    ),
    drill: flag(
      "Whether a version of the client that no drill has certified is rehearsed once in the background, in a sandbox.",
    ).default(true),
  },
  "How the client is started.",
);

const tmux = section(
  {
    socket: text({
      pattern: /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,64}$/,
      right: 'use up to 64 letters, digits, ".", "-" and "_", or default',
      description: "The server's socket name (`tmux -L`); `default` is the default server.",
    }).default("claude-failover"),
    configFile: orNull(
      path(
        "A configuration file for the server when we start it (`tmux -f`); null for tmux's own.",
        "name a file, or null",
      ),
    ),
  },
  "The tmux server the sessions run on.",
);

const sessions = section(
  {
    dedicated: list(
      dedicated,
      "A person's own sessions. Nothing is ever dispatched to them.",
      "write a list like [{ name: api, cwd: ~/src/api }], or []",
    ).default([]),
    pool: orNull(pool),
    nudge: text({
      pattern: PRINTABLE,
      right: "write one line of text, like continue",
      description: "What is typed to go on with a turn that was cut off.",
    }).default("continue"),
    strategy: oneOf(
      STRATEGIES,
      "How sessions move: `hot` keeps them running, `relaunch` starts `claude --resume`, `auto` is hot where the client's version is certified.",
    ).default("auto"),
    afterExit: oneOf(
      AFTER_EXIT,
      "What becomes of a dedicated session that its operator ended with `/exit`: it stays ended until `release`, or is started again. Sessions of the pool are started again.",
    ).default("stay"),
    missingFolder: oneOf(
      MISSING_FOLDER,
      "Where a session's folder is gone: `report` waits until it is there, `create` makes an empty one.",
    ).default("report"),
    resumeOffer: oneOf(
      RESUME_OFFERS,
      "What is answered when the client offers to resume a long conversation from a summary: `full` keeps all of it, `summary` takes the summary, `ask` leaves it to a person.",
    ).default("full"),
  },
  "The sessions to keep running.",
);

const policy = section(
  {
    mode: oneOf(
      MODES,
      "What to do when a move is due: `auto` moves, `confirm` asks and moves when told, `notify` only tells.",
    ).default("auto"),
    candidate: oneOf(
      CANDIDATE_RULES,
      "Who takes over: `priority` the preferred account; `mostHeadroom` the one that lasts longest at the present pace, of those that last for hours the one whose week would be lost otherwise; `soonestReset` the one whose week ends soonest.",
    ).default("mostHeadroom"),
    thresholds: section(
      {
        fiveHour: percent("Of the five-hour window.").default(90),
        weekly: percent("Of the weekly window, and of a model's own.").default(95),
      },
      "Percent used at which the fleet leaves an account, at a turn's end, before the limit; 100 for never.",
    ),
    cooldown: duration("No automatic switchover sooner than this after the last one.").default(
      "5m",
    ),
    failback: section(
      {
        enabled: flag("Whether to return to the preferred account after its reset.").default(true),
        delay: duration(
          "How long after the reset, and how long after the last switchover at least.",
        ).default("10m"),
      },
      "The return to the preferred account, at a turn's end. Only with `candidate: priority`, since no other rule prefers one.",
    ),
    confirmTimeout: duration(
      "How long `mode: confirm` waits for an answer; then nothing is done.",
    ).default("10m"),
    overage: oneOf(
      OVERAGE,
      "When an account goes on at a price because its plan is used up: `avoid` leaves it, `allow` stays.",
    ).default("avoid"),
    accountTrouble: oneOf(
      ON_TROUBLE,
      "When the active account is refused for its login, a bill or an organisation's rule: `failover` leaves it, `stay` only tells. It is quarantined either way.",
    ).default("failover"),
  },
  "When to move, and to whom.",
);

const A_LISTENER = "write a loopback address and port, like 127.0.0.1:8765, or null";
const api = section(
  {
    listen: orNull(
      text({
        pattern: /^(127(\.\d{1,3}){3}|localhost|\[::1\]):\d{1,5}$/,
        right: A_LISTENER,
        description: "",
      })
        .refine(isHostAndPort, { error: A_LISTENER })
        .meta({
          title: "address",
          description:
            "A loopback address and port for the API, like 127.0.0.1:8765 (port 0: any free one). The unix socket is always there.",
        }),
    ),
    tokenEnv: secretVariable("The variable that holds the API's token.").default(
      "CLAUDE_FAILOVER_TOKEN",
    ),
  },
  "The HTTP API.",
);

const log = section(
  { level: oneOf(LOG_LEVELS, "The least that is written.").default("info") },
  "The log.",
);

/** The file as written, with defaults filled in; `resolve.ts` turns it into a Config. */
export const configSchema = z
  .strictObject(
    { accounts, slot, shared, claude, tmux, sessions, policy, dispatch, notify, keep, api, log },
    { error: "write keys and values; accounts is the one that must be there" },
  )
  .meta({ description: "The configuration of claude-failover." });

/** The file's content after validation: as written, with defaults. */
export type WrittenConfig = z.output<typeof configSchema>;

function isHostAndPort(value: string): boolean {
  const colon = value.lastIndexOf(":");
  const octets = value.slice(0, colon).split(".");
  return (
    Number(value.slice(colon + 1)) <= 65_535 && octets.every((octet) => !(Number(octet) > 255))
  );
}
