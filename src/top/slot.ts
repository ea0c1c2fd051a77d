import type { ProposalJson, StatusJson } from "../api/contract.ts";
import { isOwnSlot, proposalsOf, type OpenProposal } from "../api/session-view.ts";

/** A slot as the keys are about it. */
export interface SlotMeant {
  /** A session of it, where it is an own one; null for the shared one. */
  readonly session: string | null;
  /** `the fleet`, or `slot web`. */
  readonly label: string;
  readonly account: string | null;
  /** How many sessions use it. */
  readonly size: number;
  readonly pinned: string | null;
  readonly proposal: ProposalJson | null;
}

/** Pure: the own slot of a session, or the shared one where it has none or nobody is named. */
export function slotOf(status: StatusJson | null, session: string | null): SlotMeant {
  const name = status?.sessions.find((each) => each.name === session)?.slot;
  const own = status?.slots.find((slot) => isOwnSlot(slot.name) && slot.name === name);
  if (own !== undefined)
    return { ...own, session, label: `slot ${own.name}`, size: own.sessions.length };
  return {
    session: null,
    label: "the fleet",
    account: status?.activeAccount ?? null,
    size: status?.sessions.filter(({ slot }) => !isOwnSlot(slot)).length ?? 0,
    pinned: status?.pinned ?? null,
    proposal: status?.proposal ?? null,
  };
}

/** Pure: the proposal that the keys answer: of the slot that is meant, else the first that is open. */
export function answerable(
  status: StatusJson | null,
  session: string | null,
): OpenProposal | undefined {
  const open = status === null ? [] : proposalsOf(status);
  const { proposal } = slotOf(status, session);
  return open.find((each) => each.proposal === proposal) ?? open[0];
}
