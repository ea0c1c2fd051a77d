import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CATALOGUE, FailoverError } from "../../../src/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import { readHeld } from "../../../src/switchover/held.ts";
import { refusalOf, type CheckResult } from "../../../src/switchover/model.ts";
import { switchoverRig, type SwitchoverRig } from "../../support/switchover-rig.ts";

const divergent: CheckResult = {
  refused: refusalOf(new FailoverError("CF_ACCOUNT_HOMES", "projects is a directory.")),
};

/** Refuses from the second call on: the check before the flip passes, the one after it does not. */
function onlyAfterFlip(): () => Promise<CheckResult> {
  let calls = 0;
  return async () => Promise.resolve(calls++ === 0 ? { refused: null } : divergent);
}

function expectAt(rig: SwitchoverRig, account: "one" | "two"): void {
  expect(readlinkSync(rig.slot)).toBe(rig[account]);
  expect(rig.store.periods.active()?.account).toBe(account);
  expect(readdirSync(rig.folder).toSorted()).toEqual(["one", "slot", "state", "two"]);
}

describe("a switchover that fails after the flip", () => {
  it.each(["ensureLinks", "checkIdentity"] as const)("is undone when %s refuses", async (check) => {
    const rig = await switchoverRig();
    rig.clock.advance(1_000);
    const result = await rig.switchTo("two", {
      [check]: onlyAfterFlip(),
      onStep: (step, phase) => {
        rig.log.push(`${step}:${phase}`);
        if (step === "flipBack" && phase === "intent") rig.clock.advance(50);
      },
    });
    expect(result).toMatchObject({
      kind: "rolledBack",
      refusal: { code: "CF_ACCOUNT_HOMES" },
      entry: { stage: "rolledBack", outcome: "rolledBack" },
    });
    expectAt(rig, "one");
    expect(rig.log.indexOf("released")).toBeGreaterThan(rig.log.indexOf("flipBack:effect"));
    expect(rig.store.periods.list().map(({ account }) => account)).toEqual(["one", "two", "one"]);
    expect(readHeld(rig.store)).toBeNull();
  });

  it("is undone when a check throws or takes too long", async () => {
    const rig = await switchoverRig();
    const passes = { refused: null } as const;
    let calls = 0;
    const thrown = await rig.switchTo("two", {
      checkIdentity: async () =>
        calls++ === 0 ? Promise.resolve(passes) : Promise.reject(new Error("broken")),
    });
    expect(thrown).toMatchObject({ kind: "rolledBack", refusal: { code: "CF_INTERNAL" } });
    calls = 0;
    const late = rig.switchTo("two", {
      checkIdentity: async () =>
        calls++ === 0 ? Promise.resolve(passes) : new Promise(() => rig.clock.advance(2_000)),
    });
    expect(await late).toMatchObject({
      kind: "rolledBack",
      refusal: { code: "CF_SWITCHOVER_UNVERIFIED" },
    });
    expect(rig.clock.sleepers).toBe(0);
    expectAt(rig, "one");
  });

  it("is undone when the sync fails after the rename", async () => {
    const rig = await switchoverRig();
    const fs = rig.deps.fs;
    if (fs === undefined) throw new Error("the rig has one");
    let syncs = 0;
    const result = await rig.switchTo("two", {
      fs: {
        ...fs,
        openDirectory: (path) => ({
          ...fs.openDirectory(path),
          sync: () => {
            syncs += 1;
            if (syncs === 1) throw Object.assign(new Error("EIO"), { code: "EIO" });
          },
        }),
      },
    });
    expect(result).toMatchObject({ kind: "rolledBack", refusal: { code: "CF_SLOT_FAILED" } });
    expectAt(rig, "one");
  });

  it("is held when it cannot be undone, and every further one is told the same", async () => {
    const rig = await switchoverRig();
    const result = await rig.switchTo("two", {
      ensureLinks: onlyAfterFlip(),
      onStep: (step) => {
        if (step === "flipBack") rig.faults.rename = "EACCES";
      },
    });
    const heldBy = { code: "CF_SWITCHOVER_HELD", switchoverId: 1, since: rig.clock.now() };
    expect(result).toMatchObject({ kind: "held", held: heldBy, entry: { stage: "held" } });
    expect(readHeld(rig.store)).toMatchObject(heldBy);
    expect(rig.store.switchovers.open()).toMatchObject({ outcome: "held", endedAt: null });
    expect(rig.store.periods.active()?.account).toBe("one");
    for (const to of ["one", "two"]) {
      const refused = await rig.switchTo(to);
      if (refused.kind !== "refused") throw new Error(refused.kind);
      expect(refused.refusal.code).toBe("CF_SWITCHOVER_HELD");
      expect(CATALOGUE[refused.refusal.code].exit).toBe(5);
    }
  });

  it("is held when somebody puts a directory in the slot's place meanwhile", async () => {
    const rig = await switchoverRig();
    const result = await rig.switchTo("two", {
      onStep: (step, phase) => {
        if (step !== "flip" || phase !== "intent") return;
        unlinkSync(rig.slot);
        mkdirSync(rig.slot);
      },
    });
    expect(result.kind).toBe("held");
    expect(lstatSync(rig.slot).isDirectory()).toBe(true);
  });

  it("makes the old link again when somebody removed it meanwhile", async () => {
    const rig = await switchoverRig();
    const result = await rig.switchTo("two", {
      onStep: (step, phase) => {
        if (step === "verify" && phase === "intent") unlinkSync(rig.slot);
      },
    });
    expect(result.kind).toBe("rolledBack");
    expectAt(rig, "one");
  });

  it("is held when the link leads to a third place meanwhile", async () => {
    const rig = await switchoverRig();
    const result = await rig.switchTo("two", {
      onStep: (step, phase) => {
        if (step !== "verify" || phase !== "intent") return;
        unlinkSync(rig.slot);
        symlinkSync("elsewhere", rig.slot);
      },
    });
    expect(result.kind).toBe("held");
    expect(readlinkSync(rig.slot)).toBe("elsewhere");
  });
});

describe("a journal that cannot be written", () => {
  /** A store whose commits fail from the given one on, as on a full disk. */
  function fullFrom(store: Store, commit: number): Store {
    let count = 0;
    let isInside = false;
    return {
      ...store,
      transaction: (work) => {
        if (isInside) return work();
        count += 1;
        if (count >= commit) throw new FailoverError("CF_STORE_FULL", "The disk is full.");
        isInside = true;
        try {
          return store.transaction(work);
        } finally {
          isInside = false;
        }
      },
    };
  }

  it.each([1, 2, 3, 4, 5])("at commit %i leaves the link where the record says", async (commit) => {
    const rig = await switchoverRig();
    const store = fullFrom(rig.store, commit);
    await expect(rig.switchTo("two", { store })).rejects.toThrow("The disk is full.");
    expectAt(rig, "one");
    expect(rig.log.includes("locked")).toBe(rig.log.includes("released"));
    await rig.recover();
    expectAt(rig, "one");
    expect(rig.store.switchovers.open()).toBeNull();
  });

  it.each([6, 7])("at commit %i, after recording, keeps the new account", async (commit) => {
    const rig = await switchoverRig();
    const store = fullFrom(rig.store, commit);
    await expect(rig.switchTo("two", { store })).rejects.toThrow("The disk is full.");
    expectAt(rig, "two");
    const report = await rig.recover();
    expect(report.action).toBe("rollForward");
    expect(report.entry?.outcome).toBe("committed");
    expectAt(rig, "two");
  });
});
