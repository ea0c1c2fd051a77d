import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Evidence } from "../../../src/policy/model.ts";
import type { SessionRow } from "../../../src/store/sessions.ts";
import { openStore, openStoreForReading, type Store } from "../../../src/store/store.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { newSwitchover } from "../../support/switchover-samples.ts";
import { tempDir } from "../../support/temp-dir.ts";

function freshStore(path = join(tempDir(), "state.sqlite")): Store {
  const store = openStore(path, manualClock(500));
  onTestFinished(() => store.close());
  return store;
}

const session: SessionRow = {
  name: "ccl-1",
  kind: "dedicated",
  sessionId: "id-1",
  cwd: "/src",
  slot: "shared",
  account: "one",
  paneId: "%4",
  pid: 12,
  clientVersion: "2.1.328",
  model: "claude-opus-5-5",
  state: "working",
  strategy: "hot",
  transcriptPath: "/p/id-1.jsonl",
  startedAt: 1,
  since: 2,
  held: false,
};

const evidence: Evidence = {
  id: "e1",
  channel: "hook",
  session: "ccl-1",
  sessionId: "id-1",
  promptId: "p1",
  account: "one",
  refusal: {
    class: "usageLimit",
    window: "fiveHour",
    resetsAt: 9,
    pattern: "hook:rate_limit",
    text: "You've hit your limit",
  },
  requestedAt: 3,
  observedAt: 4,
};

describe("the store", () => {
  it("keeps everything over a restart", () => {
    const path = join(tempDir(), "state.sqlite");
    const first = openStore(path, manualClock());
    first.meta.set("paused", "yes");
    first.sessions.put(session);
    first.evidence.add(evidence);
    first.periods.begin("one", 1);
    first.switchovers.insert(newSwitchover);
    first.close();
    const second = freshStore(path);
    expect(second.meta.get("paused")).toBe("yes");
    expect(second.sessions.list()).toEqual([session]);
    expect(second.evidence.get("e1")).toEqual(evidence);
    expect(second.periods.active()).toEqual({ account: "one", fromAt: 1, toAt: null });
    expect(second.switchovers.open()).toMatchObject({ ...newSwitchover, id: 1, stage: "planned" });
    const third = openStoreForReading(path, manualClock());
    expect(third?.sessions.get("ccl-1")).toEqual(session);
    third?.close();
  });

  it("does all of a transaction or nothing, also nested", () => {
    const store = freshStore();
    expect(() =>
      store.transaction(() => {
        store.meta.set("a", "1");
        store.transaction(() => store.periods.begin("one", 1));
        throw new Error("changed my mind");
      }),
    ).toThrow("changed my mind");
    expect(store.meta.get("a")).toBeNull();
    expect(store.periods.list()).toEqual([]);
  });

  it("sets, overwrites and deletes single values", () => {
    const { meta } = freshStore();
    expect(meta.get("a")).toBeNull();
    meta.set("a", "1");
    meta.set("a", "2");
    expect(meta.get("a")).toBe("2");
    meta.delete("a");
    expect(meta.get("a")).toBeNull();
  });
});

