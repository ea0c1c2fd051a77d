import { mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FailoverError } from "../../src/errors.ts";
import type { ContinueSessions, SwitchoverDeps } from "../../src/switchover/deps.ts";
import { readHeld } from "../../src/switchover/held.ts";
import { refusalOf, type CheckResult } from "../../src/switchover/model.ts";
import type { SlotFs } from "../../src/switchover/slot-fs.ts";
import { hookedSlotFs, systemError } from "../support/hooked-slot-fs.ts";
import { SESSION, switchoverRig, type SwitchoverRig } from "../support/switchover-rig.ts";

/** What happens to one process: it dies at its n-th step, or the disk or a check is against it. */
interface Life {
  /** Null: it lives to its end. */
  readonly diesAt: number | null;
  readonly fault: { readonly call: keyof SlotFs; readonly errno: string } | null;
  readonly linksRefuse: boolean;
  readonly locksRefuse: boolean;
}

class Killed extends Error {}

const lives = fc.record({
  diesAt: fc.option(fc.nat(70), { freq: 4 }),
  fault: fc.option(
    fc.record({
      call: fc.constantFrom("symlink", "rename", "openDirectory", "setTimes", "unlink"),
      errno: fc.constantFrom("EACCES", "ENOSPC", "EROFS", "EXDEV"),
    } as const),
    { freq: 4 },
  ),
  linksRefuse: fc.boolean(),
  locksRefuse: fc.boolean(),
});

/** What somebody else does to the slot while no process of ours runs. */
const meddlings = fc.constantFrom("none", "none", "none", "toOne", "toTwo", "missing", "directory");

it("after any deaths, faults and meddling the link and the record agree, or it is held", async () => {
  await fc.assert(
    fc.asyncProperty(
      lives,
      fc.array(fc.tuple(meddlings, lives), { maxLength: 4 }),
      meddlings,
      async (first, recoveries, last) => {
        const world = await newWorld();
        await live(world, first, async (deps) => void (await world.rig.switchTo("two", deps)));
        for (const [meddling, life] of recoveries) {
          meddle(world.rig, meddling);
          await live(world, life, async (deps) => void (await world.rig.recover(deps)));
          expectOneActive(world.rig);
        }
        meddle(world.rig, last);
        await world.rig.recover({ continueSessions: world.continueSessions });
        expectSettled(world);
        const settled = snapshot(world.rig);
        await world.rig.recover({ continueSessions: world.continueSessions });
        expect(snapshot(world.rig)).toEqual(settled);
        world.rig.store.close();
      },
    ),
    { numRuns: 80 },
  );
});

it("dying at every single step leaves nothing to a person", async () => {
  for (let diesAt = 0; ; diesAt += 1) {
    const world = await newWorld();
    const calm: Life = { diesAt, fault: null, linksRefuse: false, locksRefuse: false };
    const died = await live(
      world,
      calm,
      async (deps) => void (await world.rig.switchTo("two", deps)),
    );
    await world.rig.recover({ continueSessions: world.continueSessions });
    expect(readHeld(world.rig.store)).toBeNull();
    expectSettled(world);
    world.rig.store.close();
    if (!died) return;
  }
});

interface World {
  readonly rig: SwitchoverRig;
  /** Prompts as the transcript has them. */
  readonly prompts: string[];
  readonly continueSessions: ContinueSessions;
}

async function newWorld(): Promise<World> {
  const rig = await switchoverRig();
  const prompts: string[] = [];
  return { rig, prompts, continueSessions: continuing(prompts, () => {}) };
}

/** Asks the transcript first; `gate` is where it may die. */
function continuing(prompts: string[], gate: () => void): ContinueSessions {
  return async (entry, record) => {
    for (const session of entry.sessions.filter(({ outcome }) => outcome === "pending")) {
      gate();
      const prompt = `${entry.id}:${session.name}`;
      if (!prompts.includes(prompt)) prompts.push(prompt);
      gate();
      await record({ ...session, outcome: "continued", continuedMs: 1, proof: prompt });
    }
    return Promise.resolve();
  };
}

