import type { ActionJson } from "../api/contract.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { keptSessions } from "./kept.ts";
import { refused } from "./refused.ts";

/**
 * The slot that a request is about: the own one of the session named, or the shared one where none
 * is. A session that has none of its own is refused, as it would take all others with it.
 */
export function slotAsked(
  session: string | null,
  { config, store, core }: HandlerOptions,
): { readonly slot: string } | { readonly refused: ActionJson } {
  if (session === null) return { slot: SHARED_SLOT };
  const wanted = keptSessions(store, config).find(({ name }) => name === session);
  if (wanted === undefined)
    return { refused: refused("CF_SESSION_UNKNOWN", `There is no session ${session}.`) };
  const slot = core.fleet.get(session)?.slot ?? wanted.slot;
  if (slot !== SHARED_SLOT) return { slot };
  const later = wanted.slot === SHARED_SLOT ? "" : " until its client is started anew";
  const text = `Session ${session} uses the shared slot${later}.`;
  return { refused: refused("CF_SLOT_SHARED", text) };
}