describe("accounts", () => {
  it("are made by the first thing that is known of them", () => {
    const { accounts } = freshStore();
    accounts.setExhausted("one", { until: 9, window: "weekly" });
    const window = {
      account: "two",
      window: "fiveHour",
      usedPercent: 12.5,
      resetsAt: 7,
      exhaustedUntil: null,
      observedAt: 3,
    } as const;
    accounts.putWindow(window);
    accounts.setQuarantine("two", { code: "auth", text: "logged out", at: 4 });
    const identity = { loggedIn: true, email: "a@b.c", orgId: "o", subscription: "max", at: 5 };
    accounts.putReading({
      account: "two",
      window: "weekly",
      usedPercent: 4,
      resetsAt: 9,
      readAt: 5,
    });
    accounts.setIdentity("two", identity);
    const read = { usedPercent: 4, resetsAt: 9, observedAt: 0, readAt: 5 };
    const weekly = { ...window, ...read, window: "weekly" };
    const blank = {
      exhaustedUntil: null,
      exhaustedWindow: null,
      quarantine: null,
      identity: null,
      windows: [],
    };
    expect(accounts.list()).toEqual([
      { ...blank, name: "one", exhaustedUntil: 9, exhaustedWindow: "weekly" },
      {
        ...blank,
        name: "two",
        quarantine: { code: "auth", text: "logged out", at: 4 },
        identity,
        windows: [{ ...window, readAt: null }, weekly],
      },
    ]);
    expect(accounts.get("two")?.windows).toEqual([{ ...window, readAt: null }, weekly]);
    expect(accounts.get("three")).toBeNull();
  });

  it("forget what is cleared", () => {
    const { accounts } = freshStore();
    accounts.setExhausted("one", { until: 9, window: "weekly" });
    accounts.setExhausted("one", { until: null, window: "weekly" });
    accounts.setQuarantine("one", { code: "auth", text: "", at: 4 });
    accounts.setQuarantine("one", null);
    expect(accounts.get("one")).toMatchObject({ exhaustedWindow: null, quarantine: null });
    const window = { window: "weekly", usedPercent: 1, resetsAt: 1, exhaustedUntil: 1 } as const;
    accounts.putWindow({ ...window, account: "one", observedAt: 1 });
    accounts.putWindow({ ...window, account: "one", observedAt: 2, usedPercent: 2 });
    expect(accounts.get("one")?.windows).toMatchObject([{ usedPercent: 2, observedAt: 2 }]);
  });
});

describe("account periods", () => {
  it("say which account was active when", () => {
    const { periods } = freshStore();
    expect(periods.active()).toBeNull();
    periods.begin("one", 100);
    periods.begin("one", 150);
    periods.begin("two", 200);
    expect(periods.accountAt(99)).toBeNull();
    expect(periods.accountAt(100)).toBe("one");
    expect(periods.accountAt(199)).toBe("one");
    expect(periods.accountAt(200)).toBe("two");
    expect(periods.accountAt(1e15)).toBe("two");
    expect(periods.list()).toHaveLength(2);
  });

  it("charge the time of an undone flip to the account that was in the slot", () => {
    const { periods } = freshStore();
    periods.begin("one", 100);
    periods.excursion("two", 200, 250);
    expect([199, 200, 249, 250].map((at) => periods.accountAt(at))).toEqual([
      "one",
      "two",
      "two",
      "one",
    ]);
    expect(periods.active()).toEqual({ account: "one", fromAt: 250, toAt: null });
  });

  it("stand a clock that was set back", () => {
    const { periods } = freshStore();
    periods.begin("one", 1_000);
    periods.begin("two", 400);
    periods.excursion("one", 300, 200);
    expect(periods.active()?.account).toBe("two");
    for (const { fromAt, toAt } of periods.list())
      expect(toAt ?? fromAt).toBeGreaterThanOrEqual(fromAt);
    expect(periods.accountAt(5_000)).toBe("two");
  });
});

