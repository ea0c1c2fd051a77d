import type { AccountLimitations, Evidence } from "../policy/model.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { DecisionRow } from "../store/decisions.ts";
import type { EvidenceTable } from "../store/evidence.ts";
import { snippetOf, type RedactOptions } from "./redact.ts";
import { timeOrNull } from "./view.ts";
import type { EvidenceJson, ExplainedDecisionJson } from "./why-contract.ts";

/** Pure: one piece of evidence as it is shown. */
export function evidenceJson(evidence: Evidence, options: RedactOptions = {}): EvidenceJson {
  const { id, channel, session, sessionId, account, refusal } = evidence;
  return {
    id,
    channel,
    session,
    sessionId,
    account,
    class: refusal.class,
    window: refusal.window,
    resetsAt: timeOrNull(refusal.resetsAt),
    pattern: refusal.pattern,
    snippet: snippetOf(refusal.text, options),
    requestedAt: rfc3339(evidence.requestedAt),
    observedAt: rfc3339(evidence.observedAt),
  };
}

/** What a stored decision says beside its reason; older ones say less. */
interface Detail {
  readonly from?: string;
  readonly to?: string;
  readonly until?: number | null;
  readonly accounts?: readonly AccountLimitations[];
  /** Null where nobody was refused. */
  readonly trigger?: Evidence | null;
  /** Ids of the refusals that stood. */
  readonly evidence?: readonly string[];
}

/** A decision as it is shown. */
export function explainedDecision(
  row: DecisionRow,
  table: Pick<EvidenceTable, "get">,
): ExplainedDecisionJson {
  const detail = (row.detail ?? {}) as unknown as Detail;
  const ids = new Set([...(detail.evidence ?? []), ...(detail.trigger ? [detail.trigger.id] : [])]);
  const known = [...ids].flatMap((id) => table.get(id) ?? []);
  const trigger = detail.trigger ?? undefined;
  const isGone = trigger !== undefined && !known.some(({ id }) => id === trigger.id);
  return {
    id: row.id,
    slot: row.slot,
    kind: row.kind,
    code: row.code,
    text: row.text,
    at: rfc3339(row.at),
    from: detail.from ?? null,
    to: detail.to ?? null,
    until: timeOrNull(detail.until ?? null),
    accounts: detail.accounts ?? [],
    evidence: (isGone ? [...known, trigger] : known).map((each) => evidenceJson(each)),
  };
}
