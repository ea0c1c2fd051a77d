import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FailoverError } from "../../../src/errors.ts";
import type { StepPhase, SwitchoverDeps } from "../../../src/switchover/deps.ts";
import { readHeld, setHeld } from "../../../src/switchover/held.ts";
import { refusalOf, type CheckResult, type StepName } from "../../../src/switchover/model.ts";
import { SESSION, switchoverRig, type SwitchoverRig } from "../../support/switchover-rig.ts";

const divergent: CheckResult = {
  refused: refusalOf(new FailoverError("CF_ACCOUNT_HOMES", "projects is a directory.")),
};
const refuses = async (): Promise<CheckResult> => Promise.resolve(divergent);

/** Lets a switchover die at one point: nothing that comes after it happens. */
async function cutOff(
  rig: SwitchoverRig,
  at: `${StepName}:${StepPhase}`,
  changes: Partial<SwitchoverDeps> = {},
): Promise<void> {
  let cut: () => void = () => {};
  const dead = new Promise<void>((resolve) => {
    cut = resolve;
  });
  const planned = rig.switchTo("two", {
    ...changes,
    store: { ...rig.store },
    onStep: async (step, phase) => {
      if (`${step}:${phase}` !== at) return;
      cut();
      await new Promise<never>(() => {});
    },
  });
  await Promise.race([dead, planned]);
}

function expectAt(rig: SwitchoverRig, account: "one" | "two"): void {
  expect(readlinkSync(rig.slot)).toBe(rig[account]);
  expect(rig.periods.active()?.account).toBe(account);
  expect(rig.store.switchovers.open()).toBeNull();
  expect(readHeld(rig.store)).toBeNull();
}

