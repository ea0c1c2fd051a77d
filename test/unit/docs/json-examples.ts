import type { ActionJson, HistoryJson, StatusJson } from "../../../src/api/contract.ts";
import type { WhyJson } from "../../../src/api/why-contract.ts";
import type { PlanJson } from "../../../src/cli/adopt-json.ts";
import type { SimulationJson } from "../../../src/cli/simulate-json.ts";
import type { DrillReport } from "../../../src/drill/drill.ts";
import type { RehearsalReport } from "../../../src/drill/rehearsal-report.ts";
import type { AccountState, SessionState } from "../../../src/policy/model.ts";

/**
 * The examples of docs/json.md once more, where the compiler looks at them: when the contract
 * changes, this file does not compile any more, and when this file changes, the page must.
 */
const sessionId = "6151b159-be8b-46b8-92ba-1889cbfdfe7a";

export const STATUS: StatusJson = {
  schema: 1,
  daemon: {
    running: true,
    pid: 4711,
    version: "0.1.0",
    paused: false,
    startedAt: "2026-11-21T08:21:12.373Z",
  },
  client: { version: "2.1.328", verdict: "hot", why: null, drilledAt: null },
  activeAccount: "home",
  slots: [
    {
      name: "shared",
      path: "/home/me/.claude",
      account: "home",
      sessions: ["ccl-1-api"],
      pinned: null,
      proposal: null,
      decision: {
        code: "healthy",
        text: "no refusal stands against home",
        at: "2026-11-21T08:21:15.393Z",
      },
    },
  ],
  held: null,
  pinned: null,
  proposal: null,
  accounts: [
    {
      name: "work",
      home: "/home/me/.claude-work",
      state: "exhausted",
      slots: [],
      limitations: [{ code: "exhausted", text: "it is exhausted until 2026-11-21T13:00:00.000Z" }],
      windows: [
        {
          window: "fiveHour",
          usedPercent: 62,
          resetsAt: "2026-11-21T13:00:00.000Z",
          forecast: { percentPerHour: 24.5, limitAt: "2026-11-21T09:55:00.000Z" },
        },
      ],
      exhaustedUntil: "2026-11-21T13:00:00.000Z",
      identity: { email: "me@work.example", subscription: "max" },
      conflicts: [],
    },
  ],
  sessions: [
    {
      name: "ccl-1-api",
      kind: "dedicated",
      state: "idle",
      slot: "shared",
      account: "home",
      nextAccount: "home",
      sessionId,
      cwd: "/home/me/src/api",
      pid: 4720,
      claudeVersion: "2.1.328",
      model: "claude-opus-5-5",
      strategy: "hot",
      since: "2026-11-21T08:21:15.397Z",
      permissionMode: "auto",
      pane: "%3",
      draining: false,
      task: null,
      note: null,
    },
  ],
  decision: {
    code: "healthy",
    text: "no refusal stands against home",
    at: "2026-11-21T08:21:15.393Z",
  },
  lastSwitchover: null,
};

export const HISTORY: HistoryJson = {
  schema: 1,
  entries: [
    {
      id: 1,
      cause: "failover",
      slot: "shared",
      from: "work",
      to: "home",
      startedAt: "2026-11-21T08:21:09.632Z",
      endedAt: "2026-11-21T08:21:09.693Z",
      outcome: "committed",
      trigger: {
        session: "ccl-1-api",
        class: "usageLimit",
        pattern: "hook:rate_limit+text",
        snippet: "You've hit your limit · resets 1pm (UTC)",
        evidence: [
          {
            session: "ccl-1-api",
            channel: "hook",
            window: "unknown",
            resetsAt: "2026-11-21T13:00:00.000Z",
            requestedAt: "2026-11-21T08:21:09.587Z",
            observedAt: "2026-11-21T08:21:09.608Z",
          },
        ],
      },
      steps: [
        {
          step: "flip",
          startedAt: "2026-11-21T08:21:09.668Z",
          endedAt: "2026-11-21T08:21:09.670Z",
          outcome: "done",
          detail: { mtimeMs: 1_795_249_270_000 },
        },
      ],
      sessions: [
        {
          name: "ccl-1-api",
          strategy: "hot",
          sessionId,
          outcome: "continued",
          continuedMs: 74,
          proof: "68f18205-7b79-44c9-9e9f-18c7a2e90603",
        },
      ],
    },
  ],
};

export const REFUSED: ActionJson = {
  schema: 1,
  done: false,
  code: "CF_SWITCHOVER_UNKNOWN_ACCOUNT",
  text: "There is no account nobody.",
  hint: "claude-failover status lists the accounts.",
  exit: 2,
};

export const PLANNED: ActionJson = {
  schema: 1,
  done: true,
  text: "A switchover from work to home would take these steps.",
  steps: [
    { step: "plan", text: "Journal the switchover from work to home." },
    {
      step: "flip",
      text: "Point /home/me/.claude from /home/me/.claude-work to /home/me/.claude-home.",
    },
  ],
};

