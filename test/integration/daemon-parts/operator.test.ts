import { describe, expect, it } from "vitest";
import { Controller } from "../../../src/daemon/controller.ts";
import { pinnedTo } from "../../../src/daemon/pin.ts";
import { release } from "../../../src/daemon/quarantine.ts";
import { readProposal } from "../../../src/store/proposal.ts";
import { configFrom } from "../../support/config-text.ts";
import { controllerRig, type ControllerRig } from "../../support/controller-rig.ts";
import { SESSION_ID, turnEnded } from "../../support/fleet-rig.ts";
import { HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const LIMIT = { text: "You've hit your 5-hour limit · resets 2pm (UTC)" };
const DEAD = { error: "authentication_failed", text: "Please run /login" };

function rigWith(policy: string): ControllerRig {
  const accounts = ["one", "two", "three"].map((name) => `{ name: ${name}, home: ~/.${name} }`);
  const text = `accounts: [${accounts.join(", ")}]\npolicy: { candidate: priority, ${policy} }\n`;
  return controllerRig({ config: configFrom(text) });
}

const settle = async (rig: ControllerRig): Promise<void> => rig.pass(1, 1);
const code = ({ store }: ControllerRig): string | undefined => store.decisions.latest()?.code;

describe("mode confirm", () => {
  const asked = async (): Promise<ControllerRig> => {
    const rig = rigWith("mode: confirm, confirmTimeout: 10m");
    rig.work("a");
    rig.meet("a", LIMIT);
    await settle(rig);
    return rig;
  };

  it("asks once, and moves and continues on a yes", async () => {
    const rig = await asked();
    rig.controller.evaluate();
    expect(rig.requests).toEqual([]);
    expect(rig.events("proposal.made")).toBe(1);
    expect(readProposal(rig.store)).toMatchObject({ from: "one", to: "two", cause: "failover" });
    expect(await rig.controller.confirm()).toMatchObject({ kind: "committed" });
    expect(rig.requests).toMatchObject([
      { cause: "failover", to: "two", trigger: { session: "a" } },
    ]);
    expect(rig.continued).toEqual(["a"]);
    expect(readProposal(rig.store)).toBeNull();
    expect(await rig.controller.confirm()).toBeNull();
  });

  it("asks no more after a no, until another reason comes", async () => {
    const rig = await asked();
    expect(rig.controller.decline()).toMatchObject({ to: "two" });
    await rig.pass(MINUTE);
    expect([code(rig), rig.events("proposal.made"), rig.requests]).toEqual(["declined", 1, []]);
    rig.hook("a", MINUTE + 10, turnEnded);
    rig.controller.evaluate();
    await rig.pass(MINUTE);
    // The turn went on, and the account still is exhausted: the same reason.
    expect([code(rig), rig.events("proposal.made")]).toEqual(["declined", 1]);
    await rig.pass(3 * HOUR, 10_000);
    // As the slow look does all the time.
    rig.controller.evaluate();
    rig.work("a");
    rig.meet("a", { text: "You've hit your 5-hour limit · resets 8pm (UTC)" });
    await settle(rig);
    expect(rig.events("proposal.made")).toBe(2);
  });

  it("does nothing when nobody answers in time, also across a restart", async () => {
    const rig = await asked();
    const until = readProposal(rig.store)?.until;
    expect(until).toBe(NOW + 10 * MINUTE);
    await rig.pass(5 * MINUTE);
    const again = new Controller(rig.controllerDeps);
    again.evaluate();
    expect(readProposal(rig.store)?.until).toBe(until);
    await rig.pass(5 * MINUTE + 1_000);
    again.evaluate();
    expect([code(rig), readProposal(rig.store), rig.requests]).toEqual(["declined", null, []]);
    expect(rig.events("proposal.expired")).toBe(1);
  });
});

describe("an account that is refused", () => {
  it("is quarantined and left, and its turn goes on; a second one soon after holds everything", async () => {
    const rig = rigWith("cooldown: 0s");
    rig.work("a");
    rig.meet("a", DEAD);
    await settle(rig);
    expect(rig.store.accounts.get("one")?.quarantine).toMatchObject({ code: "auth" });
    expect(rig.requests).toMatchObject([{ to: "two", trigger: { class: "auth" } }]);
    expect(rig.continued).toEqual(["a"]);
    await rig.pass(MINUTE);
    rig.work("a");
    rig.meet("a", DEAD);
    await rig.pass(MINUTE);
    expect([code(rig), rig.requests.length]).toEqual(["authHold", 1]);
    release(rig.store, "two", "seen to");
    rig.controller.released("two");
    await settle(rig);
    expect(rig.continued).toEqual(["a", "a"]);
    expect(rig.requests).toHaveLength(1);
  });

  it("is released by a turn under it that goes well, but not against an operator's word", async () => {
    const rig = rigWith("accountTrouble: stay");
    rig.work("a");
    rig.meet("a", DEAD);
    await settle(rig);
    expect([code(rig), rig.requests]).toEqual(["accountTrouble", []]);
    const session = { ...base("a"), at: NOW + 10_000 };
    rig.intake.rows("a", [
      { ...session, kind: "prompt", promptId: "p", text: "x", cwd: "/p", isMeta: false },
      {
        ...session,
        at: NOW + 11_000,
        kind: "answer",
        model: "claude-opus-5-5",
        stopReason: "end_turn",
      },
    ]);
    expect(rig.store.accounts.get("one")?.quarantine).toBeNull();
    expect(rig.events("account.released")).toBe(1);
    expect(rig.fleet.models("shared")).toEqual(["claude-opus-5-5"]);
  });
});

describe("a threshold", () => {
  const nearLimit = ({ store }: ControllerRig): void =>
    void store.accounts.putReading({
      account: "one",
      window: "fiveHour",
      usedPercent: 96,
      resetsAt: NOW + HOUR,
      readAt: NOW,
    });

  it("moves the fleet when a turn ends, and types nothing into those that run", async () => {
    const rig = rigWith("cooldown: 0s");
    for (const name of ["a", "b"]) rig.work(name);
    nearLimit(rig);
    rig.controller.evaluate();
    expect([code(rig), rig.requests]).toEqual(["turnEnd", []]);
    rig.hook("a", 1_000, turnEnded);
    await settle(rig);
    expect(rig.requests).toMatchObject([
      { cause: "failover", to: "two", trigger: null, sessions: [] },
    ]);
    expect(rig.continued).toEqual([]);
  });

  it("does not move a fleet that an operator put there, and a limit does", async () => {
    const rig = rigWith("cooldown: 0s");
    const byHand = { slot: "shared", cause: "switchover", trigger: null, sessions: [] } as const;
    await rig.controller.switchTo({ ...byHand, to: "two" });
    await rig.controller.switchTo({ ...byHand, to: "one" });
    expect(pinnedTo(rig.store)).toBe("one");
    nearLimit(rig);
    rig.controller.evaluate();
    await settle(rig);
    expect([code(rig), rig.requests.length]).toEqual(["pinned", 2]);
    rig.work("a");
    rig.meet("a", LIMIT);
    await settle(rig);
    expect(rig.requests).toHaveLength(3);
    expect([pinnedTo(rig.store), rig.events("pin.ended")]).toEqual([null, 1]);
  });
});

describe("paid usage", () => {
  it("that the client tells of is left at once", async () => {
    const rig = rigWith("cooldown: 0s");
    rig.work("a");
    const text = "You're now using usage credits · Your weekly limit resets 3pm";
    rig.intake.rows("a", [{ ...base("a"), at: NOW, kind: "notice", text }]);
    rig.controller.evaluate();
    await settle(rig);
    expect(rig.events("account.paidUsage")).toBe(1);
    expect(rig.requests).toMatchObject([{ cause: "failover", to: "two", sessions: [] }]);
  });
});

function base(name: string) {
  const sessionId = name === "ccl-1" ? SESSION_ID : `id-${name}`;
  return { uuid: `row-${name}`, sessionId };
}
