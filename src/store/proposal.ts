import { META, type MetaTable } from "./meta.ts";
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

/** The proposal that is open, or null. */
export function readProposal({ meta }: WithMeta): Proposal | null {
  const text = meta.get(META.proposal);
  return text === null ? null : (JSON.parse(text) as Proposal);
}

export function writeProposal({ meta }: WithMeta, proposal: Proposal | null): void {
  if (proposal === null) meta.delete(META.proposal);
  else meta.set(META.proposal, JSON.stringify(proposal));
}
