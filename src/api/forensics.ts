import { rfc3339 } from "../policy/rfc3339.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import { evidenceJson, explainedDecision } from "./explained.ts";
import { eventJson, historyJson } from "./view.ts";
import type { ForensicHistoryJson, ForensicsJson } from "./why-contract.ts";

const MINUTE_MS = 60_000;
const BEFORE_MS = 60 * MINUTE_MS;
/** The newest of each that are looked through. */
const LOOKED = { events: 50_000, decisions: 10_000 };

/** One switchover with everything that is known of it; no entry and null when there is none. */
export function forensicHistory(
  store: Store | null,
  id: number,
  made: { readonly version: string; readonly now: number },
): ForensicHistoryJson {
  const entry = store?.switchovers.get(id) ?? null;
  if (store === null || entry === null) return { ...historyJson([]), forensics: null };
  return { ...historyJson([entry]), forensics: forensicsOf(entry, store, made) };
}

function forensicsOf(
  entry: SwitchoverEntry,
  store: Store,
  { version, now }: { readonly version: string; readonly now: number },
): ForensicsJson {
  const end = entry.endedAt ?? now;
  const evidence = store.evidence
    .since(entry.startedAt - BEFORE_MS)
    .filter(({ observedAt }) => observedAt <= end);
  const events = store.events
    .latest(LOOKED.events)
    .filter(({ at }) => at >= entry.startedAt - MINUTE_MS && at <= end + MINUTE_MS);
  const decisions = store.decisions
    .list(LOOKED.decisions)
    .filter(({ at }) => at >= entry.startedAt - BEFORE_MS && at <= end);
  return {
    version,
    madeAt: rfc3339(now),
    id: entry.id,
    link: { slot: entry.slot, before: entry.linkBefore, after: entry.linkAfter },
    homes: { from: entry.fromHome, to: entry.toHome },
    stage: entry.stage,
    timings: timingsOf(entry),
    proofs: entry.sessions.map(({ name, outcome, proof, continuedMs }) => ({
      session: name,
      outcome,
      proof,
      continuedMs,
    })),
    evidence: evidence.map((each) => evidenceJson(each)),
    decisions: decisions.map((row) => explainedDecision(row, store.evidence)),
    events: events.map(eventJson),
  };
}

function timingsOf(entry: SwitchoverEntry): ForensicsJson["timings"] {
  const flipEnd = entry.steps.find(({ step }) => step === "flip")?.endedAt ?? null;
  const seen = firstObserved(entry);
  return {
    totalMs: entry.endedAt === null ? null : entry.endedAt - entry.startedAt,
    evidenceToFlipMs: flipEnd === null || seen === null ? null : flipEnd - seen,
    steps: entry.steps.map(({ step, startedAt, endedAt }) => ({
      step,
      afterMs: startedAt - entry.startedAt,
      tookMs: endedAt === null ? null : endedAt - startedAt,
    })),
  };
}

function firstObserved({ trigger }: SwitchoverEntry): number | null {
  const { evidence = [] } = (trigger ?? {}) as { evidence?: { observedAt?: string }[] };
  const times = evidence.flatMap(({ observedAt }) =>
    observedAt === undefined ? [] : [Date.parse(observedAt)],
  );
  return times.length === 0 ? null : Math.min(...times);
}
