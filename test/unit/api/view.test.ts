import { describe, expect, it } from "vitest";
import {
  eventJson,
  historyJson,
  statusJson,
  switchoverJson,
  type SlotSeen,
  type StatusInput,
} from "../../../src/api/view.ts";
import { rfc3339 } from "../../../src/policy/rfc3339.ts";
import type { AccountView, LimitWindow } from "../../../src/policy/model.ts";
import { FRESHLY_KEPT } from "../../../src/policy/keep.ts";
import type { CareRow } from "../../../src/store/session-care.ts";
import type { AccountRow } from "../../../src/store/accounts.ts";
import type { SessionRow } from "../../../src/store/sessions.ts";
import { configFrom } from "../../support/config-text.ts";
import { accountNamed, evidenceOf, HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";
import { entryAt } from "../../support/switchover-samples.ts";

const AT = "2026-11-20T12:00:00.000Z";
const RESET = "2026-11-20T14:00:00.000Z";

const SHARED: SlotSeen = {
  name: "shared",
  path: "/home/op/.claude",
  active: "one",
  pinned: null,
  proposal: null,
  decision: null,
};

const input: StatusInput = {
  daemon: { running: true, pid: 7, version: "1.2.3", paused: false, startedAt: AT },
  client: { version: "2.1.328", verdict: "hot", why: null, drilledAt: NOW },
  slots: [SHARED],
  held: null,
  config: configFrom("accounts: [{ name: one, home: ~/.one }, { name: two, home: ~/.two }]"),
  accounts: [],
  sessions: [],
  last: null,
  jitterMs: 0,
  now: NOW,
};

const SESSION: SessionRow = {
  name: "ccl-1",
  kind: "dedicated",
  sessionId: "id-1",
  cwd: "/p",
  slot: "shared",
  account: "one",
  paneId: "%1",
  pid: 100,
  clientVersion: "2.1.328",
  model: "claude-opus-5-5",
  state: "working",
  strategy: "hot",
  transcriptPath: "/t",
  startedAt: NOW,
  since: NOW,
  held: false,
};

const UNTOLD = {
  draining: false,
  permissionMode: null,
  asks: null,
  doubt: null,
  notStarted: null,
};

function accountRow(changes: Partial<AccountRow> = {}): AccountRow {
  return {
    name: "two",
    exhaustedUntil: null,
    exhaustedWindow: null,
    quarantine: null,
    identity: null,
    windows: [],
    ...changes,
  };
}

describe("the state of an account", () => {
  it.each<readonly [string, Partial<AccountView>, string]>([
    ["active", { name: "one" }, "active"],
    ["another one", {}, "standby"],
    ["spent", { exhaustedUntil: NOW + 1 }, "exhausted"],
    ["spent and active", { name: "one", exhaustedUntil: NOW + 1 }, "exhausted"],
    ["spent until now", { exhaustedUntil: NOW }, "standby"],
    ["without login and spent", { loggedIn: false, exhaustedUntil: NOW + 1 }, "loggedOut"],
    ["quarantined and without login", { loggedIn: false, quarantined: "dead" }, "quarantined"],
  ])("%s is %s", (_title, changes, state) => {
    const accounts = [
      { view: accountNamed("two", changes), row: undefined, usage: [], evidence: [] },
    ];
    expect(statusJson({ ...input, accounts }).accounts[0]?.state).toBe(state);
  });
});

describe("the answer of status", () => {
  it("has every key, also when nothing is known", () => {
    expect(statusJson(input)).toEqual({
      schema: 1,
      daemon: input.daemon,
      client: { version: "2.1.328", verdict: "hot", why: null, drilledAt: rfc3339(NOW) },
      activeAccount: "one",
      slots: [
        {
          name: "shared",
          path: "/home/op/.claude",
          account: "one",
          sessions: [],
          pinned: null,
          proposal: null,
          decision: null,
        },
      ],
      held: null,
      pinned: null,
      proposal: null,
      accounts: [],
      sessions: [],
      decision: null,
      lastSwitchover: null,
    });
  });

  it("tells of an account its state, what stands against it, its windows and whose it is", () => {
    const windows = [{ window: "fiveHour", usedPercent: 93, resetsAt: NOW + 2 * HOUR }] as const;
    const view = accountNamed("two", { exhaustedUntil: NOW + 2 * HOUR, windows });
    const identity = {
      loggedIn: true,
      email: "op@example.org",
      orgId: "org-1",
      subscription: "max",
      at: NOW,
    };
    const row = accountRow({ identity });
    expect(
      statusJson({ ...input, accounts: [{ view, row, usage: [], evidence: [] }] }).accounts,
    ).toEqual([
      {
        name: "two",
        home: "/home/op/.two",
        state: "exhausted",
        slots: [],
        limitations: [{ code: "exhausted", text: `it is exhausted until ${RESET}` }],
        windows: [{ window: "fiveHour", usedPercent: 93, resetsAt: RESET, forecast: null }],
        exhaustedUntil: RESET,
        identity: { email: "op@example.org", subscription: "max" },
        conflicts: [],
      },
    ]);
  });

  it("tells nothing of a window that was reset since it was read", () => {
    const windows = [{ window: "fiveHour", usedPercent: 100, resetsAt: NOW }] as const;
    const view = accountNamed("two", { windows });
    const accounts = [{ view, row: undefined, usage: [], evidence: [] }];
    expect(statusJson({ ...input, accounts }).accounts[0]?.windows).toEqual([
      { window: "fiveHour", usedPercent: null, resetsAt: null, forecast: null },
    ]);
  });

  it("tells of a slot of its own where it leads, who uses it and what was decided about it", () => {
    const own = { ...SHARED, name: "api", path: "/s/slots/api", active: "two" };
    const decision = { code: "healthy", text: "nothing", at: NOW };
    const row = { ...SESSION, slot: "api", account: "two" };
    const care = { name: "ccl-1", args: null, ...FRESHLY_KEPT, ...UNTOLD };
    const told = statusJson({
      ...input,
      slots: [SHARED, { ...own, pinned: "two", decision }],
      accounts: [{ view: accountNamed("two"), row: undefined, usage: [], evidence: [] }],
      sessions: [{ row, care, task: null, nextAccount: "two" }],
    });
    expect([told.activeAccount, told.pinned, told.decision]).toEqual(["one", null, null]);
    expect(told.slots[1]).toEqual({
      name: "api",
      path: "/s/slots/api",
      account: "two",
      sessions: ["ccl-1"],
      pinned: "two",
      proposal: null,
      decision: { ...decision, at: AT },
    });
    expect([told.sessions[0]?.slot, told.accounts[0]?.slots]).toEqual(["api", ["api"]]);
  });

  it("forecasts each window from its own readings", () => {
    const reading = (window: LimitWindow, minutesAgo: number, usedPercent: number) => {
      const at = NOW - minutesAgo * MINUTE;
      return { account: "two", window, at, usedPercent, resetsAt: NOW + 4 * HOUR };
    };
    const usage = [60, 40, 20, 0].flatMap((ago) => [
      reading("fiveHour", ago, 62 - ago / 3),
      reading("weekly", ago, 5),
    ]);
    const windows = (["fiveHour", "weekly"] as const).map((window) => ({
      window,
      usedPercent: 62,
      resetsAt: NOW + 4 * HOUR,
    }));
    const view = accountNamed("two", { windows });
    const [account] = statusJson({
      ...input,
      accounts: [{ view, row: undefined, usage, evidence: [] }],
    }).accounts;
    expect(account?.windows.map(({ forecast }) => forecast)).toEqual([
      { percentPerHour: 20, limitAt: "2026-11-20T13:54:00.000Z" },
      null,
    ]);
  });

  it("tells where an account's signals differ while what they are about counts as spent", () => {
    const refusal = { window: "weekly", resetsAt: NOW + 2 * HOUR } as const;
    const evidence = [
      evidenceOf({ id: "e-1", observedAt: NOW - HOUR, promptId: "p", refusal }),
      evidenceOf({ id: "e-2", observedAt: NOW - HOUR, promptId: "p", channel: "hook" }),
    ];
    const told = (exhaustedUntil: number | null) => {
      const windows = [{ ...refusal, usedPercent: null, exhaustedUntil }];
      const view = accountNamed("two", { windows });
      const accounts = [{ view, row: undefined, usage: [], evidence }];
      return statusJson({ ...input, accounts }).accounts[0]?.conflicts;
    };
    expect(told(NOW + HOUR)).toEqual([
      expect.stringMatching(/row says weekly, the hook says five/),
    ]);
    expect(told(NOW)).toEqual([]);
    expect(told(null)).toEqual([]);
  });

  it("tells no reset that has passed, and knows accounts that were never seen", () => {
    const view = accountNamed("two", { exhaustedUntil: NOW });
    const [account] = statusJson({
      ...input,
      accounts: [{ view, row: undefined, usage: [], evidence: [] }],
    }).accounts;
    expect(account).toMatchObject({ exhaustedUntil: null, identity: null, limitations: [] });
  });

  it.each([
    ["a session that runs is on", {}, ["modelSpent"]],
    ["only a held session is on", { held: true }, []],
    ["only a session that ended was on", { state: "dead" }, []],
  ] as const)("tells that the own allowance of a model that %s is spent", (_who, row, codes) => {
    const spent = { usedPercent: null, resetsAt: NOW + HOUR, exhaustedUntil: NOW + HOUR };
    const view = accountNamed("two", { windows: [{ window: "model:opus", ...spent }] });
    const care = { name: "ccl-1", args: null, ...FRESHLY_KEPT, ...UNTOLD };
    const [account] = statusJson({
      ...input,
      accounts: [{ view, row: undefined, usage: [], evidence: [] }],
      sessions: [{ row: { ...SESSION, ...row }, care, task: null, nextAccount: null }],
    }).accounts;
    expect(account?.limitations.map(({ code }) => code)).toEqual(codes);
  });

  it("tells of a session what the registry knows, without its paths of the client", () => {
    const row = SESSION;
    const care = { name: "ccl-1", args: null, ...FRESHLY_KEPT, ...UNTOLD };
    const sessions = [{ row, care, task: 7, nextAccount: "two" }];
    expect(statusJson({ ...input, sessions }).sessions).toEqual([
      {
        name: "ccl-1",
        kind: "dedicated",
        state: "working",
        slot: "shared",
        account: "one",
        nextAccount: "two",
        sessionId: "id-1",
        cwd: "/p",
        pid: 100,
        claudeVersion: "2.1.328",
        model: "claude-opus-5-5",
        strategy: "hot",
        since: AT,
        permissionMode: null,
        pane: "%1",
        draining: false,
        task: 7,
        note: null,
      },
    ]);
  });

  it.each<readonly [string, Partial<CareRow>, Partial<SessionRow>, string | null]>([
    ["nothing", {}, {}, null],
    ["what it asks", { asks: "a question" }, { state: "asking" }, "asking"],
    ["no question that was answered", { asks: "a question" }, {}, null],
    ["that it waits before its next start", { restartAt: NOW + 1 }, { state: "dead" }, "backOff"],
    ["no wait that is over", { restartAt: NOW }, { state: "dead" }, null],
    ["a crash loop", { stoppedAt: NOW }, { state: "dead" }, "crashLoop"],
    ["that it was ended", { endedAt: NOW }, { state: "dead" }, "ended"],
    ["why it was not started", { notStarted: "no folder" }, { state: "dead" }, "notStarted"],
    ["first of all that it is in doubt", { doubt: "two", endedAt: NOW }, {}, "ambiguous"],
  ])("tells of a session %s", (_what, told, changes, code) => {
    const care = { name: "ccl-1", args: null, ...FRESHLY_KEPT, ...UNTOLD, ...told };
    const row = { ...SESSION, ...changes };
    const seen = { row, care, task: null, nextAccount: null };
    const [session] = statusJson({ ...input, sessions: [seen] }).sessions;
    expect(session?.note?.code ?? null).toBe(code);
  });

  it("tells the last decision and what is held", () => {
    const held = { code: "CF_SWITCHOVER_HELD", message: "m", hint: "h" } as const;
    const told = statusJson({
      ...input,
      held: { ...held, since: NOW, switchoverId: 3 },
      slots: [{ ...SHARED, decision: { code: "healthy", text: "nothing", at: NOW } }],
    });
    expect(told.held).toEqual({ ...held, since: AT });
    expect(told.decision).toEqual({ code: "healthy", text: "nothing", at: AT });
  });
});

describe("a switchover as JSON", () => {
  const step = { step: "flip", startedAt: NOW, outcome: null, detail: { mtimeMs: 1 } };

  it("has its times as RFC 3339, and null for what has not ended", () => {
    const entry = entryAt("flipped", { startedAt: NOW, steps: [{ ...step, endedAt: null }] });
    expect(switchoverJson(entry)).toEqual({
      id: 7,
      cause: "failover",
      slot: "shared",
      from: "one",
      to: "two",
      startedAt: AT,
      endedAt: null,
      outcome: null,
      trigger: null,
      steps: [{ ...step, startedAt: AT, endedAt: null }],
      sessions: [],
    });
  });

  it("is one entry of the history", () => {
    const entry = entryAt("committed", {
      startedAt: NOW,
      endedAt: NOW + 2 * HOUR,
      outcome: "committed",
      steps: [{ ...step, endedAt: NOW, outcome: "done" }],
    });
    expect(historyJson([entry])).toMatchObject({
      schema: 1,
      entries: [{ endedAt: RESET, outcome: "committed", steps: [{ endedAt: AT }] }],
    });
    expect(historyJson([])).toEqual({ schema: 1, entries: [] });
  });
});

it("an event as JSON has its number, its time, its type and its data", () => {
  const event = { seq: 3, at: NOW, type: "decision", data: { code: "healthy" } };
  expect(eventJson(event)).toEqual({ ...event, at: AT });
});
