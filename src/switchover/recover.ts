import { FailoverError } from "../errors.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import { beginContinuing, continueAndCommit, pendingSessions } from "./continue.ts";
import {
  attempt,
  reachable,
  slotFsOf,
  type ContinueSessions,
  type SwitchoverDeps,
} from "./deps.ts";
import { clearHeld, heldBecause, readHeld, setHeld } from "./held.ts";
import { resumeJournal } from "./journal.ts";
import {
  refusalOf,
  type AccountPlace,
  type Held,
  type SlotPlace,
  type SwitchoverRefusal,
} from "./model.ts";
import { planRecovery, type RecoveryPlan } from "./plan-recovery.ts";
import { isAt, locate } from "./slot-position.ts";
import { detailOf, holdRun, rollBack, type Run } from "./roll-back.ts";
import { createSlot, readSlot, removeStrays, strays, type SlotState } from "./slot.ts";
import { isRunning, whileRunning } from "./running.ts";
import { verifyFlip } from "./verify.ts";

export interface RecoverDeps extends Omit<SwitchoverDeps, "continueSessions"> {
  /** Every slot, the shared one first. */
  readonly slots: readonly [SlotPlace, ...SlotPlace[]];
  readonly accounts: readonly AccountPlace[];
  /** Without it an interrupted `continuing` stays open, and the report names the sessions. */
  readonly continueSessions?: ContinueSessions | undefined;
  /** Says what would be done and changes nothing. */
  readonly dryRun?: boolean;
}

/** A slot that led to another account than the recorded one, with no switchover of it open. */
export interface AdoptedSlot extends SlotPlace {
  readonly account: string;
}

/** What a recovery found and did. */
export interface RecoveryReport extends RecoveryPlan {
  /** The slot of the entry that was open; without one, the slot that is not right, or the first. */
  readonly slot: SlotState;
  /** The entry that was open, as it is now. */
  readonly entry: SwitchoverEntry | null;
  readonly held: Held | null;
  /** Sessions that are still to be continued. */
  readonly remaining: readonly string[];
  /** Temp links beside the slots that were removed. */
  readonly strays: readonly string[];
  /** The account that is recorded as active in that slot now. */
  readonly active: string | null;
  readonly adopted: readonly AdoptedSlot[];
}

/**
 * Ends whatever switchover a dead process left open, by the link of its own slot: rolls it forward
 * or back, or makes it held; clears a held state whose cause is mended; removes stray temp links; and
 * records for every slot without an open switchover the account that its link leads to. May itself be
 * killed and run again at any point. Only the one process that may switch over may call it; while it
 * is doing that itself, nothing happens.
 *
 * Throws CF_STORE_* and CF_SLOT_UNREADABLE; the entry stays open then.
 */
export async function recover(deps: RecoverDeps): Promise<RecoveryReport> {
  const { store, slots } = deps;
  const fs = slotFsOf(deps);
  const open = store.switchovers.open();
  const { at, slot, plan } = planAt(deps, open);
  const found = { deps, at, open, plan };
  if (isRunning(store)) {
    const reason = "A switchover is under way; there is nothing to recover.";
    const nothing = { action: "nothing", reason } as const;
    return report({ ...found, plan: nothing, adopted: [], strays: [] });
  }
  const links = [at, ...slots.filter(({ name }) => name !== at.name)].map(({ path }) => path);
  if (deps.dryRun === true) {
    return report({ ...found, adopted: [], strays: links.flatMap((path) => strays(path, fs)) });
  }
  const removed = links.flatMap((path) => removeStrays(path, fs));
  const adopted = plan.action === "hold" && open === null ? [] : settle(deps, open);
  if (open !== null) {
    await whileRunning(store, async () => applyRecovery({ deps, plan, open, slot }));
  }
  return report({ ...found, adopted, strays: removed });
}

/** What is to be done, and the slot it is about. */
function planAt(
  deps: RecoverDeps,
  open: SwitchoverEntry | null,
): { at: SlotPlace; slot: SlotState; plan: RecoveryPlan } {
  const { store } = deps;
  const fs = slotFsOf(deps);
  const accounts = locate(deps.accounts, fs);
  const planOf = (at: SlotPlace) => {
    const slot = readSlot(at.path, fs);
    const plan = planRecovery(open, slot, {
      held: readHeld(store),
      active: store.periods.of(at.name).active()?.account ?? null,
      accounts,
      isFromReachable: open !== null && reachable([open.fromHome], fs).length > 0,
    });
    return { at, slot, plan };
  };
  if (open !== null) return planOf({ name: open.slotName, path: open.slot });
  const [first, ...others] = deps.slots;
  const looked = planOf(first);
  return [looked, ...others.map(planOf)].find(({ plan }) => plan.action === "hold") ?? looked;
}

function report(options: {
  deps: RecoverDeps;
  at: SlotPlace;
  plan: RecoveryPlan;
  open: SwitchoverEntry | null;
  adopted: readonly AdoptedSlot[];
  strays: readonly string[];
}): RecoveryReport {
  const { deps, at, plan, open, adopted, strays: removed } = options;
  const { store } = deps;
  const entry = open === null ? null : store.switchovers.get(open.id);
  return {
    ...plan,
    slot: readSlot(at.path, slotFsOf(deps)),
    entry,
    held: readHeld(store),
    remaining: entry === null || entry.endedAt !== null ? [] : pendingSessions(entry),
    strays: removed,
    active: store.periods.of(at.name).active()?.account ?? null,
    adopted,
  };
}

/** The accounts that the links of slots without an open entry lead to; without any, the held state. */
function settle(deps: RecoverDeps, open: SwitchoverEntry | null): readonly AdoptedSlot[] {
  const { store, clock } = deps;
  const fs = slotFsOf(deps);
  const accounts = locate(deps.accounts, fs);
  const moved = deps.slots
    .filter(({ name }) => name !== open?.slotName)
    .flatMap((at) => {
      const slot = readSlot(at.path, fs);
      const active = store.periods.of(at.name).active()?.account ?? null;
      const there = accounts.find((account) => isAt(slot, account));
      if (there === undefined || there.name === active) return [];
      const madeAt = slot.kind === "link" ? Math.floor(slot.madeAt) : clock.now();
      return [{ ...at, account: there.name, since: Math.min(madeAt, clock.now()) }];
    });
  const clears = open === null && readHeld(store) !== null;
  if (!clears && moved.length === 0) return [];
  store.transaction(() => {
    if (clears) clearHeld(store);
    for (const { name, account, since } of moved) store.periods.of(name).begin(account, since);
  });
  return moved.map(({ name, path, account }) => ({ name, path, account }));
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
      const periods = store.periods.of(open.slotName);
      if (periods.active()?.account !== open.from) periods.begin(open.from, clock.now());
      else if (wasFlipped) periods.excursion(open.to, flippedAt(open), clock.now());
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
  const periods = store.periods.of(open.slotName);
  const isRecorded = periods.active()?.account === open.to;
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
      periods.begin(open.to, flippedAt(open));
    },
  });
  await deps.onStep?.("recover", "done");
  if (continueSessions !== undefined) {
    beginContinuing(run.journal);
    await continueAndCommit(run.journal, { ...deps, continueSessions });
  }
}

async function noSessions(): Promise<void> {}
