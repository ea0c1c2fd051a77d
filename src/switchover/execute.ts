import { turnOfLoop } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import { beginContinuing, continueAndCommit } from "./continue.ts";
import { attempt, reachable, slotFsOf, stoppedRefusal, type SwitchoverDeps } from "./deps.ts";
import { openJournal } from "./journal.ts";
import {
  refusalOf,
  type HomeLocks,
  type SwitchoverPlan,
  type SwitchoverRefusal,
  type SwitchoverResult,
} from "./model.ts";
import { applyMtimeTick, type MtimeTick } from "./mtime-tick.ts";
import { detailOf, holdRun, rollBack, undoFlip, type Run } from "./roll-back.ts";
import { slotPosition } from "./slot-position.ts";
import { flipSlot, readSlot, slotText } from "./slot.ts";
import { whileRunning } from "./running.ts";
import { checkTarget, verifyFlip } from "./verify.ts";

/**
 * A switchover whose entry is written down: what carries it out, once that is durable. Rejects with
 * CF_STORE_* when the journal cannot be written: the link is then back where it was as far as the
 * disk allows, the entry stays open, and `recover` closes it. Rejects with the signal's reason when
 * the daemon stops while sessions are being continued.
 */
export type CarryOut = () => Promise<SwitchoverResult>;

/**
 * Writes down one planned switchover, with the intent of its first step; nothing is touched yet. May be
 * a part of a transaction. A second one at the same time is `refused` and told about the first.
 * Throws CF_STORE_*.
 *
 * It is then done step by step, each written before and after its effect. Whatever goes wrong after
 * the flip undoes it. The new account is recorded as active only after it was verified, and in the
 * same commit as that stage.
 */
export function beginSwitchover(plan: SwitchoverPlan, deps: SwitchoverDeps): CarryOut {
  const opened = openJournal(plan, deps);
  if (opened.refused !== null) return refusedAtOnce(opened.refused);
  const run: Run = { journal: opened.journal, places: plan.entry, deps };
  return async () => whileRunning(deps.store, async () => carryOut(run, deps));
}

/** A switchover that is refused before anything of it is written down. */
export function refusedAtOnce(refusal: SwitchoverRefusal): CarryOut {
  return async () => Promise.resolve({ kind: "refused", refusal, entry: null });
}

async function carryOut(run: Run, deps: SwitchoverDeps): Promise<SwitchoverResult> {
  const { journal, places } = run;
  await deps.onStep?.("prepare", "intent");
  const unfit = await checkTarget(places.toHome, deps);
  if (unfit === null) await deps.bringAlong?.(places);
  await deps.onStep?.("prepare", "effect");
  if (unfit !== null) return refuse(run, unfit);
  journal.commit({ ended: { outcome: "done" }, begin: "lock" });
  await deps.onStep?.("lock", "intent");
  const homes = reachable([places.fromHome, places.toHome], slotFsOf(deps));
  const locks = await attempt(() => deps.lockHomes(homes), deps.signal);
  if (locks.refused !== null) return refuse(run, locks.refused);
  try {
    return await flipAndContinue(run, { locks, deps });
  } catch (fault) {
    await attempt(() => undoUnrecorded(run));
    throw fault;
  } finally {
    await giveBack(locks);
  }
}

/** Closes an entry of which nothing was done. */
function refuse(run: Run, refusal: SwitchoverRefusal): SwitchoverResult {
  const { journal } = run;
  journal.commit({
    ended: { outcome: "refused", detail: detailOf(refusal) },
    stage: "rolledBack",
  });
  return { kind: "refused", refusal, entry: journal.entry() };
}

async function flipAndContinue(
  run: Run,
  { locks, deps }: { locks: HomeLocks; deps: SwitchoverDeps },
): Promise<SwitchoverResult> {
  await deps.onStep?.("lock", "effect");
  const ended = await flipAndVerify(run, { locks, deps });
  if (ended !== null) return ended;
  const [entry] = await Promise.all([
    continueAndCommit(run.journal, deps),
    // The screens were asked for by then: tmux answers while the folders are removed.
    turnOfLoop().then(async () => giveBack(locks)),
  ]);
  return { kind: "committed", entry };
}

