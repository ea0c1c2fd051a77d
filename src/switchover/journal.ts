import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import type { Json } from "../store/json.ts";
import type { Store } from "../store/store.ts";
import type { Stage, SwitchoverEntry, SwitchoverSession } from "../store/switchovers.ts";
import { heldRefusal, readHeld } from "./held.ts";
import { refusalOf, type StepName, type SwitchoverPlan, type SwitchoverRefusal } from "./model.ts";
import { openRefusal } from "./plan.ts";

/**
 * Which stage may follow which; the one place where it is written down. What only a recovery does
 * stands after the bar.
 *
 * `planned` nothing was touched · `locked` the client's locks are ours, the flip may begin ·
 * `flipped` the link is the new one · `verified` the new account is recorded as active ·
 * `continuing` sessions are being continued · `rollingBack` the flip is being undone · `held` it
 * could not be undone, a person is needed · `committed` and `rolledBack` are the ends.
 */
export const NEXT_STAGES: Readonly<Record<Stage, readonly Stage[]>> = {
  planned: ["locked", "rolledBack", /* | */ "verified", "rollingBack", "held"],
  locked: ["flipped", "rolledBack", "rollingBack", "held", /* | */ "verified"],
  flipped: ["verified", "rollingBack", /* | */ "rolledBack", "held"],
  verified: ["continuing", /* | */ "rolledBack", "held"],
  continuing: ["committed", /* | */ "rolledBack", "held"],
  rollingBack: ["rolledBack", "held"],
  held: [/* | */ "verified", "rollingBack", "rolledBack"],
  committed: [],
  rolledBack: [],
};

/** What a commit of the journal changes; all of it at once. */
export interface JournalChange {
  /** How the step under way ended; left out when none is. */
  readonly ended?: { readonly outcome: "done" | "refused" | "failed"; readonly detail?: Json };
  readonly stage?: Stage;
  /** The intent of the next step. */
  readonly begin?: StepName;
  /** More rows of the same transaction. */
  readonly also?: () => void;
}

/** The journal of one open entry. Every call is one durable commit. */
export interface Journal {
  readonly id: number;
  commit(change: JournalChange): void;
  session(session: SwitchoverSession): void;
  entry(): SwitchoverEntry;
}

interface JournalDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Writes a new entry with the intent of its first step, unless the plan is out of date. */
export function openJournal(
  plan: SwitchoverPlan,
  deps: JournalDeps,
): { readonly refused: null; readonly journal: Journal } | { readonly refused: SwitchoverRefusal } {
  const { store, clock } = deps;
  return store.transaction(() => {
    const refused = refuseOutdated(plan, store);
    if (refused !== null) return { refused };
    const startedAt = clock.now();
    const id = store.switchovers.insert({ ...plan.entry, startedAt });
    if (id === null) throw new FailoverError("CF_INTERNAL", "A second switchover was open.");
    const planStep = store.switchovers.beginStep(id, "plan", startedAt);
    for (const session of plan.sessions) store.switchovers.putSession(id, pending(session));
    store.switchovers.endStep(planStep, { outcome: "done", endedAt: clock.now(), detail: null });
    const step = store.switchovers.beginStep(id, "prepare", startedAt);
    return { refused: null, journal: journalAt({ id, deps, step }) };
  });
}

/** Between the plan and this commit another process may have switched over, or been held. */
function refuseOutdated({ entry }: SwitchoverPlan, store: Store): SwitchoverRefusal | null {
  const held = readHeld(store);
  if (held !== null) return heldRefusal(held);
  const open = store.switchovers.open();
  if (open !== null) return openRefusal(open);
  const active = store.periods.of(entry.slotName).active()?.account ?? null;
  if (active === entry.from) return null;
  const message = `${entry.from} is not the active account any more; ${active} is.`;
  return refusalOf(new FailoverError("CF_SWITCHOVER_OUTDATED", message, { details: { active } }));
}

function pending(session: SwitchoverPlan["sessions"][number]): SwitchoverSession {
  return { ...session, outcome: "pending", continuedMs: null, proof: null };
}

/** The journal of an entry that a dead process left open; its unfinished steps are `interrupted`. */
export function resumeJournal(entry: SwitchoverEntry, begin: StepName, deps: JournalDeps): Journal {
  const { store, clock } = deps;
  return store.transaction(() => {
    store.switchovers.interruptSteps(entry.id, clock.now());
    const step = store.switchovers.beginStep(entry.id, begin, clock.now());
    return journalAt({ id: entry.id, deps, step });
  });
}

function journalAt(options: { id: number; deps: JournalDeps; step: number }): Journal {
  const { id, deps } = options;
  const { store, clock } = deps;
  let step: number | null = options.step;
  return {
    id,
    commit: ({ ended, stage, begin, also }) =>
      store.transaction(() => {
        const at = clock.now();
        if (ended !== undefined && step !== null) {
          const { outcome, detail = null } = ended;
          store.switchovers.endStep(step, { outcome, endedAt: at, detail });
          step = null;
        }
        if (stage !== undefined) moveTo({ store, id, stage, at });
        also?.();
        if (begin !== undefined) step = store.switchovers.beginStep(id, begin, at);
      }),
    session: (session) => store.transaction(() => store.switchovers.putSession(id, session)),
    entry: () => requireEntry(store, id),
  };
}

function moveTo(options: { store: Store; id: number; stage: Stage; at: number }): void {
  const { store, id, stage, at } = options;
  const now = store.switchovers.stage(id);
  if (now === null || (now !== stage && !NEXT_STAGES[now].includes(stage))) {
    throw new FailoverError("CF_INTERNAL", `Switchover ${id} cannot go from ${now} to ${stage}.`);
  }
  store.switchovers.setStage(id, stage);
  if (stage === "held") store.switchovers.setOutcome(id, "held");
  if (stage === "committed" || stage === "rolledBack") store.switchovers.end(id, stage, at);
}

function requireEntry(store: Store, id: number): SwitchoverEntry {
  const entry = store.switchovers.get(id);
  if (entry === null) throw new FailoverError("CF_INTERNAL", `There is no switchover ${id}.`);
  return entry;
}