describe("sessions", () => {
  it("are found by name and listed", () => {
    const { sessions } = freshStore();
    sessions.put(session);
    sessions.put({ ...session, name: "ccl-2", sessionId: null, paneId: null, held: true });
    expect(sessions.get("ccl-1")).toEqual(session);
    expect(sessions.list().map(({ held }) => held)).toEqual([false, true]);
    expect(sessions.remove("ccl-1")).toBe(true);
    expect(sessions.remove("ccl-1")).toBe(false);
  });

  it("change field by field, and move `since` only with the state", () => {
    const { sessions } = freshStore();
    sessions.put(session);
    expect(sessions.update("ccl-1", { pid: null, held: true })).toMatchObject({
      pid: null,
      held: true,
      cwd: "/src",
    });
    expect(sessions.setState("ccl-1", "working", 50)?.since).toBe(2);
    expect(sessions.setState("ccl-1", "limited", 60)).toMatchObject({
      state: "limited",
      since: 60,
    });
    expect(sessions.get("ccl-1")?.since).toBe(60);
    expect(sessions.update("none", { pid: 1 })).toBeNull();
    expect(sessions.setState("none", "idle", 1)).toBeNull();
  });

  it("remember which ids they had", () => {
    const { sessionIds } = freshStore();
    const row = { sessionId: "id-1", name: "ccl-1", fromAt: 1, source: "chosen" };
    expect(sessionIds.add(row)).toBe(true);
    expect(sessionIds.add({ ...row, fromAt: 9, source: "resume" })).toBe(false);
    sessionIds.add({ ...row, sessionId: "id-2", fromAt: 5, source: "clear" });
    sessionIds.add({ ...row, name: "ccl-2", fromAt: 7, source: "resume" });
    expect(sessionIds.of("ccl-1").map(({ sessionId }) => sessionId)).toEqual(["id-1", "id-2"]);
    expect(sessionIds.nameOf("id-1")).toBe("ccl-2");
    expect(sessionIds.nameOf("id-9")).toBeNull();
  });
});

describe("evidence", () => {
  it("is kept once per channel, prompt and account", () => {
    const { evidence: table } = freshStore();
    expect(table.add(evidence)).toBe(true);
    expect(table.add({ ...evidence, id: "e2" })).toBe(false);
    expect(table.add({ ...evidence, id: "e3", channel: "row" })).toBe(true);
    expect(table.add({ ...evidence, id: "e4", account: "two" })).toBe(true);
    expect(table.add({ ...evidence, id: "e5", promptId: null })).toBe(true);
    expect(table.add({ ...evidence, id: "e6", promptId: null, observedAt: 9 })).toBe(true);
    expect(table.get("e2")).toBeNull();
    expect(table.ofAccount("one", 0).map(({ id }) => id)).toEqual(["e1", "e3", "e5", "e6"]);
    expect(table.since(5).map(({ id }) => id)).toEqual(["e6"]);
  });
});

