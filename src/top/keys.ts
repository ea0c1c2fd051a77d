import { isOwnSlot } from "../api/session-view.ts";
import { textLayout, type Size } from "./layout.ts";
import type { Command, Overlay, TextOverlay, TopState } from "./model.ts";

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
      return only({ overlay: { kind: "accounts", index: 0 } });
    case "p":
      return run({ do: isPaused ? "resume" : "pause" });
    case "c":
      return inAnswer(state, "confirm");
    case "d":
      return inAnswer(state, "decline");
    case "f":
      return only({
        overlay: {
          kind: "ask",
          question: "Return the fleet to the preferred account, and end a pin?",
          command: { do: "failback" },
        },
      });
    case "u":
      return (state.status?.pinned ?? null) === null
        ? only({ notice: { text: "No account is pinned.", tone: "bad" } })
        : run({ do: "unpin" });
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

/** An answer to what is proposed; asked once more, because it moves the fleet, or keeps it there. */
function inAnswer(state: TopState, answer: "confirm" | "decline"): Pressed {
  const about = state.status?.proposal ?? null;
  if (about === null) {
    const notice = { text: "Nothing is proposed.", tone: "bad" } as const;
    return { state: { ...state, notice }, command: null };
  }
  const { cause, from, to } = about;
  const question =
    answer === "confirm"
      ? `Do the ${cause} from ${from} to ${to}?`
      : `Decline the ${cause} from ${from} to ${to}? It is not proposed again for this reason.`;
  const overlay = { kind: "ask", question, command: { do: answer }, about } as const;
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
      return inAccounts(state, overlay.index, key);
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

/** The accounts a switchover may go to: all but the active one. */
export function targetsOf({ status }: TopState): readonly string[] {
  if (status === null) return [];
  return status.accounts.map(({ name }) => name).filter((name) => name !== status.activeAccount);
}

function inAccounts(state: TopState, index: number, key: Key): Pressed {
  const targets = targetsOf(state);
  const last = Math.max(0, targets.length - 1);
  const moved = key === "up" || key === "k" ? -1 : key === "down" || key === "j" ? 1 : 0;
  const at = Math.min(Math.max(0, index + moved), last);
  const to = targets[at];
  if (key !== "return" || to === undefined)
    return { state: { ...state, overlay: { kind: "accounts", index: at } }, command: null };
  const count = state.status?.sessions.filter(({ slot }) => !isOwnSlot(slot)).length ?? 0;
  const whom = count === 1 ? "1 session" : `${count} sessions`;
  const question = `Move ${whom} from ${state.status?.activeAccount ?? "no account"} to ${to}?`;
  const command: Command = { do: "switchover", to };
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
