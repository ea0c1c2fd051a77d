import { describe, expect, it } from "vitest";
import { controllerRig, OCCUPIED, type ControllerRig } from "../../support/controller-rig.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";

const limit = { text: "You've hit your 5-hour limit · resets 2pm (UTC)" };
const busy = { error: "server_error", text: "API Error: 529 Overloaded" };
const settle = async (rig: ControllerRig): Promise<void> => rig.pass(1, 1);

describe("a session that cannot be continued", () => {
  async function afterFlipWithDraft(): Promise<ControllerRig> {
    const rig = controllerRig();
    rig.onContinue = async () => Promise.resolve(OCCUPIED);
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    return rig;
  }

  it("is tried again every few seconds as long as a draft stands there", async () => {
    const rig = await afterFlipWithDraft();
    const before = rig.continued.length;
    await rig.pass(60_000);
    const tries = rig.continued.length - before;
    expect(tries).toBeGreaterThanOrEqual(8);
    expect(tries).toBeLessThanOrEqual(13);
    rig.onContinue = async (name) => {
      rig.hook(name, rig.clock.now() - NOW, { hook_event_name: "UserPromptSubmit", prompt: "x" });
      return Promise.resolve({});
    };
    await rig.pass(10_000);
    const done = rig.continued.length;
    await rig.pass(60_000);
    expect(rig.continued).toHaveLength(done);
    expect(rig.requests).toHaveLength(1);
  });

  it("is tried at once when its client was started anew", async () => {
    const rig = controllerRig();
    rig.onContinue = async () =>
      Promise.resolve({ outcome: "notContinued", proof: "tmux is gone" });
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    const before = rig.continued.length;
    await rig.pass(5_000);
    expect(rig.continued).toHaveLength(before);
    const later = rig.clock.now() - NOW;
    rig.hook("a", later, { hook_event_name: "SessionStart", source: "resume", session_id: "id-a" });
    await settle(rig);
    expect(rig.continued.length).toBeGreaterThan(before);
  });

  it("is tried by one driver at a time, and leaves no more timers behind the longer it takes", async () => {
    const rig = await afterFlipWithDraft();
    let running = 0;
    let most = 0;
    rig.onContinue = async () => {
      running += 1;
      most = Math.max(most, running);
      await rig.clock.sleep(2_000);
      running -= 1;
      return OCCUPIED;
    };
    const looks = async (): Promise<number> => {
      for (let look = 0; look < 40; look += 1) {
        rig.controller.evaluate();
        await rig.pass(1_000);
      }
      return rig.clock.sleepers;
    };
    const early = await looks();
    const late = await looks();
    expect(most).toBe(1);
    expect(late).toBeLessThanOrEqual(Math.max(early, 3));
  });

  it("for another reason is tried again after a minute", async () => {
    const rig = controllerRig();
    rig.onContinue = async () => Promise.resolve({ ...OCCUPIED, isOccupied: false });
    rig.work("a");
    rig.meet("a", limit);
    await settle(rig);
    const before = rig.continued.length;
    await rig.pass(59_000);
    expect(rig.continued).toHaveLength(before);
    await rig.pass(2_000);
    expect(rig.continued).toHaveLength(before + 1);
  });
});

describe("a busy server", () => {
  it("moves nothing; the turn goes on under the same account, each time later", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    await rig.pass(19_000);
    expect(rig.continued).toEqual([]);
    await rig.pass(2_000);
    expect(rig.continued).toEqual(["a"]);
    await rig.pass(1_000);
    rig.meet("a", busy);
    await rig.pass(38_000);
    expect(rig.continued).toEqual(["a"]);
    await rig.pass(3_000);
    expect(rig.continued).toEqual(["a", "a"]);
    expect(rig.requests).toEqual([]);
    expect(rig.events("session.backOff")).toBe(2);
  });

  it("is waited for as long when the clock is set back by hours", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    await rig.pass(5_000);
    rig.clock.setNow(NOW - HOUR);
    await rig.pass(20_000);
    expect(rig.continued).toEqual(["a"]);
  });

  it("is forgotten with the next good turn", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    await rig.pass(21_000);
    rig.hook("a", rig.clock.now() - NOW, { hook_event_name: "Stop" });
    await rig.pass(1_000);
    rig.work("a");
    rig.meet("a", busy);
    await rig.pass(21_000);
    expect(rig.continued).toEqual(["a", "a"]);
  });

  it("is forgotten with a session that left: the next of its name begins anew", async () => {
    const rig = controllerRig();
    const attempts = () =>
      rig.store.events
        .since(0, 10_000)
        .flatMap(({ type, data }) =>
          type === "session.backOff" ? [(data as { attempt: number }).attempt] : [],
        );
    for (const count of [1, 2]) {
      rig.work("a");
      rig.meet("a", busy);
      await settle(rig);
      expect(attempts()).toEqual(Array.from({ length: count }, () => 1));
      rig.fleet.leave("a");
    }
  });

  it("and a draft: it is tried again until the draft is gone", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    rig.onContinue = async () => Promise.resolve(OCCUPIED);
    await rig.pass(40_000);
    expect(rig.continued.length).toBeGreaterThan(2);
  });

  it("is waited for no longer when the session went on by itself", async () => {
    const rig = controllerRig();
    rig.work("a");
    rig.meet("a", busy);
    await rig.pass(5_000);
    rig.work("a");
    await rig.pass(60_000);
    expect(rig.continued).toEqual([]);
  });
});