describe("recovering a switchover that was cut off", () => {
  const points: readonly (readonly [`${StepName}:${StepPhase}`, "one" | "two"])[] = [
    ["prepare:intent", "one"],
    ["prepare:effect", "one"],
    ["lock:intent", "one"],
    ["lock:effect", "one"],
    ["flip:intent", "one"],
    ["flip:effect", "two"],
    ["verify:intent", "two"],
    ["verify:effect", "two"],
    ["verify:done", "two"],
    ["continue:intent", "two"],
    ["continue:effect", "two"],
    ["continue:done", "two"],
  ];
  const both = [undefined, "api"].flatMap((own) =>
    points.map(([point, account]) => [point, account, own] as const),
  );
  it.each(both)("at %s ends at %s, and again does nothing (own slot: %s)", async (...at) => {
    const [point, account, own] = at;
    const rig = await switchoverRig(own === undefined ? {} : { own });
    const beside = rig.slots.filter(({ path }) => path !== rig.slot);
    await cutOff(rig, point);
    await rig.recover();
    expectAt(rig, account);
    const [entry] = rig.store.switchovers.list(1);
    expect(entry?.outcome).toBe(account === "two" ? "committed" : "rolledBack");
    expect(entry?.steps.every(({ endedAt }) => endedAt !== null)).toBe(true);
    const before = rig.store.switchovers.list(9);
    const again = await rig.recover();
    expect(again).toMatchObject({ action: "nothing", adopted: [], strays: [] });
    expect(rig.store.switchovers.list(9)).toEqual(before);
    expectAt(rig, account);
    for (const { name, path } of beside) {
      expect(readlinkSync(path)).toBe(rig.one);
      expect(rig.store.periods.of(name).list()).toHaveLength(1);
    }
    expect(beside).toHaveLength(own === undefined ? 0 : 1);
  });

  it("remembers who was active between a flip and somebody's own way back", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "verify:intent");
    unlinkSync(rig.slot);
    symlinkSync(rig.one, rig.slot);
    rig.clock.advance(1_000);
    expect(await rig.recover()).toMatchObject({ action: "markRolledBack" });
    expectAt(rig, "one");
    expect(rig.store.periods.list().map(({ account }) => account)).toEqual(["one", "two", "one"]);
  });

  it("verifies again before it records, and undoes what does not hold", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "flip:effect");
    const report = await rig.recover({ ensureLinks: refuses });
    expect(report).toMatchObject({ action: "rollForward", entry: { outcome: "rolledBack" } });
    expect(rig.log.slice(-2)).toEqual(["flipBack:done", "released"]);
    expectAt(rig, "one");
    expect(rig.store.periods.list().map(({ account }) => account)).toEqual(["one", "two", "one"]);
  });

  it("names the sessions that are left when it cannot continue them, and goes on later", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "continue:intent");
    const { continueSessions } = rig.deps;
    for (let time = 0; time < 2; time += 1) {
      const report = await rig.recover({ continueSessions: undefined });
      expect(report).toMatchObject({ action: "rollForward", remaining: [SESSION.name] });
    }
    expect(rig.store.switchovers.open()?.stage).toBe("continuing");
    const report = await rig.recover({ continueSessions });
    expect(report).toMatchObject({ remaining: [], entry: { outcome: "committed" } });
    expectAt(rig, "two");
  });

  it("leaves the entry to the next start when the daemon stops while continuing", async () => {
    const rig = await switchoverRig();
    const stop = new AbortController();
    const stopping = rig.switchTo("two", {
      signal: stop.signal,
      continueSessions: async () => {
        stop.abort(new Error("stopping"));
        return Promise.resolve();
      },
    });
    await expect(stopping).rejects.toThrow("stopping");
    expect(rig.store.switchovers.open()?.stage).toBe("continuing");
    await rig.recover();
    expectAt(rig, "two");
  });

  it("leaves a switchover alone that is alive", async () => {
    const rig = await switchoverRig();
    const seen: unknown[] = [];
    const result = await rig.switchTo("two", {
      continueSessions: async () => {
        const before = rig.store.switchovers.open();
        for (const dryRun of [true, false]) seen.push((await rig.recover({ dryRun })).action);
        expect(rig.store.switchovers.open()).toEqual(before);
      },
    });
    expect(seen).toEqual(["nothing", "nothing"]);
    expect(result.kind).toBe("committed");
    const [first, second] = [rig.recover(), rig.recover()];
    expect([(await first).action, (await second).action]).toEqual(["nothing", "nothing"]);
  });

  it("changes nothing in a dry run", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "flip:effect");
    symlinkSync(rig.one, `${rig.slot}.cf-flip-00`);
    const before = rig.store.switchovers.open();
    const report = await rig.recover({ dryRun: true });
    expect(report).toMatchObject({
      action: "rollForward",
      reason: "The link leads to two; it was not verified yet.",
      strays: [`${rig.slot}.cf-flip-00`],
      active: "one",
    });
    expect(rig.store.switchovers.open()).toEqual(before);
    expect(readlinkSync(rig.slot)).toBe(rig.two);
    expect(readdirSync(rig.folder)).toContain("slot.cf-flip-00");
  });

  it("removes temp links that were left behind", async () => {
    const rig = await switchoverRig();
    symlinkSync(rig.two, `${rig.slot}.cf-flip-00`);
    expect((await rig.recover()).strays).toEqual([`${rig.slot}.cf-flip-00`]);
    expect(readdirSync(rig.folder)).not.toContain("slot.cf-flip-00");
  });

  it("makes a link that vanished again", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "flip:effect");
    unlinkSync(rig.slot);
    expect((await rig.recover()).action).toBe("rollBack");
    expectAt(rig, "one");
    await cutOff(rig, "continue:intent");
    unlinkSync(rig.slot);
    expect((await rig.recover()).action).toBe("rollForward");
    expectAt(rig, "two");
  });

  it("believes an operator who put the link back by hand", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "continue:intent");
    unlinkSync(rig.slot);
    symlinkSync(rig.one, rig.slot);
    expect((await rig.recover()).action).toBe("markRolledBack");
    expectAt(rig, "one");
  });

  it("holds what it does not understand, touches nothing, and is cleared by mending", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "flip:effect");
    unlinkSync(rig.slot);
    mkdirSync(rig.slot);
    const report = await rig.recover();
    expect(report).toMatchObject({ action: "hold", held: { code: "CF_SWITCHOVER_HELD" } });
    expect(lstatSync(rig.slot).isDirectory()).toBe(true);
    rig.clock.advance(1_000);
    const steps = rig.store.switchovers.open()?.steps.length;
    const again = await rig.recover();
    expect(again.held?.since).toBe(report.held?.since);
    expect(rig.store.switchovers.open()?.steps).toHaveLength(steps ?? 0);
    rmdirSync(rig.slot);
    symlinkSync(rig.two, rig.slot);
    expect((await rig.recover({ dryRun: true })).held).not.toBeNull();
    expect((await rig.recover()).action).toBe("rollBack");
    expectAt(rig, "one");
    expect((await rig.switchTo("two")).kind).toBe("committed");
  });

  it("is held when the client's locks cannot be had for undoing, and undoes it later", async () => {
    const rig = await switchoverRig();
    await cutOff(rig, "flip:effect");
    const busy = { refused: refusalOf(new FailoverError("CF_ACCOUNT_LOCK", "Process 7 has it.")) };
    const report = await rig.recover({
      ensureLinks: refuses,
      lockHomes: async () => Promise.resolve(busy),
    });
    expect(report.held?.message).toContain("Process 7 has it.");
    await rig.recover();
    expectAt(rig, "one");
  });

  it("takes the new account, checked, when the old home is gone for good", async () => {
    const rig = await switchoverRig();
    let calls = 0;
    await rig.switchTo("two", {
      checkIdentity: async () => Promise.resolve(calls++ === 0 ? { refused: null } : divergent),
      onStep: (step, phase) => {
        if (step === "flipBack" && phase === "intent")
          renameSync(rig.one, join(rig.folder, "away"));
      },
    });
    expect(readHeld(rig.store)).not.toBeNull();
    expect((await rig.recover({ checkIdentity: refuses })).held).not.toBeNull();
    expect((await rig.recover()).action).toBe("rollForward");
    expectAt(rig, "two");
  });

  it("may be cut off itself, at any of its own steps", async () => {
    for (const at of ["recover:intent", "flipBack:intent", "flipBack:effect"] as const) {
      const rig = await switchoverRig();
      await cutOff(rig, "flip:effect");
      let cut: () => void = () => {};
      const dead = new Promise<void>((resolve) => {
        cut = resolve;
      });
      const first = rig.recover({
        store: { ...rig.store },
        ensureLinks: refuses,
        onStep: async (step, phase) => {
          if (`${step}:${phase}` !== at) return;
          cut();
          await new Promise<never>(() => {});
        },
      });
      await Promise.race([dead, first]);
      await rig.recover({ ensureLinks: refuses });
      expectAt(rig, "one");
    }
  });
});