/** Runs one process of ours. After its death nothing that it does has an effect any more. */
async function live(
  world: World,
  life: Life,
  work: (deps: Partial<SwitchoverDeps>) => Promise<void>,
): Promise<boolean> {
  let steps = 0;
  const gate = (): void => {
    if (life.diesAt !== null && steps >= life.diesAt) throw new Killed("dead");
    steps += 1;
  };
  try {
    await work(mortalDeps(world, life, gate));
    return false;
  } catch (thrown) {
    if (life.diesAt === null || steps < life.diesAt) throw thrown;
    return true;
  }
}

function mortalDeps(world: World, life: Life, gate: () => void): Partial<SwitchoverDeps> {
  const { rig } = world;
  const no: CheckResult = { refused: refusalOf(new FailoverError("CF_ACCOUNT_HOMES", "no")) };
  const check = (refuses: boolean) => async (): Promise<CheckResult> => {
    gate();
    return Promise.resolve(refuses ? no : { refused: null });
  };
  const fs = hookedSlotFs((name) => {
    gate();
    if (name === life.fault?.call) throw systemError(life.fault.errno, name);
  }, gate);
  return {
    fs,
    store: {
      ...rig.store,
      meta: {
        ...rig.store.meta,
        set: (key, value) => {
          gate();
          rig.store.meta.set(key, value);
        },
      },
      transaction: (work) => {
        gate();
        const result = rig.store.transaction(work);
        gate();
        return result;
      },
      together: async (work) => {
        gate();
        const result = await rig.store.together(work);
        gate();
        return result;
      },
    },
    lockHomes: async (homes) => {
      gate();
      return life.locksRefuse ? { refused: no.refused ?? never() } : rig.deps.lockHomes(homes);
    },
    // The first look passes, so that the flip is reached and has to be undone.
    ensureLinks: afterFirst(check(false), check(life.linksRefuse)),
    checkIdentity: check(false),
    continueSessions: continuing(world.prompts, gate),
  };
}

function never(): never {
  throw new Error("there is a refusal");
}

function afterFirst<T>(first: () => T, later: () => T): () => T {
  let calls = 0;
  return () => (calls++ === 0 ? first() : later());
}

function meddle(rig: SwitchoverRig, how: string): void {
  if (how === "none") return;
  rmSync(rig.slot, { recursive: true, force: true });
  if (how === "toOne") symlinkSync(rig.one, rig.slot);
  if (how === "toTwo") symlinkSync(rig.two, rig.slot);
  if (how === "directory") mkdirSync(rig.slot);
}

function linked(rig: SwitchoverRig): string | null {
  try {
    return readlinkSync(rig.slot);
  } catch {
    return null;
  }
}

function expectOneActive(rig: SwitchoverRig): void {
  const open = rig.store.periods.list().filter(({ toAt }) => toAt === null);
  expect(open).toHaveLength(1);
}

function expectSettled({ rig, prompts }: World): void {
  const { store } = rig;
  expectOneActive(rig);
  const entry = store.switchovers.latest();
  const link = linked(rig);
  if (readHeld(store) !== null) {
    // With a sound disk only a slot that leads to neither home needs a person.
    expect([rig.one, rig.two]).not.toContain(link);
    return;
  }
  expect(store.switchovers.open()).toBeNull();
  // A slot that is gone or occupied with no switchover open is for the start to refuse.
  if (link !== null)
    expect(link).toBe(rig[store.periods.active()?.account === "one" ? "one" : "two"]);
  expect(new Set(prompts).size).toBe(prompts.length);
  if (entry?.outcome === "committed") {
    expect(prompts).toEqual([`${entry.id}:${SESSION.name}`]);
    expect(entry.sessions).toMatchObject([{ outcome: "continued" }]);
  }
  for (const step of entry?.steps ?? []) expect(step.endedAt).not.toBeNull();
}

function snapshot(rig: SwitchoverRig): unknown {
  const { store } = rig;
  return {
    link: linked(rig),
    held: readHeld(store),
    entries: store.switchovers.list(9),
    periods: store.periods.list(),
  };
}
