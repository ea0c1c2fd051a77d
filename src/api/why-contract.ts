import type {
  AccountJson,
  DecisionJson,
  EventJson,
  HistoryJson,
  SCHEMA,
  SessionJson,
  SwitchoverJson,
} from "./contract.ts";
import type { Limitation } from "../policy/model.ts";

/** One refusal as one channel told it; `snippet` has at most 200 characters and no secret. */
export interface EvidenceJson {
  readonly id: string;
  readonly channel: string;
  readonly session: string;
  readonly sessionId: string;
  readonly account: string;
  readonly class: string;
  readonly window: string | null;
  readonly resetsAt: string | null;
  readonly pattern: string;
  readonly snippet: string;
  readonly requestedAt: string;
  readonly observedAt: string;
}

/** A decision with what it stood on. */
export interface ExplainedDecisionJson extends DecisionJson {
  readonly id: number;
  /** The name of the slot that it was about. */
  readonly slot: string;
  readonly kind: string;
  readonly from: string | null;
  readonly to: string | null;
  /** When it is to be decided again, if it says so. */
  readonly until: string | null;
  /** What stood in the way of every account then. */
  readonly accounts: readonly {
    readonly account: string;
    readonly limitations: readonly Limitation[];
  }[];
  /** Refusals that stood then; they are kept for 90 days. */
  readonly evidence: readonly EvidenceJson[];
}

export interface WhyJson {
  readonly schema: typeof SCHEMA;
  readonly subject: {
    readonly kind: "decisions" | "decision" | "session" | "account";
    readonly name: string | null;
  };
  /** The explanation, sentence by sentence. */
  readonly explanation: readonly string[];
  readonly session: SessionJson | null;
  readonly account: AccountJson | null;
  /** Newest first. */
  readonly decisions: readonly ExplainedDecisionJson[];
  readonly evidence: readonly EvidenceJson[];
  readonly switchovers: readonly SwitchoverJson[];
  readonly events: readonly EventJson[];
}

/** `history` with one entry, and everything that is known of it. */
export interface ForensicHistoryJson extends HistoryJson {
  readonly forensics: ForensicsJson | null;
}

export interface ForensicsJson {
  readonly version: string;
  readonly madeAt: string;
  readonly id: number;
  readonly link: { readonly slot: string; readonly before: string; readonly after: string };
  readonly homes: { readonly from: string; readonly to: string };
  readonly stage: string;
  readonly timings: {
    /** From the start to the end; null while it is under way. */
    readonly totalMs: number | null;
    /** From the first observation of what triggered it to the end of the flip. */
    readonly evidenceToFlipMs: number | null;
    readonly steps: readonly {
      readonly step: string;
      readonly afterMs: number;
      readonly tookMs: number | null;
    }[];
  };
  readonly proofs: readonly {
    readonly session: string;
    readonly outcome: string;
    readonly proof: string | null;
    readonly continuedMs: number | null;
  }[];
  /** Every refusal from an hour before it to its end, oldest first. */
  readonly evidence: readonly EvidenceJson[];
  /** Decisions from an hour before it to its end, newest first. */
  readonly decisions: readonly ExplainedDecisionJson[];
  /** Events from a minute before it to a minute after its end, oldest first. */
  readonly events: readonly EventJson[];
}
