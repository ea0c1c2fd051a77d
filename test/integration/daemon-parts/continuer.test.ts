import { describe, expect, it } from "vitest";
import { Continuer, type Continued } from "../../../src/daemon/continuer.ts";
import { Deliveries } from "../../../src/sessions/deliver.ts";
import { META } from "../../../src/store/meta.ts";
import { FakeClientPane } from "../../support/fake-client-pane.ts";
import { fleetRig, prompted, refused, turnEnded, type FleetRig } from "../../support/fleet-rig.ts";
import { passTime } from "../../support/pass-time.ts";
import { NOW } from "../../support/policy-samples.ts";

interface Scene extends FleetRig {
  readonly pane: FakeClientPane;
  readonly continuer: Continuer;
  readonly continue: (name?: string) => Promise<Continued>;
  /** What events of this type told. */
  readonly told: (type: string) => unknown[];
}

/** ccl-1, whose turn was cut off two seconds ago, with a client that takes what is typed. */
function scene(): Scene {
  const rig = fleetRig();
  const { clock, store, fleet, receipts } = rig;
  const pane = new FakeClientPane();
  const later = (): number => clock.now() - NOW;
  pane.onSubmit = (text) => {
    clock.advance(80);
    rig.hook("ccl-1", later(), prompted("p-2", text));
  };
  const deliveries = new Deliveries({
    clock,
    receipts,
    panes: pane,
    random: () => 0,
    stateOf: (name) => fleet.readiness(name),
    typed: { get: () => null, set: async () => Promise.resolve() },
    askTranscript: async () => Promise.resolve(),
  });
  const continuer = new Continuer({
    relauncher: { leaves: () => null, move: async () => Promise.reject(new Error("no move")) },
    fleet,
    store,
    deliveries,
    text: "continue",
  });
  rig.hook("ccl-1", 0, prompted("p-1"));
  rig.hook("ccl-1", 1_000, refused("p-1"));
  clock.advance(3_000);
  return {
    ...rig,
    pane,
    continuer,
    continue: async (name = "ccl-1") => passTime(clock, continuer.continue(name)),
    told: (type) =>
      store.events.since(0, 100).flatMap((event) => (event.type === type ? [event.data] : [])),
  };
}

describe("a session whose turn was cut off", () => {
  it("is continued, with the client's receipt as proof and the times since the refusal", async () => {
    const rig = scene();
    const continued = await rig.continue();
    expect(continued).toMatchObject({ name: "ccl-1", outcome: "continued", proof: "p-2" });
    expect(continued.typedAfterMs).toBeGreaterThanOrEqual(2_000);
    expect(continued.keysAfterMs).toBeGreaterThanOrEqual(continued.typedAfterMs ?? Infinity);
    expect(continued.continuedMs).toBe((continued.keysAfterMs ?? 0) + 80);
    expect(continued.sentAt).toBe(
      new Date(NOW + 1_000 + (continued.keysAfterMs ?? 0)).toISOString(),
    );
    expect(rig.told("session.continued")).toMatchObject([{ session: "ccl-1", proof: "p-2" }]);
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state: "working" } });
  });

  it("has one driver: who asks meanwhile joins it", async () => {
    const rig = scene();
    const first = rig.continuer.continue("ccl-1");
    const second = rig.continuer.continue("ccl-1");
    const both = await passTime(rig.clock, Promise.all([first, second]));
    expect(both[1]).toBe(both[0]);
    expect(rig.pane.log).toEqual(["paste continue", "Enter"]);
    expect(rig.told("session.continued")).toHaveLength(1);
  });

  it("that went on by itself is left alone, and says so", async () => {
    const rig = scene();
    rig.hook("ccl-1", 2_000, prompted("p-2", "by hand"));
    rig.hook("ccl-1", 2_500, turnEnded);
    expect(await rig.continue()).toMatchObject({ outcome: "wentOn", continuedMs: null });
    expect(rig.pane.log).toEqual([]);
  });

  it("whose draft the operator sends meanwhile went on by itself", async () => {
    const rig = scene();
    rig.pane.composer = "by hand";
    let looks = 0;
    rig.pane.beforeLook = () => {
      looks += 1;
      if (looks !== 5) return;
      rig.pane.composer = "";
      rig.hook("ccl-1", rig.clock.now() - NOW, prompted("p-2", "by hand"));
    };
    expect(await rig.continue()).toMatchObject({ outcome: "wentOn" });
    expect(rig.pane.log).toEqual([]);
  });

  it("keeps its draft, which is told once however often it is tried", async () => {
    const rig = scene();
    rig.pane.composer = "half a thought";
    for (let time = 0; time < 3; time += 1)
      expect(await rig.continue()).toMatchObject({ outcome: "notContinued", isOccupied: true });
    expect(rig.told("session.notContinued")).toMatchObject([
      { session: "ccl-1", proof: "an unsent draft stands in the composer" },
    ]);
    rig.pane.menu = "permission";
    expect(await rig.continue()).toMatchObject({ proof: "a dialog takes the keys: permission" });
    expect(rig.told("session.notContinued")).toHaveLength(2);
    rig.pane.menu = null;
    rig.pane.composer = "";
    expect(await rig.continue()).toMatchObject({ outcome: "continued" });
    expect(rig.pane.log).toEqual(["paste continue", "Enter"]);
    // The next time is news again.
    rig.hook("ccl-1", rig.clock.now() - NOW + 1, refused("p-2"));
    rig.pane.menu = "permission";
    await rig.continue();
    expect(rig.told("session.notContinued")).toHaveLength(3);
  });

  it("is not typed into after a pause or a hold, also one that comes while it is looked at", async () => {
    const paused = scene();
    paused.pane.composer = "half a thought";
    let looks = 0;
    paused.pane.beforeLook = () => {
      looks += 1;
      if (looks !== 3) return;
      paused.store.meta.set(META.paused, "now");
      paused.pane.composer = "";
    };
    expect(await paused.continue()).toMatchObject({ proof: "paused: observing only" });
    expect(paused.pane.log).toEqual([]);
    const held = scene();
    held.fleet.change("ccl-1", { held: true });
    expect(await held.continue()).toMatchObject({ proof: "it is held by the operator" });
    expect(held.pane.log).toEqual([]);
  });

  it("without a pane, and one that nobody knows, is reported", async () => {
    const rig = scene();
    rig.fleet.change("ccl-1", { paneId: null });
    for (const name of ["ccl-1", "nobody"])
      expect(await rig.continue(name)).toMatchObject({
        name,
        outcome: "notContinued",
        proof: "it has no pane",
      });
  });

  it("whose pane is gone is reported with the reason, and can be tried again", async () => {
    const rig = scene();
    const capture = rig.pane.capture.bind(rig.pane);
    rig.pane.capture = async () => Promise.reject(new Error("can't find pane %1"));
    expect(await rig.continue()).toMatchObject({
      outcome: "notContinued",
      proof: "can't find pane %1",
    });
    rig.pane.capture = capture;
    expect(await rig.continue()).toMatchObject({ outcome: "continued" });
  });

  it("whose client never says that it took the prompt is reported", async () => {
    const rig = scene();
    rig.pane.onSubmit = () => undefined;
    expect(await rig.continue()).toMatchObject({
      outcome: "notContinued",
      proof: "the client took no prompt in 3 attempts",
    });
    rig.pane.isDrawn = false;
    expect(await rig.continue()).toMatchObject({
      proof: "no composer was seen: something else is open there",
      isOccupied: true,
    });
  });
});
