import { describe, expect, it } from "vitest";
import { triggerData } from "../../../src/daemon/told.ts";
import type { SwitchoverResult } from "../../../src/switchover/model.ts";
import { configFrom } from "../../support/config-text.ts";
import { controllerRig, type ControllerRig } from "../../support/controller-rig.ts";
import { evidenceOf, HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const LIMIT = "You've hit your 5-hour limit · resets 2pm (UTC)";
const limit = { text: LIMIT };
const busy = { error: "server_error", text: "API Error: 529 Overloaded" };
const settle = async (rig: ControllerRig): Promise<void> => rig.pass(1, 1);

describe("a limit", () => {
  it("moves the fleet once, and every session that it cut off goes on", async () => {
    const rig = controllerRig();
    for (const name of ["a", "b"]) rig.work(name);
    rig.work("idle");
    rig.hook("idle", 1, { hook_event_name: "Stop" });
    rig.meet("a", limit);
    rig.meet("b", limit);
    await settle(rig);
    expect(rig.requests).toMatchObject([
      {
        cause: "failover",
        to: "two",
        sessions: [
          { name: "a", strategy: "hot", sessionId: "id-a" },
          { name: "b", strategy: "hot", sessionId: "id-b" },
        ],
        trigger: { class: "usageLimit", snippet: LIMIT },
      },
    ]);
    expect(rig.continued.toSorted()).toEqual(["a", "b"]);
    expect(rig.store.switchovers.latest()).toMatchObject({ outcome: "committed", to: "two" });
    expect(rig.faults).toEqual([]);
  });

  it("that comes while the switchover is under way begins no second one, and goes on after it", async () => {
    const rig = controllerRig();
    for (const name of ["a", "b"]) rig.work(name);
    const gate = Promise.withResolvers<void>();
    rig.onSwitch = async (request) => {
      await gate.promise;
      return rig.commit(request);
    };
    rig.meet("a", limit);
    rig.meet("b", limit);
    rig.controller.evaluate();
    await settle(rig);
    expect([rig.requests.length, rig.continued]).toEqual([1, []]);
    gate.resolve();
    await settle(rig);
    expect(rig.requests).toHaveLength(1);
    expect(rig.continued.toSorted()).toEqual(["a", "b"]);
  });

  it("of a request from before the flip only goes on, and is told in that switchover's history", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.work("late");
    await rig.pass(1_000);
    rig.meet("a", limit);
    await settle(rig);
    rig.meet("late", limit);
    await settle(rig);
    expect(rig.requests).toHaveLength(1);
    expect(rig.continued).toEqual(["a", "late"]);
    const sessions = rig.store.switchovers.latest()?.sessions.map(({ name }) => name);
    expect(sessions).toEqual(["a", "late"]);
  });

  it("in the cooldown waits for its end, and moves then", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    rig.work("b");
    rig.meet("b", limit);
    await settle(rig);
    expect(rig.store.decisions.latest()?.code).toBe("cooldown");
    await rig.pass(4 * MINUTE);
    expect(rig.requests).toHaveLength(1);
    await rig.pass(MINUTE + 3_000);
    expect(rig.requests.map(({ to }) => to)).toEqual(["two", "three"]);
  });

  it("of a session that the operator holds moves nothing and types nothing", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.fleet.change("a", { held: true });
    rig.meet("a", limit);
    rig.fleet.change("a", { cutOff: evidenceOf({ account: "two", session: "a" }) });
    rig.controller.evaluate();
    await rig.pass(10_000);
    expect([rig.requests, rig.continued]).toEqual([[], []]);
  });

  it("of another account only lets its session go on, each time", async () => {
    const rig = controllerRig();
    rig.work("a");
    for (const time of [1, 2]) {
      const cutOff = evidenceOf({ account: "two", session: "a", observedAt: rig.clock.now() });
      rig.fleet.change("a", { cutOff });
      rig.controller.evaluate();
      await rig.pass(1_000);
      expect(rig.continued).toHaveLength(time);
    }
    expect(rig.requests).toEqual([]);
  });

  it.each(["confirm", "notify"])("in mode %s is told, and moves nothing", async (mode) => {
    const accounts = "accounts: [{ name: one, home: ~/.one }, { name: two, home: ~/.two }]";
    const rig = controllerRig({ config: configFrom(`${accounts}\npolicy: { mode: ${mode} }`) });
    rig.work("a");
    rig.meet("a", limit);
    await rig.pass(10_000);
    expect(rig.requests).toEqual([]);
    expect(rig.store.decisions.list(10).map(({ kind }) => kind)).toContain("propose");
  });
});

describe("while paused", () => {
  it("nothing is moved and nothing is typed; what is due is done at the end of the pause", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.pause(true);
    rig.meet("a", limit);
    await rig.pass(10_000);
    expect([rig.requests, rig.continued]).toEqual([[], []]);
    expect(rig.store.decisions.latest()?.code).toBe("paused");
    rig.pause(false);
    await settle(rig);
    expect([rig.requests.length, rig.continued]).toEqual([1, ["a"]]);
  });

  it("a turn that waits for a busy server waits on, and goes on after the pause", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    rig.pause(true);
    await rig.pass(60_000);
    expect(rig.continued).toEqual([]);
    rig.pause(false);
    await settle(rig);
    expect(rig.continued).toEqual(["a"]);
  });
});

