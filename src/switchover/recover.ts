import { FailoverError } from "../errors.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import { continueAndCommit, pendingSessions } from "./continue.ts";
import {
  attempt,
  reachable,
  slotFsOf,
  type ContinueSessions,
  type SwitchoverDeps,
} from "./deps.ts";
import { clearHeld, heldBecause, readHeld, setHeld } from "./held.ts";
import { resumeJournal } from "./journal.ts";
import { refusalOf, type AccountPlace, type Held, type SwitchoverRefusal } from "./model.ts";
import { planRecovery, type RecoveryPlan } from "./plan-recovery.ts";
import { isAt, locate } from "./slot-position.ts";
import { detailOf, holdRun, rollBack, type Run } from "./roll-back.ts";
import { createSlot, readSlot, removeStrays, strays, type SlotState } from "./slot.ts";
import { isRunning, whileRunning } from "./running.ts";
import { verifyFlip } from "./verify.ts";

export interface RecoverDeps extends Omit<SwitchoverDeps, "continueSessions"> {
  readonly slotPath: string;
  readonly accounts: readonly AccountPlace[];
  /** Without it an interrupted `continuing` stays open, and the report names the sessions. */
  readonly continueSessions?: ContinueSessions | undefined;
  /** Says what would be done and changes nothing. */
  readonly dryRun?: boolean;
}

/** What a recovery found and did. */
export interface RecoveryReport extends RecoveryPlan {
  readonly slot: SlotState;
  /** The entry that was open, as it is now. */
  readonly entry: SwitchoverEntry | null;
  readonly held: Held | null;
  /** Sessions that are still to be continued. */
  readonly remaining: readonly string[];
  /** Temp links beside the slot that were removed. */
  readonly strays: readonly string[];
  /** The account that is recorded as active now. */
  readonly active: string | null;
  /** Set when the link led to another account than the recorded one, with no switchover open. */
  readonly adopted: string | null;
}

/**
 * Ends whatever switchover a dead process left open: rolls it forward or back, or makes it held;
 * clears a held state whose cause is mended; removes stray temp links; and with no switchover open
 * records the account the link leads to. May itself be killed and run again at any point. Only the
 * one process that may switch over may call it; while it is doing that itself, nothing happens.
 *
 * Throws CF_STORE_* and CF_SLOT_UNREADABLE; the entry stays open then.
 */
export async function recover(deps: RecoverDeps): Promise<RecoveryReport> {
  const { store } = deps;
  const fs = slotFsOf(deps);
  const open = store.switchovers.open();
  const slotPath = open?.slot ?? deps.slotPath;
  const slot = readSlot(slotPath, fs);
  const plan = planRecovery(open, slot, {
    held: readHeld(store),
    active: store.periods.active()?.account ?? null,
    accounts: locate(deps.accounts, fs),
    isFromReachable: open !== null && reachable([open.fromHome], fs).length > 0,
  });
  if (isRunning(store)) {
    const reason = "A switchover is under way; there is nothing to recover.";
    const nothing = { action: "nothing", reason } as const;
    return report({ deps, plan: nothing, open, adopted: null, strays: [] });
  }
  if (deps.dryRun === true) {
    return report({ deps, plan, open, adopted: null, strays: strays(slotPath, fs) });
  }
  const removed = removeStrays(slotPath, fs);
  const adopted = open === null ? settle({ deps, plan, slot }) : null;
  if (open !== null) {
    await whileRunning(store, async () => applyRecovery({ deps, plan, open, slot }));
  }
  return report({ deps, plan, open, adopted, strays: removed });
}

function report(options: {
  deps: RecoverDeps;
  plan: RecoveryPlan;
  open: SwitchoverEntry | null;
  adopted: string | null;
  strays: readonly string[];
}): RecoveryReport {
  const { deps, plan, open, adopted, strays: removed } = options;
  const { store } = deps;
  const entry = open === null ? null : store.switchovers.get(open.id);
  return {
    ...plan,
    slot: readSlot(open?.slot ?? deps.slotPath, slotFsOf(deps)),
    entry,
    held: readHeld(store),
    remaining: entry === null || entry.endedAt !== null ? [] : pendingSessions(entry),
    strays: removed,
    active: store.periods.active()?.account ?? null,
    adopted,
  };
}

/** Without an open entry: the held state, and the account that the link says is active. */
function settle(options: {
  deps: RecoverDeps;
  plan: RecoveryPlan;
  slot: SlotState;
}): string | null {
  const { deps, plan, slot } = options;
  const { store, clock, accounts } = deps;
  if (plan.action === "hold") return null;
  const active = store.periods.active()?.account ?? null;
  const there = locate(accounts, slotFsOf(deps)).find((account) => isAt(slot, account));
  const adopted = there === undefined || there.name === active ? null : there.name;
  if (readHeld(store) === null && adopted === null) return null;
  store.transaction(() => {
    clearHeld(store);
    const madeAt = slot.kind === "link" ? Math.floor(slot.madeAt) : clock.now();
    if (adopted !== null) store.periods.begin(adopted, Math.min(madeAt, clock.now()));
  });
  return adopted;
}

