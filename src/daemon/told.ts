import type { Evidence } from "../policy/model.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { Json } from "../store/json.ts";
import type { SwitchoverResult } from "../switchover/model.ts";

/** Characters of the client's own words that `history` keeps. */
const SNIPPET = 200;

/** What `history` shows as the trigger. */
export function triggerData(trigger: Evidence, all: readonly Evidence[]): Json {
  const { session, refusal } = trigger;
  return {
    session,
    class: refusal.class,
    pattern: refusal.pattern,
    snippet: refusal.text.slice(0, SNIPPET),
    evidence: all
      .filter((item) => item.account === trigger.account)
      .map((item) => ({
        session: item.session,
        channel: item.channel,
        window: item.refusal.window,
        resetsAt: item.refusal.resetsAt === null ? null : rfc3339(item.refusal.resetsAt),
        requestedAt: rfc3339(item.requestedAt),
        observedAt: rfc3339(item.observedAt),
      })),
  };
}

/** What the event of a switchover that ended carries. */
export function outcomeData(result: SwitchoverResult): Readonly<Record<string, Json>> {
  switch (result.kind) {
    case "committed":
      return { id: result.entry.id, from: result.entry.from, to: result.entry.to };
    case "refused":
    case "rolledBack":
      return {
        id: result.entry?.id ?? null,
        code: result.refusal.code,
        text: result.refusal.message,
      };
    case "held":
      return { id: result.entry.id, code: result.held.code, text: result.held.message };
  }
}