/** A lock that cannot be given back ages and is taken over by the client. */
async function giveBack(locks: HomeLocks): Promise<void> {
  await attempt(() => locks.release());
}

/** Null when the flip is verified and recorded, and the sessions may be continued. */
async function flipAndVerify(
  run: Run,
  { locks, deps }: { locks: HomeLocks; deps: SwitchoverDeps },
): Promise<SwitchoverResult | null> {
  const { journal, places } = run;
  const { clock, store, onStep } = deps;
  journal.commit({ ended: { outcome: "done" }, stage: "locked", begin: "flip" });
  await onStep?.("flip", "intent");
  const notNow = await refuseLate(locks, deps);
  if (notNow !== null) return refuse(run, notNow);
  const flippedAt = clock.now();
  const flip = await attempt(() => ({ refused: null, tick: flipTo(run) }));
  await onStep?.("flip", "effect");
  if (flip.refused !== null) return await failedFlip(run, flip.refused, flippedAt);
  const detail = flip.tick.kind === "tick" ? { mtimeMs: flip.tick.mtimeMs } : null;
  journal.commit({ ended: { outcome: "done", detail }, stage: "flipped", begin: "verify" });
  await onStep?.("verify", "intent");
  const unverified = await verifyFlip(places, deps);
  await onStep?.("verify", "effect");
  if (unverified !== null) {
    const ended = { outcome: "failed", detail: detailOf(unverified) } as const;
    return await rollBack(run, { because: unverified, ended, flippedAt });
  }
  store.transaction(() => {
    journal.commit({
      ended: { outcome: "done" },
      stage: "verified",
      also: () => store.periods.of(places.slotName).begin(places.to, flippedAt),
    });
    beginContinuing(journal);
  });
  await onStep?.("verify", "done");
  return null;
}

/** The last look before the flip: the process may have slept, or been told to stop. */
async function refuseLate(
  locks: HomeLocks,
  deps: SwitchoverDeps,
): Promise<SwitchoverRefusal | null> {
  const lost = await attempt(async () => ({ refused: null, paths: await locks.lost() }));
  if (lost.refused !== null) return lost.refused;
  if (lost.paths.length > 0) {
    const message = `Locks were lost before the flip: ${lost.paths.join(", ")}.`;
    return refusalOf(new FailoverError("CF_SWITCHOVER_LOCK_LOST", message));
  }
  return deps.signal?.aborted === true ? stoppedRefusal() : null;
}

function flipTo({ places, deps }: Run): MtimeTick {
  const fs = slotFsOf(deps);
  const { slot, fromHome, toHome, linkBefore, linkAfter } = places;
  const tick = applyMtimeTick({ from: fromHome, to: toHome, others: deps.homes, fs });
  flipSlot({ slot, to: linkAfter, expect: linkBefore, fs });
  return tick;
}

/** A flip that threw may still have happened: what counts is where the link is. */
async function failedFlip(
  run: Run,
  because: SwitchoverRefusal,
  flippedAt: number,
): Promise<SwitchoverResult> {
  const { places, deps } = run;
  const look = await attempt(() => ({
    refused: null,
    slot: readSlot(places.slot, slotFsOf(deps)),
  }));
  if (look.refused !== null) return holdRun(run, look.refused);
  const { slot } = look;
  switch (slotPosition(slot, places)) {
    case "before":
      return refuse(run, because);
    case "after":
    case "missing": {
      const ended = { outcome: "failed", detail: detailOf(because) } as const;
      return await rollBack(run, { because, ended, flippedAt });
    }
    case "elsewhere":
      return holdRun(run, { ...because, message: `${because.message} (${slotText(slot)})` });
  }
}

/** After a fault of the journal: without a record of the new account the old link must stand. */
function undoUnrecorded({ journal, places, deps }: Run): void {
  const stage = deps.store.switchovers.stage(journal.id);
  if (stage === "planned" || stage === "locked" || stage === "flipped" || stage === "rollingBack") {
    undoFlip(places, slotFsOf(deps));
  }
}
