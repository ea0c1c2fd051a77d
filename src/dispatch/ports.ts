import type { PromptSought, PromptTurn } from "../claude/prompt-turn.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { RefusalClass, SessionKind, SessionState } from "../policy/model.ts";
import type { Store } from "../store/store.ts";
import type { TaskQueue } from "./queue.ts";
import type { Workplace } from "./router.ts";

/** A session as the daemon knows it. Times are epoch ms. */
export interface SessionFacts {
  readonly name: string;
  readonly kind: SessionKind;
  readonly state: SessionState;
  readonly held: boolean;
  readonly draining: boolean;
  /** What its last turn was refused for, while that stands. */
  readonly refused: { readonly class: RefusalClass; readonly text: string } | null;
  readonly startedAt: number;
  /** When it was given its last prompt, as far as this daemon heard; 0 for never. */
  readonly promptedAt: number;
  readonly cwd: string;
  readonly sessionId: string | null;
  /** Whether nothing was said in its conversation yet; looks at the disk. */
  readonly isFresh: () => boolean;
}

/** What became of a prompt that was to be typed. */
export type Delivery =
  | { readonly kind: "delivered"; readonly promptId: string | null; readonly at: number }
  | {
      readonly kind: "notDelivered";
      readonly why: string;
      /** Keys were sent, so that the client may take it still. */
      readonly wasTyped: boolean;
    };

export type Recycled =
  | { readonly kind: "ready"; readonly sessionId: string }
  | { readonly kind: "notReady"; readonly why: string };

/** What dispatching needs of the rest of the daemon. */
export interface DispatchPorts {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly queue: TaskQueue;
  readonly sessions: () => readonly SessionFacts[];
  readonly session: (name: string) => SessionFacts | null;
  /** Why the client of a session that does not run is not started again, or null where it is. */
  readonly whyLost: (name: string) => string | null;
  /** Why nothing is to be given out now, or null. */
  readonly frozen: () => string | null;
  /** Types a prompt into a session of the pool. Throws CF_DISPATCH_DEDICATED for any other. */
  readonly deliver: (request: {
    readonly session: string;
    readonly text: string;
    readonly signal: AbortSignal;
  }) => Promise<Delivery>;
  /** What is typed to go on with a turn that its client's end cut off. */
  readonly nudgeAfterResume: (session: string) => string;
  /** The tool that waits for an answer, with its input, short and without secrets; null for none. */
  readonly askedFor: (session: string) => Promise<string | null>;
  /** Gives a session of the pool a new conversation in a workplace. */
  readonly recycle: (session: string, place: Workplace) => Promise<Recycled>;
  /** Ends the turn of a session of the pool; whether it was seen to end. */
  readonly interrupt: (session: string) => Promise<boolean>;
  /** What the transcripts of a conversation tell of a prompt. */
  readonly look: (sessionId: string, sought: PromptSought) => PromptTurn | null;
  /** How long the transcript of a conversation is, in bytes; null for none. */
  readonly lengthOf: (sessionId: string) => number | null;
  readonly onFault: (what: string, thrown: unknown) => void;
}