describe("decisions and events", () => {
  it("keep every decision with its reason, newest first", () => {
    const { decisions } = freshStore();
    expect(decisions.latest()).toBeNull();
    const reason = { kind: "stay", code: "healthy", text: "all is well" };
    const decision = { at: 1, slot: "shared", ...reason, detail: null };
    expect(decisions.add(decision)).toBe(1);
    decisions.add({ ...decision, at: 2, detail: { accounts: ["one"] } });
    expect(decisions.latest()).toEqual({
      ...decision,
      id: 2,
      at: 2,
      detail: { accounts: ["one"] },
    });
    decisions.add({ ...decision, at: 3 });
    expect(decisions.list(2).map(({ id }) => id)).toEqual([3, 2]);
  });

  it("number events without a gap and never twice", () => {
    const store = freshStore();
    const { events } = store;
    expect(events.lastSeq()).toBe(0);
    expect(store.emit("session.limited", { session: "ccl-1" })).toEqual({
      seq: 1,
      at: 500,
      type: "session.limited",
      data: { session: "ccl-1" },
    });
    for (let seq = 2; seq <= 5; seq += 1) store.emit("x", null);
    expect(events.since(3, 10).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(events.since(0, 2).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(events.latest(2).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(events.lastSeq()).toBe(5);
  });
});

describe("switchovers", () => {
  it("are open one at a time, also from two processes", () => {
    const path = join(tempDir(), "state.sqlite");
    const [one, two] = [freshStore(path), freshStore(path)];
    expect(one.switchovers.insert(newSwitchover)).toBe(1);
    expect(two.switchovers.insert(newSwitchover)).toBeNull();
    expect(two.switchovers.open()?.id).toBe(1);
    one.switchovers.end(1, "rolledBack", 20);
    expect(two.switchovers.insert(newSwitchover)).toBe(2);
    expect(two.switchovers.list(9).map(({ id }) => id)).toEqual([2, 1]);
    expect(two.switchovers.latest()?.id).toBe(2);
  });

  it("take what is told late of a session of which nothing was, and no other", () => {
    const { switchovers } = freshStore();
    const id = switchovers.insert(newSwitchover) ?? 0;
    const rest = { strategy: "hot", sessionId: null, continuedMs: null, proof: null } as const;
    const { slotName, from } = newSwitchover;
    for (const outcome of ["pending", "unproven"]) {
      switchovers.putSession(id, { ...rest, name: outcome, outcome });
      switchovers.addLateSession({ slotName, from }, { ...rest, name: outcome, outcome: "late" });
    }
    expect(switchovers.get(id)?.sessions.map((each) => each.outcome)).toEqual(["pending", "late"]);
  });

  it("keep their steps and sessions", () => {
    const { switchovers } = freshStore();
    const id = switchovers.insert(newSwitchover) ?? 0;
    const flip = switchovers.beginStep(id, "flip", 11);
    switchovers.endStep(flip, { outcome: "done", endedAt: 12, detail: { mtimeMs: 3 } });
    switchovers.beginStep(id, "verify", 13);
    switchovers.interruptSteps(id, 14);
    const pending = {
      name: "ccl-1",
      strategy: "hot",
      sessionId: "id-1",
      outcome: "pending",
      continuedMs: null,
      proof: null,
    } as const;
    switchovers.putSession(id, pending);
    switchovers.putSession(id, { ...pending, outcome: "continued", continuedMs: 80, proof: "p2" });
    switchovers.setStage(id, "held");
    switchovers.setOutcome(id, "held");
    expect(switchovers.stage(id)).toBe("held");
    expect(switchovers.get(id)).toEqual({
      ...newSwitchover,
      id,
      stage: "held",
      outcome: "held",
      endedAt: null,
      steps: [
        { step: "flip", startedAt: 11, endedAt: 12, outcome: "done", detail: { mtimeMs: 3 } },
        { step: "verify", startedAt: 13, endedAt: 14, outcome: "interrupted", detail: null },
      ],
      sessions: [{ ...pending, outcome: "continued", continuedMs: 80, proof: "p2" }],
    });
    expect(switchovers.get(99)).toBeNull();
    expect(switchovers.stage(99)).toBeNull();
  });
});

describe("usage", () => {
  it("keeps readings in order of time, and what does not change once a minute", () => {
    const { usage } = freshStore();
    const row = { account: "one", window: "fiveHour", usedPercent: 4, resetsAt: 900_000 } as const;
    expect(usage.add({ ...row, at: 100_000 })).toBe(true);
    expect(usage.add({ ...row, at: 100_000 })).toBe(false);
    expect(usage.add({ ...row, at: 159_999 })).toBe(false);
    expect(usage.add({ ...row, at: 159_999, resetsAt: null })).toBe(true);
    expect(usage.add({ ...row, at: 159_999, window: "weekly" })).toBe(true);
    expect(usage.add({ ...row, at: 159_999, account: "two" })).toBe(true);
    expect(usage.add({ ...row, at: 170_000, usedPercent: 5 })).toBe(true);
    expect(usage.add({ ...row, at: 231_000, usedPercent: 5 })).toBe(true);
    // An old answer that comes late has its place in time.
    expect(usage.add({ ...row, at: 50_000, usedPercent: 3 })).toBe(true);
    expect(usage.recent("one", 100_000).map(({ at, window }) => [at, window])).toEqual([
      [100_000, "fiveHour"],
      [159_999, "fiveHour"],
      [159_999, "weekly"],
      [170_000, "fiveHour"],
      [231_000, "fiveHour"],
    ]);
    expect(usage.recent("nobody", 0)).toEqual([]);
  });
});