export const SIMULATION: SimulationJson = {
  schema: 1,
  trace: null,
  seed: 1,
  accounts: 3,
  sessions: 6,
  outcomes: [
    {
      policy: "priority",
      weeks: 20,
      turns: 39_119,
      unfinished: 0,
      blockedMinutes: 1480.5,
      delayMinutes: { mean: 0.8, p95: 1.2, most: 176.4 },
      switches: 212,
      cutOff: 230,
      paidPoints: 0,
      usedPoints: 42_860.1,
    },
  ],
};

export const ADOPTION: PlanJson = {
  schema: 1,
  action: "plan",
  ready: true,
  root: "/home/me",
  slotMove: { slot: "/home/me/.claude", home: "/home/me/.claude-work" },
  open: [],
  pairs: [
    {
      pair: {
        label: "work",
        home: "/home/me/.claude-work",
        link: "projects",
        kind: "directory",
        path: "/home/me/.claude-work/projects",
        target: "/home/me/.claude-projects-shared",
      },
      files: 120,
      directories: 14,
      bytes: 52_428_800,
      place: 120,
      present: 0,
      longer: 0,
      conflicts: 0,
      conflictPaths: [],
      left: 0,
      way: "link",
      copyBytes: 0,
    },
  ],
  problems: [],
};

export const DRILLS: { schema: 1; drills: readonly DrillReport[] } = {
  schema: 1,
  drills: [
    {
      version: "2.1.328",
      verdict: "relaunch",
      why: "hot: The rehearsal waited 45 s in vain: every client is up.",
      sessions: 3,
      at: "2026-11-21T08:21:12.373Z",
      tookMs: 61_000,
      phases: [
        {
          strategy: "hot",
          report: null,
          error: "The rehearsal waited 45 s in vain: every client is up.",
        },
      ],
    },
  ],
};

export const REPORT: RehearsalReport = {
  schema: 1,
  agent: "Claude Code 2.1.328",
  sessions: [
    {
      name: "ccl-1-api",
      sessionId,
      before: "compte1",
      after: "compte2",
      continuedMs: 111,
      transcripts: 1,
    },
  ],
  timings: [
    {
      session: "ccl-1-api",
      single: true,
      clientTellsMs: 4,
      daemonMs: 11,
      clientShowsMs: 8,
      clientGoesOnMs: 6,
      totalMs: 29,
    },
  ],
  checks: [{ claim: "sessions kept their uuid", ok: true, found: "ccl-1-api=6151b159" }],
  passed: true,
};

/** Every state there is; the compiler says when one is missing. */
export const ACCOUNT_STATES: Record<AccountState, true> = {
  active: true,
  standby: true,
  exhausted: true,
  quarantined: true,
  loggedOut: true,
  unknown: true,
};

export const SESSION_STATES: Record<SessionState, true> = {
  starting: true,
  working: true,
  idle: true,
  asking: true,
  limited: true,
  held: true,
  dead: true,
};

export const WHY: WhyJson = {
  schema: 1,
  subject: {
    kind: "decision",
    name: "3",
  },
  explanation: [
    "2026-11-21T08:21:09.630Z, decision 3: failover from work to home, because work reached its limit in session ccl-1-api (limitReached).",
    "It stood on the hook of session ccl-1-api at 2026-11-21T08:21:09.608Z: usageLimit of the unknown window, which resets at 2026-11-21T13:00:00.000Z, charged to work (hook:rate_limit+text): “You've hit your limit · resets 1pm (UTC)”.",
    "work could not take over: it is the active account already.",
    "home might have taken over: nothing stood in its way.",
  ],
  session: null,
  account: null,
  decisions: [
    {
      id: 3,
      slot: "shared",
      kind: "failover",
      code: "limitReached",
      text: "work reached its limit in session ccl-1-api",
      at: "2026-11-21T08:21:09.630Z",
      from: "work",
      to: "home",
      until: null,
      accounts: [
        {
          account: "work",
          limitations: [
            {
              code: "isActive",
              text: "it is the active account already",
            },
          ],
        },
        {
          account: "home",
          limitations: [],
        },
      ],
      evidence: [
        {
          id: "0b6f",
          channel: "hook",
          session: "ccl-1-api",
          sessionId: "6151b159-be8b-46b8-92ba-1889cbfdfe7a",
          account: "work",
          class: "usageLimit",
          window: "unknown",
          resetsAt: "2026-11-21T13:00:00.000Z",
          pattern: "hook:rate_limit+text",
          snippet: "You've hit your limit · resets 1pm (UTC)",
          requestedAt: "2026-11-21T08:21:09.587Z",
          observedAt: "2026-11-21T08:21:09.608Z",
        },
      ],
    },
  ],
  evidence: [
    {
      id: "0b6f",
      channel: "hook",
      session: "ccl-1-api",
      sessionId: "6151b159-be8b-46b8-92ba-1889cbfdfe7a",
      account: "work",
      class: "usageLimit",
      window: "unknown",
      resetsAt: "2026-11-21T13:00:00.000Z",
      pattern: "hook:rate_limit+text",
      snippet: "You've hit your limit · resets 1pm (UTC)",
      requestedAt: "2026-11-21T08:21:09.587Z",
      observedAt: "2026-11-21T08:21:09.608Z",
    },
  ],
  switchovers: [],
  events: [],
};