describe("recovering with no switchover open", () => {
  it("records the account the link leads to, from when the link was made", async () => {
    const rig = await switchoverRig();
    unlinkSync(rig.slot);
    symlinkSync(rig.two, rig.slot);
    rig.clock.setNow(lstatSync(rig.slot).mtimeMs + 60_000);
    const report = await rig.recover();
    const [shared] = rig.slots;
    expect(report).toMatchObject({ adopted: [{ ...shared, account: "two" }], active: "two" });
    expect(rig.store.periods.active()?.fromAt).toBe(Math.floor(lstatSync(rig.slot).mtimeMs));
    expect((await rig.recover()).adopted).toEqual([]);
  });

  it("records that of every slot, also while a switchover of another one is open", async () => {
    const rig = await switchoverRig({ own: "api" });
    const [shared] = rig.slots;
    await cutOff(rig, "flip:effect");
    unlinkSync(shared.path);
    symlinkSync(rig.two, shared.path);
    const strayed = `${rig.slots[0].path}.cf-flip-0`;
    symlinkSync(rig.one, strayed);
    const report = await rig.recover({ dryRun: true });
    expect([report.strays, report.adopted, rig.store.periods.active()?.account]).toEqual([
      [strayed],
      [],
      "one",
    ]);
    expect(await rig.recover()).toMatchObject({
      action: "rollForward",
      strays: [strayed],
      adopted: [{ ...shared, account: "two" }],
      active: "two",
    });
    expectAt(rig, "two");
    expect(rig.store.periods.active()?.account).toBe("two");
  });

  it("stays held while any slot leads nowhere that is known", async () => {
    const rig = await switchoverRig({ own: "api" });
    setHeld(rig.store, {
      code: "CF_SWITCHOVER_HELD",
      message: "m",
      hint: "h",
      since: 1,
      switchoverId: null,
    });
    unlinkSync(rig.slot);
    expect(await rig.recover()).toMatchObject({ action: "hold", slot: { kind: "missing" } });
    expect(readHeld(rig.store)).not.toBeNull();
    symlinkSync(rig.two, rig.slot);
    expect(await rig.recover()).toMatchObject({ action: "nothing", held: null });
    expect(rig.periods.active()?.account).toBe("two");
  });

  it("records nothing for a link that leads elsewhere, or for none", async () => {
    const rig = await switchoverRig();
    unlinkSync(rig.slot);
    expect(await rig.recover()).toMatchObject({ adopted: [], active: "one" });
    symlinkSync("elsewhere", rig.slot);
    expect(await rig.recover()).toMatchObject({ adopted: [], active: "one" });
  });
});
