import type { EventJson, StatusJson } from "../api/contract.ts";
import type { TaskJson } from "../api/dispatch-contract.ts";
import { proposalsOf, type OpenProposal } from "../api/session-view.ts";
import { slotOf } from "./slot.ts";

/** Everything the live view shows. It changes only by `pressed` and by what the feed tells. */
export interface TopState {
  readonly connection:
    | { readonly kind: "connecting" | "live" }
    /** What is shown is what the disk told, or what the daemon told last. */
    | { readonly kind: "down"; readonly message: string; readonly hint: string };
  readonly status: StatusJson | null;
  /** Tasks that a session works on. */
  readonly tasks: readonly TaskJson[];
  /** Oldest first, `KEPT_EVENTS` at most. */
  readonly events: readonly EventJson[];
  /** The selected session; null before there is one. */
  readonly cursor: string | null;
  readonly overlay: Overlay | null;
  /** What became of the last key. */
  readonly notice: { readonly text: string; readonly tone: "good" | "bad" } | null;
}

/** What lies over the view until it is answered or left. */
export type Overlay =
  | { readonly kind: "help" }
  | TextOverlay
  | {
      readonly kind: "accounts";
      readonly index: number;
      /** The session whose own slot is to move; null for the shared one. */
      readonly session: string | null;
    }
  | {
      readonly kind: "ask";
      readonly question: string;
      readonly command: Command;
      /** The proposal that is answered. */
      readonly about?: OpenProposal;
    };

export interface TextOverlay {
  readonly kind: "text";
  readonly title: string;
  readonly lines: readonly string[];
  /** How many lines are scrolled away, as they are broken on this screen. */
  readonly from: number;
}

/** What a key asks for; done outside. `session` is of whose own slot, null for the shared one. */
export type Command =
  | { readonly do: "quit" | "pause" | "resume" }
  | { readonly do: "confirm" | "decline" | "failback" | "unpin"; readonly session: string | null }
  | { readonly do: "switchover"; readonly session: string | null; readonly to: string }
  | { readonly do: "why"; readonly word: string | null }
  /** A verb of the command line; `attach` takes the terminal. */
  | { readonly do: "verb"; readonly verb: "hold" | "release" | "attach"; readonly session: string };

export const KEPT_EVENTS = 200;

export const INITIAL: TopState = {
  connection: { kind: "connecting" },
  status: null,
  tasks: [],
  events: [],
  cursor: null,
  overlay: null,
  notice: null,
};

/**
 * Pure: the state after a look at the daemon. A session that is gone is no longer selected, its slot no
 * longer moved, and what is proposed no longer is no longer asked about: the answer would be to
 * something else.
 */
export function withLook(
  state: TopState,
  look: Pick<TopState, "status" | "tasks" | "connection">,
): TopState {
  const names = look.status?.sessions.map(({ name }) => name) ?? [];
  const cursor = state.cursor !== null && names.includes(state.cursor) ? state.cursor : null;
  const overlay = isOver(state.overlay, look.status) ? null : state.overlay;
  return { ...state, ...look, overlay, cursor: cursor ?? names[0] ?? null };
}

function isOver(overlay: Overlay | null, status: StatusJson | null): boolean {
  if (overlay?.kind === "accounts" && overlay.session !== null)
    return slotOf(status, overlay.session).session === null;
  if (overlay?.kind !== "ask" || overlay.about === undefined) return false;
  const { proposal, slot } = overlay.about;
  const { from, to, cause } = proposal;
  const open = status === null ? [] : proposalsOf(status);
  const now = open.find((each) => each.slot.name === slot.name)?.proposal;
  return from !== now?.from || to !== now.to || cause !== now.cause;
}

/** Pure: the state after one more event. */
export function withEvent(state: TopState, event: EventJson): TopState {
  return { ...state, events: [...state.events, event].slice(-KEPT_EVENTS) };
}
