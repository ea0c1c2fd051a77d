import { randomUUID } from "node:crypto";
import type { Store } from "../store/store.ts";
import type { FleetSession } from "./fleet.ts";

/**
 * Keeps as evidence that a client ended while its turn ran; false when none did. It says nothing of
 * the account: what it is for is to be asked for (`why`). `at` is epoch ms.
 */
export function noteCutTurn(
  store: Store,
  session: FleetSession | undefined,
  end: { readonly at: number; readonly exit: number | null; readonly text: string },
): boolean {
  if (session?.live.state !== "working") return false;
  const { lastPrompt, sessionId } = session.live;
  const requestedAt = lastPrompt?.at ?? end.at;
  const account = store.periods.of(session.slot).accountAt(requestedAt);
  if (account === null || sessionId === null) return false;
  const how = end.exit === null ? end.text : `${end.text}, with status ${end.exit}`;
  return store.evidence.add({
    id: randomUUID(),
    channel: "exit",
    session: session.name,
    sessionId,
    promptId: lastPrompt?.promptId ?? null,
    account,
    refusal: { class: "unknown", window: null, resetsAt: null, pattern: "exit", text: how },
    requestedAt,
    observedAt: end.at,
  });
}
