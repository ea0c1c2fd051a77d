import { isOwnSlot } from "../api/session-view.ts";
import { textLayout, type Size } from "./layout.ts";
import type { Command, Overlay, TextOverlay, TopState } from "./model.ts";
import { answerable, slotOf } from "./slot.ts";

/** What a key does: the state after it, and what is to be done outside. */
export interface Pressed {
  readonly state: TopState;
  readonly command: Command | null;
}

/** A key as `node:readline` names it: `q`, `up`, `return`, `escape`, `c-c` with control. */
export type Key = string;

/** Pure: what `key` does on a screen of this size. */
export function pressed(state: TopState, key: Key, size: Size): Pressed {
  if (key === "c-c") return { state, command: { do: "quit" } };
  const calm = { ...state, notice: null };
  return state.overlay === null
    ? inView(calm, key)
    : inOverlay(calm, { overlay: state.overlay, key, size });
}

function inView(state: TopState, key: Key): Pressed {
  const only = (next: Partial<TopState>): Pressed => ({
    state: { ...state, ...next },
    command: null,
  });
  const run = (command: Command | null): Pressed => ({ state, command });
  const isPaused = state.status?.daemon.paused === true;
  const { session } = slotOf(state.status, state.cursor);
  switch (key) {
    case "q":
    case "escape":
      return run({ do: "quit" });
    case "up":
    case "k":
      return only({ cursor: neighbour(state, -1) });
    case "down":
    case "j":
      return only({ cursor: neighbour(state, 1) });
    case "?":
      return only({ overlay: { kind: "help" } });
    case "s":
      return only({ overlay: { kind: "accounts", index: 0, session } });
    case "p":
      return run({ do: isPaused ? "resume" : "pause" });
    case "c":
      return inAnswer(state, "confirm");
    case "d":
      return inAnswer(state, "decline");
    case "f":
      return only({ overlay: failbackQuestion(state) });
    case "u":
      return inRelease(state);
    case "w":
      return run({ do: "why", word: null });
    case "return":
      return run(state.cursor === null ? null : { do: "why", word: state.cursor });
    case "h":
      return run(verbFor(state, "hold"));
    case "r":
      return run(verbFor(state, "release"));
    case "a":
      return run(verbFor(state, "attach"));
    default:
      return run(null);
  }
}

function failbackQuestion({ status, cursor }: TopState): Overlay {
  const { session, label } = slotOf(status, cursor);
  const question = `Return ${label} to the preferred account, and end a pin?`;
  return { kind: "ask", question, command: { do: "failback", session } };
}

function inRelease(state: TopState): Pressed {
  const { session, label, pinned } = slotOf(state.status, state.cursor);
  if (pinned !== null) return { state, command: { do: "unpin", session } };
  const text = session === null ? "No account is pinned." : `No account is pinned for ${label}.`;
  return { state: { ...state, notice: { text, tone: "bad" } }, command: null };
}

/** An answer to what is proposed; asked once more, because it moves the fleet, or keeps it there. */
function inAnswer(state: TopState, answer: "confirm" | "decline"): Pressed {
  const about = answerable(state.status, state.cursor);
  if (about === undefined) {
    const notice = { text: "Nothing is proposed.", tone: "bad" } as const;
    return { state: { ...state, notice }, command: null };
  }
  const { cause, from, to } = about.proposal;
  const isOwn = isOwnSlot(about.slot.name);
  const what = `${cause}${isOwn ? ` of slot ${about.slot.name}` : ""} from ${from} to ${to}`;
  const question =
    answer === "confirm"
      ? `Do the ${what}?`
      : `Decline the ${what}? It is not proposed again for this reason.`;
  const session = isOwn ? (about.slot.sessions[0] ?? about.slot.name) : null;
  const overlay = { kind: "ask", question, command: { do: answer, session }, about } as const;
  return { state: { ...state, overlay }, command: null };
}

function inOverlay(state: TopState, at: { overlay: Overlay; key: Key; size: Size }): Pressed {
  const { overlay, key, size } = at;
  if (key === "escape" || key === "q") return closed(state);
  switch (overlay.kind) {
    case "help":
      return closed(state);
    case "text": {
      const from = scrolled(overlay, key, size);
      return { state: { ...state, overlay: { ...overlay, from } }, command: null };
    }
    case "accounts":
      return inAccounts(state, overlay, key);
    case "ask":
      return key === "y" ? { ...closed(state), command: overlay.command } : closed(state);
  }
}

function closed(state: TopState): Pressed {
  return { state: { ...state, overlay: null }, command: null };
}

function scrolled(text: TextOverlay, key: Key, size: Size): number {
  const { lines, fits } = textLayout(text, size);
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -fits,
    pagedown: fits,
    space: fits,
  };
  return Math.min(Math.max(0, text.from + (steps[key] ?? 0)), Math.max(0, lines.length - fits));
}

/** The accounts that the slot of this session, or the shared one, may go to: all but its active one. */
export function targetsOf({ status }: TopState, session: string | null): readonly string[] {
  const { account } = slotOf(status, session);
  return status?.accounts.map(({ name }) => name).filter((name) => name !== account) ?? [];
}

function inAccounts(
  state: TopState,
  overlay: Extract<Overlay, { kind: "accounts" }>,
  key: Key,
): Pressed {
  const { index, session } = overlay;
  const targets = targetsOf(state, session);
  const last = Math.max(0, targets.length - 1);
  const moved = key === "up" || key === "k" ? -1 : key === "down" || key === "j" ? 1 : 0;
  const at = Math.min(Math.max(0, index + moved), last);
  const to = targets[at];
  if (key !== "return" || to === undefined)
    return { state: { ...state, overlay: { ...overlay, index: at } }, command: null };
  const { size, label, account } = slotOf(state.status, session);
  const count = size === 1 ? "1 session" : `${size} sessions`;
  const whom = session === null ? count : `${label} (${count})`;
  const question = `Move ${whom} from ${account ?? "no account"} to ${to}?`;
  const command: Command = { do: "switchover", session, to };
  return { state: { ...state, overlay: { kind: "ask", question, command } }, command: null };
}

function neighbour({ status, cursor }: TopState, step: 1 | -1): string | null {
  const names = status?.sessions.map(({ name }) => name) ?? [];
  const at = cursor === null ? -1 : names.indexOf(cursor);
  return names[Math.min(Math.max(0, at + step), names.length - 1)] ?? null;
}

function verbFor({ cursor }: TopState, verb: "hold" | "release" | "attach"): Command | null {
  return cursor === null ? null : { do: "verb", verb, session: cursor };
}
