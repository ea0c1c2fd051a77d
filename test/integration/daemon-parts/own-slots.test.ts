import { expect, it } from "vitest";
import { whyFrozen } from "../../../src/daemon/dispatching.ts";
import { pinnedTo } from "../../../src/daemon/pin.ts";
import { readProposal } from "../../../src/store/proposal.ts";
import { turnEnded } from "../../support/fleet-rig.ts";
import { controllerRig } from "../../support/controller-rig.ts";
import { configFrom } from "../../support/config-text.ts";
import { passTime } from "../../support/pass-time.ts";
import { NOW, HOUR } from "../../support/policy-samples.ts";

const STAYS = "failback: { enabled: false }";

/** `api` on a slot of its own, on account two; `ccl-1` on the shared one, on one. */
function rigWith(policy: string, more = "") {
  const config = configFrom(`
accounts:
  - { name: one, home: ~/.one, priority: 1 }
  - { name: two, home: ~/.two, priority: 2 }
  - { name: three, home: ~/.three, priority: 3 }
sessions: { dedicated: [{ name: api, cwd: /p, slot: own${more} }] }
policy: { candidate: priority, ${policy} }
`);
  const rig = controllerRig({ config });
  rig.store.periods.of("api").begin("two", NOW - HOUR);
  const live = { state: "idle", transcriptPath: null, lastPrompt: null } as const;
  rig.join("api", { slot: "api", live: { ...live, sessionId: "id-api" } });
  return rig;
}

const moves = ({ requests }: ReturnType<typeof rigWith>) =>
  requests.map(({ slot, to, sessions }) => [slot, to, sessions.map(({ name }) => name)]);

it("a limit is charged by the history of the session's slot, and moves that slot alone", async () => {
  const rig = rigWith(`cooldown: 0s, ${STAYS}`);
  rig.work("api");
  rig.work("ccl-1");
  rig.meet("api");
  await rig.pass(2_000);
  expect(rig.exhaustedUntil("one")).toBeNull();
  expect(rig.exhaustedUntil("two")).not.toBeNull();
  expect(moves(rig)).toEqual([["api", "one", ["api"]]]);
  rig.meet("ccl-1");
  await rig.pass(2_000);
  // `one` is what both stand on now: what was learnt of it in one slot counts for the other.
  expect(moves(rig)).toEqual([
    ["api", "one", ["api"]],
    ["shared", "three", ["ccl-1"]],
    ["api", "three", []],
  ]);
});

it("no work is given out under an account that another slot's session exhausted", async () => {
  const rig = rigWith(`cooldown: 0s, mode: notify, ${STAYS}`);
  rig.store.periods.of("api").begin("one", NOW - 1);
  const core = { controller: { isSwitching: () => false } };
  const frozen = () => whyFrozen({ ...rig, core });
  expect(frozen()).toBeNull();
  rig.work("api");
  rig.meet("api");
  expect(frozen()).toBe("one is exhausted");
  await rig.pass(6 * HOUR, 60_000);
  expect(frozen()).toBeNull();
});

it("a slot returns to the account that it is configured for, not to the preferred one", async () => {
  const rig = rigWith("cooldown: 0s, failback: { delay: 1m }", ", account: two");
  await rig.pass(2_000);
  expect(moves(rig)).toEqual([]);
  rig.work("api");
  rig.meet("api");
  await rig.pass(2_000);
  expect(moves(rig)).toEqual([["api", "one", ["api"]]]);
  rig.hook("api", rig.clock.now() - NOW, turnEnded);
  await rig.pass(6 * HOUR, 60_000);
  rig.controller.evaluate();
  await rig.pass(2_000);
  expect(moves(rig).slice(1)).toEqual([["api", "two", []]]);
});

it("each slot has a cooldown of its own", async () => {
  const rig = rigWith(`cooldown: 5m, ${STAYS}`);
  rig.work("api");
  rig.work("ccl-1");
  rig.meet("api");
  await rig.pass(2_000);
  rig.work("api");
  rig.meet("api");
  await rig.pass(2_000);
  expect(rig.store.decisions.latest("api")?.code).toBe("cooldown");
  rig.meet("ccl-1");
  await rig.pass(2_000);
  expect(moves(rig).map(([slot]) => slot)).toEqual(["api", "shared"]);
});

it("an account that one slot's session exhausted is left by every slot, that session's first", async () => {
  const rig = rigWith(`cooldown: 0s, ${STAYS}`);
  rig.store.periods.of("api").begin("one", NOW - 1);
  rig.work("api");
  rig.work("ccl-1");
  rig.meet("api");
  await rig.pass(2_000);
  expect(moves(rig)).toEqual([
    ["api", "two", ["api"]],
    ["shared", "two", []],
  ]);
  expect(rig.store.decisions.latest("shared")?.code).toBe("healthy");
  expect(rig.continued).toEqual(["api"]);
});

