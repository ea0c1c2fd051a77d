import type {
  AccountJson,
  EventJson,
  ProposalJson,
  SessionJson,
  StatusJson,
} from "../../src/api/contract.ts";
import { INITIAL, withEvent, withLook, type TopState } from "../../src/top/model.ts";
import type { View } from "../../src/top/text.ts";
import { accountJson } from "./account-json.ts";
import { HOUR, MINUTE, NOW } from "./policy-samples.ts";

const at = (ms: number): string => new Date(NOW + ms).toISOString();
const DAY = 24 * HOUR;

function session(name: string, changes: Partial<SessionJson>): SessionJson {
  return {
    name,
    kind: "dedicated",
    state: "idle",
    slot: "shared",
    account: "work-1",
    nextAccount: null,
    sessionId: "0b0e7a5c-5f1c-4a54-9a4e-3f3c8d7d0a11",
    cwd: "/home/op/src/api",
    pid: 100,
    claudeVersion: "2.1.328",
    strategy: "hot",
    since: at(-12 * MINUTE),
    model: null,
    permissionMode: null,
    pane: null,
    draining: false,
    task: null,
    note: null,
    ...changes,
  };
}

const ACCOUNTS: readonly AccountJson[] = [
  accountJson("work-1", {
    state: "active",
    windows: [
      {
        window: "fiveHour",
        usedPercent: 83.4,
        resetsAt: at(100 * MINUTE),
        forecast: { percentPerHour: 28, limitAt: at(35 * MINUTE) },
      },
      { window: "weekly", usedPercent: 31, resetsAt: at(3 * DAY + 4 * HOUR), forecast: null },
    ],
  }),
  accountJson("work-2", {
    windows: [
      { window: "fiveHour", usedPercent: 0, resetsAt: null, forecast: null },
      { window: "weekly", usedPercent: 97, resetsAt: at(20 * HOUR), forecast: null },
    ],
  }),
  accountJson("private", {
    state: "exhausted",
    exhaustedUntil: at(2 * HOUR),
    limitations: [{ code: "exhausted", text: "it is exhausted until later" }],
    windows: [{ window: "model:opus", usedPercent: 64, resetsAt: null, forecast: null }],
  }),
];

const SESSIONS: readonly SessionJson[] = [
  session("ccl-1-api", { state: "working" }),
  session("ccl-2-文書", {
    state: "asking",
    cwd: "/home/op/src/a-folder/with/a-very/long/path/to/it",
  }),
  session("ccl-auto-11", { kind: "pool", state: "limited", since: at(-40_000) }),
  session("ccl-auto-13", { kind: "pool", draining: true }),
  session("ccl-auto-12", {
    kind: "pool",
    state: "dead",
    account: null,
    note: { code: "crashLoop", text: "it ended three times in a minute" },
    since: at(-26 * HOUR),
  }),
];

export const STATUS: StatusJson = {
  schema: 1,
  daemon: { running: true, pid: 4711, version: "1.2.3", paused: false, startedAt: at(-HOUR) },
  client: null,
  activeAccount: "work-1",
  slots: [],
  held: null,
  pinned: null,
  proposal: null,
  accounts: ACCOUNTS,
  sessions: SESSIONS,
  decision: { code: "healthy", text: "no refusal stands against work-1", at: at(-90_000) },
  lastSwitchover: {
    id: 3,
    cause: "failover",
    slot: "shared",
    from: "work-2",
    to: "work-1",
    startedAt: at(-2 * HOUR),
    endedAt: at(-2 * HOUR + 900),
    outcome: "committed",
    trigger: null,
    steps: [],
    sessions: [
      {
        name: "ccl-1-api",
        strategy: "hot",
        sessionId: null,
        outcome: "continued",
        continuedMs: 412,
        proof: "p",
      },
    ],
  },
};

export const PROPOSAL: ProposalJson = {
  cause: "failover",
  from: "work-1",
  to: "work-2",
  text: "it reached its limit",
  at: at(-3 * MINUTE),
  until: at(12 * MINUTE),
};

/** The same fleet where a move waits for an answer, and the active account is pinned. */
export function asking(live: TopState): TopState {
  const status = { ...(live.status ?? STATUS), pinned: "work-1", proposal: PROPOSAL };
  return withLook(live, { ...live, status });
}

const EVENTS: readonly EventJson[] = Array.from({ length: 30 }, (_, index) => ({
  seq: index + 1,
  at: at((index - 30) * 1_000),
  type: index % 2 === 0 ? "session.state" : "decision",
  data: { session: "ccl-1-api", text: `step ${index + 1} of a longer story that needs to be cut` },
}));

/** A fleet in which something of everything is to be seen. */
export const LIVE: TopState = EVENTS.reduce(
  withEvent,
  withLook(INITIAL, {
    status: STATUS,
    connection: { kind: "live" },
    tasks: [
      {
        id: 17,
        project: "/home/op/src/api",
        name: "fix",
        title: "Fix the flaky test of the parser",
        priority: "normal",
        tags: [],
        capabilities: [],
        model: null,
        cwd: "/home/op/src/api",
        state: "delivered",
        waitsFor: null,
        wait: null,
        attempts: 1,
        session: "ccl-auto-11",
        sessionId: null,
        promptId: null,
        createdAt: at(-HOUR),
        assignedAt: at(-HOUR),
        deliveredAt: at(-HOUR),
        endedAt: null,
        reason: null,
      },
    ],
  }),
);

const SHARED = { path: "/home/op/.claude", account: "work-1", sessions: ["ccl-1-api"] };
const IDLE = { pinned: null, proposal: null, decision: null };

/** A fleet with a session that has a slot of its own, pinned, where a move waits for an answer. */
export const OWN: TopState = withLook(LIVE, {
  ...LIVE,
  status: {
    ...STATUS,
    sessions: [...SESSIONS.slice(0, 1), session("web", { slot: "web", account: "work-2" })],
    slots: [
      { ...SHARED, ...IDLE, name: "shared" },
      {
        ...IDLE,
        name: "web",
        path: "/home/op/.local/state/claude-failover/slots/web",
        account: "work-2",
        sessions: ["web"],
        pinned: "work-2",
        proposal: { ...PROPOSAL, from: "work-2", to: "private" },
      },
    ],
  },
});

export function view(columns: number, rows: number, changes: Partial<View> = {}): View {
  return {
    columns,
    rows,
    color: false,
    unicode: true,
    now: NOW,
    timeOf: (epoch) => new Date(epoch).toISOString().slice(11, 19),
    ...changes,
  };
}
