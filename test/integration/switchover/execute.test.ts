import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FailoverError } from "../../../src/errors.ts";
import { META } from "../../../src/store/meta.ts";
import type { SwitchoverDeps } from "../../../src/switchover/deps.ts";
import { beginSwitchover } from "../../../src/switchover/execute.ts";
import { refusalOf, type CheckResult } from "../../../src/switchover/model.ts";
import {
  credentials,
  SESSION,
  switchoverRig,
  type SwitchoverRig,
} from "../../support/switchover-rig.ts";

const divergent: CheckResult = {
  refused: refusalOf(new FailoverError("CF_ACCOUNT_HOMES", "projects is a directory.")),
};

function expectAt(rig: SwitchoverRig, account: "one" | "two"): void {
  expect(readlinkSync(rig.slot)).toBe(rig[account]);
  expect(rig.store.periods.active()?.account).toBe(account);
  expect(readdirSync(rig.folder).toSorted()).toEqual(["one", "slot", "state", "two"]);
}

describe("a switchover", () => {
  it("flips, verifies, records, continues and commits, in this order", async () => {
    const rig = await switchoverRig();
    rig.clock.advance(5_000);
    const result = await rig.switchTo("two");
    expect(rig.log).toEqual([
      "prepare:intent",
      "prepare:effect",
      "lock:intent",
      "locked",
      "lock:effect",
      "flip:intent",
      "flip:effect",
      "verify:intent",
      "verify:effect",
      "verify:done",
      "continue:intent",
      "released",
      "continue:effect",
      "continue:done",
      "released",
    ]);
    if (result.kind !== "committed") throw new Error(result.kind);
    expect(result.entry).toMatchObject({
      from: "one",
      to: "two",
      stage: "committed",
      outcome: "committed",
      trigger: { session: "ccl-1" },
      sessions: [{ ...SESSION, outcome: "continued", continuedMs: 80, proof: "prompt-2" }],
    });
    expect(result.entry.endedAt).not.toBeNull();
    expect(result.entry.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(
      ["plan", "prepare", "lock", "flip", "verify", "continue"].map((step) => `${step} done`),
    );
    expectAt(rig, "two");
  });

  it("writes every step down before its effect and the account only after verifying", async () => {
    const rig = await switchoverRig();
    const seen: string[] = [];
    await rig.switchTo("two", {
      onStep: (step, phase) => {
        const { stage, steps } = rig.store.switchovers.open() ?? { stage: "closed", steps: [] };
        const last = steps.at(-1);
        const underWay = last?.endedAt === null ? last.step : "none";
        const active = rig.store.periods.active()?.account;
        seen.push(`${step}:${phase} ${stage} ${underWay} ${active}`);
      },
    });
    expect(seen).toEqual([
      "prepare:intent planned prepare one",
      "prepare:effect planned prepare one",
      "lock:intent planned lock one",
      "lock:effect planned lock one",
      "flip:intent locked flip one",
      "flip:effect locked flip one",
      "verify:intent flipped verify one",
      "verify:effect flipped verify one",
      "verify:done continuing continue two",
      "continue:intent continuing continue two",
      "continue:effect continuing continue two",
      "continue:done closed none two",
    ]);
  });

  it("makes the credential files' times differ and leaves their content", async () => {
    const rig = await switchoverRig();
    await rig.switchTo("two");
    const time = (home: string): number => lstatSync(join(home, ".credentials.json")).mtimeMs;
    expect([time(rig.one), time(rig.two)]).toEqual([1_000_000, 1_002_000]);
    expect([credentials(rig.one), credentials(rig.two)]).toEqual(["{}", "{}"]);
  });

  it("makes them differ from those of every account, at the flip and if one changes after it", async () => {
    const rig = await switchoverRig();
    const three = join(rig.folder, "three");
    mkdirSync(three);
    const file = (home: string): string => join(home, ".credentials.json");
    writeFileSync(file(three), "{}");
    const setTime = (home: string): void => utimesSync(file(home), 1_002, 1_002);
    setTime(three);
    const times: Record<string, number> = {};
    await rig.switchTo("two", {
      homes: [rig.one, rig.two, three],
      onStep: (step, phase) => {
        times[`${step}:${phase}`] = lstatSync(file(rig.two)).mtimeMs;
        if (step === "verify" && phase === "intent") setTime(rig.two);
      },
    });
    expect([times["flip:effect"], times["verify:effect"]]).toEqual([1_003_000, 1_003_000]);
  });

  it("charges requests to the new account from the flip on", async () => {
    const rig = await switchoverRig();
    rig.clock.advance(1_000);
    const before = rig.clock.now();
    await rig.switchTo("two", {
      onStep: (step, phase) => {
        if (phase === "intent") rig.clock.advance(step === "verify" ? 0 : 10);
      },
    });
    const [first, second] = rig.store.periods.list();
    expect(first).toMatchObject({ account: "one", toAt: second?.fromAt });
    expect(second).toMatchObject({ account: "two", fromAt: before + 30, toAt: null });
  });

  it("leaves a session that nobody gave an outcome as unproven", async () => {
    const rig = await switchoverRig();
    const result = await rig.switchTo("two", { continueSessions: async () => Promise.resolve() });
    if (result.kind !== "committed") throw new Error(result.kind);
    expect(result.entry.sessions).toMatchObject([{ name: "ccl-1", outcome: "unproven" }]);
  });

  it("commits the switch even when continuing breaks down, and says so", async () => {
    const rig = await switchoverRig();
    const result = await rig.switchTo("two", {
      continueSessions: async () => Promise.reject(new Error("tmux is gone")),
    });
    if (result.kind !== "committed") throw new Error(result.kind);
    expect(result.entry.steps.at(-1)).toMatchObject({ outcome: "failed", detail: "tmux is gone" });
    expectAt(rig, "two");
  });

  it("tells a second one about the first, and lets the first go on", async () => {
    const rig = await switchoverRig();
    const planned = rig.plan("two");
    if (planned.refused !== null) throw new Error(planned.refused.message);
    let second: unknown;
    await rig.switchTo("two", {
      continueSessions: async () => {
        second = await beginSwitchover(planned.plan, rig.deps)();
      },
    });
    expect(second).toMatchObject({
      kind: "refused",
      refusal: { code: "CF_SWITCHOVER_OPEN", details: { id: 1, from: "one", to: "two" } },
      entry: null,
    });
    expectAt(rig, "two");
  });

  it("is refused when another one was done since it was planned", async () => {
    const rig = await switchoverRig();
    const stale = rig.plan("two");
    if (stale.refused !== null) throw new Error(stale.refused.message);
    await rig.switchTo("two");
    expect(await beginSwitchover(stale.plan, rig.deps)()).toMatchObject({
      kind: "refused",
      refusal: { code: "CF_SWITCHOVER_OUTDATED", details: { active: "two" } },
      entry: null,
    });
    expectAt(rig, "two");
    expect(rig.store.switchovers.list(9)).toHaveLength(1);
  });

  it("plans without changing anything", async () => {
    const rig = await switchoverRig();
    expect(rig.plan("two").refused).toBeNull();
    expect(rig.store.switchovers.list(9)).toEqual([]);
    expect(lstatSync(join(rig.two, ".credentials.json")).mtimeMs).toBe(1_000_000);
    expectAt(rig, "one");
  });

  it("is refused while paused", async () => {
    const rig = await switchoverRig();
    rig.store.meta.set(META.paused, "2026-01-01T00:00:00Z");
    expect(await rig.switchTo("two")).toMatchObject({
      refusal: { code: "CF_SWITCHOVER_PAUSED" },
      entry: null,
    });
  });
});

describe("a switchover that is refused before the flip", () => {
  const lost = {
    refused: null,
    lost: async () => Promise.resolve(["/home/.oauth_refresh.lock"]),
    release: async () => Promise.resolve(),
  } as const;
  const busy: CheckResult = {
    refused: refusalOf(new FailoverError("CF_ACCOUNT_LOCK", "Process 7 holds it.")),
  };
  const refusals: readonly { why: string; changes: Partial<SwitchoverDeps>; code: string }[] = [
    {
      why: "links",
      changes: { ensureLinks: async () => Promise.resolve(divergent) },
      code: "CF_ACCOUNT_HOMES",
    },
    {
      why: "identity",
      changes: { checkIdentity: async () => Promise.resolve(divergent) },
      code: "CF_ACCOUNT_HOMES",
    },
    {
      why: "locks",
      changes: { lockHomes: async () => Promise.resolve(busy) },
      code: "CF_ACCOUNT_LOCK",
    },
    {
      why: "a lock fault",
      changes: {
        lockHomes: async () => Promise.reject(new FailoverError("CF_ACCOUNT_LOCK", "no")),
      },
      code: "CF_ACCOUNT_LOCK",
    },
    {
      why: "lost locks",
      changes: { lockHomes: async () => Promise.resolve(lost) },
      code: "CF_SWITCHOVER_LOCK_LOST",
    },
    {
      why: "a stopping daemon",
      changes: { signal: AbortSignal.abort() },
      code: "CF_SWITCHOVER_STOPPED",
    },
  ];
  it.each(refusals)(
    "because of $why leaves all as it was and closes the entry",
    async ({ changes, code }) => {
      const rig = await switchoverRig();
      const result = await rig.switchTo("two", changes);
      expect(result).toMatchObject({
        kind: "refused",
        refusal: { code },
        entry: { stage: "rolledBack", outcome: "rolledBack" },
      });
      expectAt(rig, "one");
      expect(rig.log.includes("locked")).toBe(rig.log.includes("released"));
      expect(rig.store.periods.list()).toHaveLength(1);
      expect((await rig.switchTo("two")).kind).toBe("committed");
    },
  );

  it("does not make a home that is gone", async () => {
    const rig = await switchoverRig();
    rmSync(rig.two, { recursive: true });
    expect(await rig.switchTo("two")).toMatchObject({ refusal: { code: "CF_SLOT_TARGET" } });
    expect(readdirSync(rig.folder)).not.toContain("two");
  });

  it.each(["symlink", "rename", "openDirectory"] as const)(
    "when the disk fails at %s",
    async (call) => {
      const rig = await switchoverRig();
      rig.faults[call] = "EROFS";
      const result = await rig.switchTo("two");
      expect(result).toMatchObject({ kind: "refused", refusal: { code: "CF_SLOT_UNWRITABLE" } });
      expect(rig.log).toContain("released");
      delete rig.faults[call];
      expectAt(rig, "one");
    },
  );

  it("still works when the old home is gone: only the new one is locked", async () => {
    const rig = await switchoverRig();
    rmSync(rig.one, { recursive: true });
    const homes: string[] = [];
    const result = await rig.switchTo("two", {
      lockHomes: async (paths) => {
        homes.push(...paths);
        return rig.deps.lockHomes(paths);
      },
    });
    expect(result.kind).toBe("committed");
    expect(homes).toEqual([rig.two]);
  });
});
