import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { SHARED_SLOT } from "../../src/policy/slot.ts";
import type { AccountPeriods } from "../../src/store/account-periods.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { SwitchoverCause } from "../../src/store/switchovers.ts";
import type { StepPhase, SwitchoverDeps } from "../../src/switchover/deps.ts";
import { beginSwitchover } from "../../src/switchover/execute.ts";
import { lookForPlan } from "../../src/switchover/look.ts";
import type {
  AccountPlace,
  SlotPlace,
  StepName,
  SwitchoverResult,
} from "../../src/switchover/model.ts";
import { planSwitchover, type PlanResult } from "../../src/switchover/plan.ts";
import { recover, type RecoverDeps, type RecoveryReport } from "../../src/switchover/recover.ts";
import type { SlotFs } from "../../src/switchover/slot-fs.ts";
import { hookedSlotFs, systemError } from "./hooked-slot-fs.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";
import { tempDir } from "./temp-dir.ts";

/** Two account homes, slots and a store in a folder of their own; `one` is active in every slot. */
export interface SwitchoverRig {
  readonly folder: string;
  /** The link of the slot that is moved. */
  readonly slot: string;
  /** Every slot, the shared one first. */
  readonly slots: RecoverDeps["slots"];
  /** The periods of the slot that is moved. */
  readonly periods: AccountPeriods;
  readonly one: string;
  readonly two: string;
  readonly accounts: readonly AccountPlace[];
  readonly store: Store;
  readonly clock: ManualClock;
  /** Every step and lock, in the order in which they happened. */
  readonly log: string[];
  /** File-system calls that fail from now on, by name. */
  readonly faults: Partial<Record<keyof SlotFs, string>>;
  readonly deps: SwitchoverDeps;
  plan(to: string, cause?: SwitchoverCause): PlanResult;
  /** Plans and executes; `changes` replace single dependencies. */
  switchTo(to: string, changes?: Partial<SwitchoverDeps>): Promise<SwitchoverResult>;
  recover(changes?: Partial<RecoverDeps>): Promise<RecoveryReport>;
}

export const SESSION = { name: "ccl-1", strategy: "hot", sessionId: "id-1" } as const;

/** `own`: not the shared slot is moved but one beside it of this name. */
export async function switchoverRig({ own }: { own?: string } = {}): Promise<SwitchoverRig> {
  const folder = tempDir();
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  const shared = { name: SHARED_SLOT, path: join(folder, "slot") };
  const moved = own === undefined ? shared : { name: own, path: join(folder, `${own}-slot`) };
  for (const home of [one, two]) {
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, ".credentials.json"), "{}", { mode: 0o600 });
    utimesSync(join(home, ".credentials.json"), 1_000, 1_000);
  }
  const slots: RecoverDeps["slots"] = own === undefined ? [shared] : [shared, moved];
  for (const { path } of slots) symlinkSync(one, path);
  const clock = manualClock();
  const store = openStore(join(folder, "state", "state.sqlite"), clock);
  onTestFinished(() => store.close());
  const rig = assemble({ folder, moved, slots, one, two, store, clock });
  await rig.recover();
  return rig;
}

function assemble(
  parts: Pick<SwitchoverRig, "folder" | "slots" | "one" | "two" | "store" | "clock"> & {
    moved: SlotPlace;
  },
): SwitchoverRig {
  const { moved, slots, one, two, store, clock } = parts;
  const log: string[] = [];
  const faults: SwitchoverRig["faults"] = {};
  const fs = hookedSlotFs((name) => {
    const errno = faults[name];
    if (errno !== undefined) throw systemError(errno, name);
  });
  const accounts = [
    { name: "one", home: one },
    { name: "two", home: two },
  ];
  const deps = rigDeps({ store, clock, fs, log });
  const plan: SwitchoverRig["plan"] = (to, cause = "switchover") =>
    planSwitchover(
      { cause, to, trigger: { session: "ccl-1" }, sessions: [SESSION] },
      lookForPlan({ store, slot: moved, accounts, to, cooldownUntil: null, fs }),
    );
  return {
    ...parts,
    slot: moved.path,
    periods: store.periods.of(moved.name),
    accounts,
    log,
    faults,
    deps,
    plan,
    switchTo: async (to, changes = {}) => {
      const planned = plan(to);
      if (planned.refused !== null)
        return { kind: "refused", refusal: planned.refused, entry: null };
      return beginSwitchover(planned.plan, { ...deps, ...changes })();
    },
    recover: async (changes = {}) => recover({ ...deps, slots, accounts, ...changes }),
  };
}

function rigDeps(parts: {
  store: Store;
  clock: ManualClock;
  fs: SlotFs;
  log: string[];
}): SwitchoverDeps {
  const { store, clock, fs, log } = parts;
  return {
    store,
    clock,
    fs,
    lockHomes: async () => {
      log.push("locked");
      return {
        refused: null,
        lost: async () => Promise.resolve([]),
        release: async () => Promise.resolve(log.push("released")),
      };
    },
    ensureLinks: async () => Promise.resolve({ refused: null }),
    checkIdentity: async () => Promise.resolve({ refused: null }),
    continueSessions: async (entry, record) => {
      for (const session of entry.sessions) {
        await record({ ...session, outcome: "continued", continuedMs: 80, proof: "prompt-2" });
      }
    },
    onStep: (step: StepName, phase: StepPhase) => void log.push(`${step}:${phase}`),
  };
}

/** The credential file of a home, untouched: what a switchover may never change. */
export function credentials(home: string): string {
  return readFileSync(join(home, ".credentials.json"), "utf8");
}