async function applyRecovery(options: {
  deps: RecoverDeps;
  plan: RecoveryPlan;
  open: SwitchoverEntry;
  slot: SlotState;
}): Promise<void> {
  const { deps, plan, open } = options;
  switch (plan.action) {
    case "nothing":
      return;
    case "hold":
      return holdAgain(options);
    case "markRolledBack":
      return markRolledBack(options);
    case "rollBack": {
      const because = refusalOf(new FailoverError("CF_SWITCHOVER_UNVERIFIED", plan.reason));
      await lockAndRollBack(resume(options), { because, deps, open });
      return;
    }
    case "rollForward":
      await rollForward(options);
  }
}

function resume({ deps, open }: { deps: RecoverDeps; open: SwitchoverEntry }): Run {
  return { journal: resumeJournal(open, "recover", deps), places: open, deps };
}

/** A state that is held already is not journaled again. */
function holdAgain(options: {
  deps: RecoverDeps;
  plan: RecoveryPlan;
  open: SwitchoverEntry;
}): void {
  const { deps, plan, open } = options;
  const cause = refusalOf(
    new FailoverError("CF_SWITCHOVER_DISAGREE", plan.reason, {
      hint: `Point ${open.slot} to ${open.fromHome} or to ${open.toHome}.`,
    }),
  );
  if (open.stage !== "held" || readHeld(deps.store) === null) {
    holdRun(resume(options), cause);
    return;
  }
  const what = `Switchover ${open.id} from ${open.from} to ${open.to} could not be undone`;
  const since = deps.clock.now();
  setHeld(deps.store, heldBecause({ cause, what, since, switchoverId: open.id }));
}

function markRolledBack(options: {
  deps: RecoverDeps;
  plan: RecoveryPlan;
  open: SwitchoverEntry;
}): void {
  const { deps, plan, open } = options;
  const { store, clock } = deps;
  const wasFlipped = open.stage !== "planned" && open.stage !== "locked";
  resume(options).journal.commit({
    ended: { outcome: "done", detail: plan.reason },
    stage: "rolledBack",
    also: () => {
      clearHeld(store);
      // Somebody put the link back after the new account had been recorded: the link counts.
      if (store.periods.active()?.account !== open.from)
        store.periods.begin(open.from, clock.now());
      else if (wasFlipped) store.periods.excursion(open.to, flippedAt(open), clock.now());
    },
  });
}

/** When the link was flipped, as well as the journal knows. */
function flippedAt(entry: SwitchoverEntry): number {
  return entry.steps.findLast(({ step }) => step === "flip")?.startedAt ?? entry.startedAt;
}

async function lockAndRollBack(
  run: Run,
  options: { because: SwitchoverRefusal; deps: RecoverDeps; open: SwitchoverEntry },
): Promise<void> {
  const { because, deps, open } = options;
  await deps.onStep?.("recover", "intent");
  const homes = reachable([open.fromHome, open.toHome], slotFsOf(deps));
  const locks = await attempt(() => deps.lockHomes(homes), deps.signal);
  if (locks.refused !== null) {
    holdRun(run, locks.refused);
    return;
  }
  try {
    const ended = { outcome: "failed", detail: detailOf(because) } as const;
    await rollBack(run, { because, ended, flippedAt: flippedAt(open) });
  } finally {
    await attempt(() => locks.release());
  }
}

async function rollForward(options: {
  deps: RecoverDeps;
  plan: RecoveryPlan;
  open: SwitchoverEntry;
  slot: SlotState;
}): Promise<void> {
  const { deps, open, slot } = options;
  const { store, continueSessions } = deps;
  const isRecorded = store.periods.active()?.account === open.to;
  if (isRecorded && open.stage === "continuing" && continueSessions === undefined) return;
  const run = resume(options);
  await deps.onStep?.("recover", "intent");
  if (slot.kind === "missing") {
    const { slot: path, linkAfter: to } = open;
    const made = await attempt(() => createSlot({ slot: path, to, fs: slotFsOf(deps) }));
    if (made !== undefined) {
      holdRun(run, made.refused);
      return;
    }
  }
  if (!isRecorded) {
    const because = await verifyFlip(open, { ...deps, continueSessions: noSessions });
    if (because !== null) return await lockAndRollBack(run, { because, deps, open });
  }
  await deps.onStep?.("recover", "effect");
  run.journal.commit({
    ended: { outcome: "done", detail: options.plan.reason },
    ...(open.stage !== "continuing" && { stage: "verified" as const }),
    also: () => {
      clearHeld(store);
      store.periods.begin(open.to, flippedAt(open));
    },
  });
  await deps.onStep?.("recover", "done");
  if (continueSessions !== undefined) {
    await continueAndCommit(run.journal, { ...deps, continueSessions });
  }
}

async function noSessions(): Promise<void> {}