it("a slot that an operator moved to an exhausted account stays there until it is refused", async () => {
  const rig = rigWith(`cooldown: 0s, ${STAYS}`);
  rig.work("ccl-1");
  rig.meet("ccl-1");
  await rig.pass(2_000);
  const byHand = { cause: "switchover", trigger: null, sessions: [] } as const;
  await rig.controller.switchTo({ ...byHand, slot: "api", to: "one" });
  await rig.pass(10_000);
  expect(moves(rig).slice(1)).toEqual([["api", "one", []]]);
  expect(rig.store.decisions.latest("api")?.text).toMatch(
    /an operator switched to it all the same/,
  );
  rig.work("api");
  rig.meet("api");
  await rig.pass(2_000);
  expect(moves(rig).slice(2)).toEqual([["api", "two", ["api"]]]);
});

it("a move by hand pins the slot that it was of", async () => {
  const rig = rigWith(`cooldown: 0s, ${STAYS}`);
  const byHand = { cause: "switchover", trigger: null, sessions: [] } as const;
  await rig.controller.switchTo({ ...byHand, slot: "api", to: "three" });
  expect([pinnedTo(rig.store, "api"), pinnedTo(rig.store)]).toEqual(["three", null]);
  expect(rig.store.periods.active()?.account).toBe("one");
});

it("each slot asks its own question, and is answered by itself", async () => {
  const rig = rigWith(`mode: confirm, cooldown: 0s, ${STAYS}`);
  rig.work("api");
  rig.meet("api");
  await rig.pass(2_000);
  rig.work("ccl-1");
  rig.meet("ccl-1");
  await rig.pass(2_000);
  expect([readProposal(rig.store, "api")?.from, readProposal(rig.store)?.from]).toEqual([
    "two",
    "one",
  ]);
  expect(rig.controller.decline("api")).toMatchObject({ from: "two" });
  expect(readProposal(rig.store)).not.toBeNull();
  expect(await rig.controller.confirm("api")).toBeNull();
  expect(await rig.controller.confirm()).toMatchObject({ kind: "committed" });
  expect(moves(rig)).toEqual([["shared", "three", ["ccl-1"]]]);
});

it("a session that does not go on holds up another slot for two seconds, and is told when it does", async () => {
  const rig = rigWith(`cooldown: 0s, ${STAYS}`);
  const goesOn = Promise.withResolvers<object>();
  const { onContinue } = rig;
  rig.onContinue = async (name) => (name === "api" ? goesOn.promise : onContinue(name));
  rig.work("api");
  rig.work("ccl-1");
  rig.meet("api");
  await rig.pass(10_000);
  // Nobody waits: the entry stays open until its session's end.
  expect(rig.store.switchovers.open()?.slotName).toBe("api");
  rig.meet("ccl-1");
  await rig.pass(1_500);
  expect(moves(rig)).toEqual([["api", "one", ["api"]]]);
  await rig.pass(1_000);
  expect(moves(rig)[1]).toEqual(["shared", "three", ["ccl-1"]]);
  const outcome = () => rig.store.switchovers.get(1)?.sessions[0]?.outcome;
  expect(outcome()).toBe("pending");
  rig.hook("api", rig.clock.now() - NOW, turnEnded);
  goesOn.resolve({});
  await rig.pass(1_000);
  expect(outcome()).toBe("continued");
});

it("a failover waits just so for sessions that a recovery continues, and begins once it has ended", async () => {
  const rig = rigWith(`cooldown: 0s, ${STAYS}`);
  const { switchovers } = rig.store;
  const places = { fromHome: "/f", toHome: "/t", slot: "/s", linkBefore: "/f", linkAfter: "/t" };
  const request = { slotName: "api", cause: "failover", from: "one", to: "two" } as const;
  const id = switchovers.insert({ ...request, ...places, trigger: null, startedAt: NOW }) ?? 0;
  const api = { name: "api", strategy: "hot", sessionId: null } as const;
  switchovers.putSession(id, { ...api, outcome: "pending", continuedMs: null, proof: null });
  switchovers.setStage(id, "continuing");
  rig.onContinue = async () => new Promise(() => undefined);
  const entry = switchovers.get(id);
  if (entry === null) throw new Error("no entry");
  const left = rig.controller.continueEntry(entry, async () => Promise.resolve());
  rig.work("ccl-1");
  rig.meet("ccl-1");
  await passTime(rig.clock, left, { mostMs: 3_000 });
  expect(moves(rig)).toEqual([]);
  switchovers.end(id, "committed", rig.clock.now());
  rig.controller.evaluate();
  expect(moves(rig)).toEqual([["shared", "two", ["ccl-1"]]]);
});
