import { SHARED_SLOT } from "../policy/slot.ts";
import { proposalKey, type MetaTable } from "./meta.ts";
import type { SwitchoverCause } from "./switchovers.ts";

/** A move that waits for the operator's word. Times are epoch ms. */
export interface Proposal {
  readonly key: string;
  readonly cause: SwitchoverCause;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly at: number;
  /** Then it is answered with nothing. */
  readonly until: number;
}

interface WithMeta {
  readonly meta: MetaTable;
}

/** The proposal of the slot that is open, or null. */
export function readProposal({ meta }: WithMeta, slot = SHARED_SLOT): Proposal | null {
  const text = meta.get(proposalKey(slot));
  return text === null ? null : (JSON.parse(text) as Proposal);
}

export function writeProposal({ meta }: WithMeta, slot: string, proposal: Proposal | null): void {
  if (proposal === null) meta.delete(proposalKey(slot));
  else meta.set(proposalKey(slot), JSON.stringify(proposal));
}