describe("a failover that is refused", () => {
  it("is asked of the next candidate at once", async () => {
    const rig = controllerRig();
    rig.onSwitch = async (request) => (request.to === "two" ? rig.refuse() : rig.commit(request));
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    expect(rig.requests.map(({ to }) => to)).toEqual(["two", "three"]);
    expect(rig.continued).toEqual(["a"]);
  });

  it("where nobody else may take over is asked for again later and later, never at once", async () => {
    const rig = controllerRig();
    rig.store.accounts.setExhausted("three", { until: NOW + HOUR, window: "fiveHour" });
    rig.onSwitch = rig.refuse;
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    expect(rig.requests).toHaveLength(1);
    for (let look = 0; look < 20; look += 1) rig.controller.evaluate();
    await settle(rig);
    expect(rig.requests).toHaveLength(1);
    await rig.pass(3_000);
    expect(rig.requests).toHaveLength(2);
    await rig.pass(3_000);
    expect(rig.requests).toHaveLength(2);
    rig.onSwitch = rig.commit;
    await rig.pass(3_000);
    expect(rig.requests).toHaveLength(3);
    expect(rig.continued).toEqual(["a"]);
  });

  it("by a fault is told, and asked for again as well", async () => {
    const rig = controllerRig();
    rig.onSwitch = async () => Promise.reject(new Error("disk full"));
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    expect(rig.faults).toEqual(["switchover: Error: disk full"]);
    rig.onSwitch = rig.commit;
    await rig.pass(5_000);
    expect(rig.requests).toHaveLength(2);
  });
});

describe("when every account is spent", () => {
  it("waits for the earliest reset, and goes on then under the account that it has", async () => {
    const rig = controllerRig();
    for (const [index, account] of ["two", "three"].entries())
      rig.store.accounts.setExhausted(account, {
        until: NOW + (3 + index) * HOUR,
        window: "fiveHour",
      });
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    expect(rig.store.decisions.latest()?.code).toBe("allExhausted");
    await rig.pass(2 * HOUR - MINUTE, MINUTE);
    expect([rig.requests, rig.continued]).toEqual([[], []]);
    await rig.pass(2 * MINUTE);
    expect([rig.requests, rig.continued]).toEqual([[], ["a"]]);
  });

  it("moves as soon as another one is free again", async () => {
    const rig = controllerRig();
    for (const account of ["two", "three"])
      rig.store.accounts.setExhausted(account, { until: NOW + HOUR, window: "fiveHour" });
    rig.work("a");
    rig.meet("a", limit);
    await rig.pass(HOUR + MINUTE, 30_000);
    expect([rig.requests.map(({ to }) => to), rig.continued]).toEqual([["two"], ["a"]]);
  });
});

describe("the controller", () => {
  it("stores each decision once, until it changes", async () => {
    const rig = controllerRig();
    for (let look = 0; look < 5; look += 1) rig.controller.evaluate();
    expect(rig.store.decisions.list(10)).toHaveLength(1);
    expect(rig.events("decision")).toBe(1);
    rig.pause(true);
    rig.pause(false);
    expect(rig.store.decisions.list(10).map(({ code }) => code)).toEqual([
      "healthy",
      "paused",
      "healthy",
    ]);
  });

  it("is settled when all that it was asked for has ended, also when a second one was refused", async () => {
    const rig = controllerRig();
    const gate = Promise.withResolvers<SwitchoverResult>();
    const answers = [gate.promise, rig.refuse()];
    rig.onSwitch = async () => answers.shift() ?? rig.refuse();
    const request = {
      slot: "shared",
      cause: "switchover",
      to: "two",
      trigger: null,
      sessions: [],
    } as const;
    const first = rig.controller.switchTo(request);
    expect(await rig.controller.switchTo(request)).toMatchObject({ kind: "refused" });
    let isSettled = false;
    const settled = rig.controller.settled().then(() => (isSettled = true));
    await settle(rig);
    expect(isSettled).toBe(false);
    gate.resolve(await rig.refuse());
    await settled;
    expect(await first).toMatchObject({ kind: "refused" });
  });

  it("does nothing any more when the daemon stops", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.stop.abort();
    rig.meet("a", limit);
    await rig.pass(30_000);
    expect([rig.requests, rig.continued, rig.faults]).toEqual([[], [], []]);
  });

  it("tells a fault of a decision that a timer wanted, and lives on", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    const list = rig.store.accounts.list.bind(rig.store.accounts);
    Object.assign(rig.store.accounts, {
      list: () => {
        throw new Error("busy database");
      },
    });
    await rig.pass(21_000);
    expect(rig.faults).toContain("decide: Error: busy database");
    Object.assign(rig.store.accounts, { list });
    rig.controller.evaluate();
    expect(rig.store.decisions.latest()).not.toBeNull();
  });
});

describe("the trigger in the history", () => {
  it("holds at most 200 characters of the client's words, and that account's evidence alone", () => {
    const trigger = evidenceOf({ refusal: { text: "x".repeat(300) } });
    const other = evidenceOf({ account: "two", session: "ccl-2" });
    const told = triggerData(trigger, [trigger, other]) as { snippet: string; evidence: unknown[] };
    expect(told.snippet).toHaveLength(200);
    expect(told.evidence).toMatchObject([
      {
        session: "ccl-1",
        channel: "row",
        window: "fiveHour",
        resetsAt: "2026-11-20T14:00:00.000Z",
        requestedAt: "2026-11-20T11:59:58.000Z",
        observedAt: "2026-11-20T11:59:59.000Z",
      },
    ]);
  });
});
