import type { CheckpointCause } from "../store/checkpoints.ts";
import type { SCHEMA } from "./contract.ts";

/** Where a session's work stood. Texts are without secrets, and short. */
export interface CheckpointJson {
  readonly id: number;
  readonly session: string;
  readonly at: string;
  readonly cause: CheckpointCause;
  readonly sessionId: string | null;
  readonly task: number | null;
  readonly cwd: string;
  readonly git: {
    readonly head: string | null;
    readonly branch: string | null;
    readonly dirty: boolean | null;
  } | null;
  readonly tool: {
    readonly name: string;
    readonly input: string;
    readonly isOpen: boolean;
  } | null;
  readonly screen: readonly string[];
  readonly background: readonly string[];
}

export interface CheckpointsJson {
  readonly schema: typeof SCHEMA;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointJson[];
}
