import type { ReadStream, WriteStream } from "node:tty";
import { ask } from "../api/client.ts";
import type { ActionJson, StatusJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import { asFailoverError } from "../errors.ts";
import { runFeed } from "./feed.ts";
import { frame } from "./frame.ts";
import { pressed, type Key } from "./keys.ts";
import { INITIAL, withEvent, withLook, type Command, type TopState } from "./model.ts";
import { Screen } from "./screen.ts";
import type { View } from "./text.ts";

export interface LiveOptions {
  readonly socket: string;
  readonly clock: Clock;
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly timeOf: View["timeOf"];
  /** Ends the view from outside. */
  readonly signal: AbortSignal;
  readonly fromDisk: () => Promise<StatusJson>;
  /** The explanation of a session, or of the last decisions, line by line. */
  readonly why: (word: string | null) => Promise<readonly string[]>;
  /** Runs a verb of ours; with the terminal, or without: then its output is returned. */
  readonly verb: (args: readonly string[], way: "terminal" | "quiet") => Promise<string>;
}

const TICK_MS = 1_000;

/** Shows the fleet until a key or the signal ends it. Throws what the feed throws at first. */
export async function showLive(options: LiveOptions): Promise<void> {
  const { clock } = options;
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  let state = INITIAL;
  let isLent = false;
  using screen = new Screen({ ...options, onKey, onResize: redraw });

  function redraw(): void {
    if (isLent) return;
    const { color, unicode, timeOf } = options;
    const view = { ...screen.size, color, unicode, timeOf, now: clock.now() };
    screen.draw(frame(state, view));
  }

  function become(next: TopState): void {
    state = next;
    redraw();
  }

  function onKey(key: Key): void {
    const { state: next, command } = pressed(state, key, screen.size);
    become(next);
    if (command === null) return;
    if (command.do === "quit") return end.abort();
    isLent = command.do === "verb" && command.verb === "attach";
    const change = (then: Partial<TopState>): void => {
      isLent = false;
      become({ ...state, ...then });
    };
    void perform(command, options, screen).then(change, (thrown: unknown) =>
      change({ notice: { text: faultText(thrown), tone: "bad" } }),
    );
  }

  const feed = runFeed({
    ...options,
    signal,
    onLook: (look) => become(withLook(state, look)),
    onEvent: (event) => {
      state = withEvent(state, event);
    },
  });
  const ticking = tick(clock, signal, redraw);
  redraw();
  try {
    await feed;
  } finally {
    end.abort();
    await ticking;
  }
}

/** Countdowns go on, and events are shown, once a second. */
async function tick(clock: Clock, signal: AbortSignal, redraw: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TICK_MS, signal).catch(() => undefined);
    if (!signal.aborted) redraw();
  }
}

/** Does what a key asked for, and returns what changes in the view. */
async function perform(
  command: Command,
  options: LiveOptions,
  screen: Screen,
): Promise<Partial<TopState>> {
  const { socket } = options;
  switch (command.do) {
    case "quit":
      return {};
    case "pause":
    case "resume":
      return told(await ask<ActionJson>({ socket, method: "POST", path: `/v1/${command.do}` }));
    case "confirm":
    case "decline": {
      const { session } = command;
      const path = `/v1/${command.do}`;
      return told(await ask<ActionJson>({ socket, method: "POST", path, body: { session } }));
    }
    case "switchover": {
      const body = { session: command.session, to: command.to, dryRun: false };
      return told(await ask<ActionJson>({ socket, method: "POST", path: "/v1/switchover", body }));
    }
    case "failback":
    case "unpin": {
      const body = {
        session: command.session,
        release: command.do === "unpin",
        dryRun: false,
      };
      return told(await ask<ActionJson>({ socket, method: "POST", path: "/v1/failback", body }));
    }
    case "why": {
      const lines = await options.why(command.word);
      const title = command.word === null ? "WHY" : `WHY ${command.word}`;
      return { overlay: { kind: "text", title, lines, from: 0 } };
    }
    case "verb": {
      const { verb, session } = command;
      if (verb === "attach") {
        await screen.lend(async () => options.verb([verb, session], "terminal"));
        return {};
      }
      const text = await options.verb([verb, session], "quiet");
      return { notice: { text, tone: "good" } };
    }
  }
}

function told(action: ActionJson): Partial<TopState> {
  const text = action.done || action.hint === "" ? action.text : `${action.text} ${action.hint}`;
  return { notice: { text, tone: action.done ? "good" : "bad" } };
}

function faultText(thrown: unknown): string {
  const { message, hint } = asFailoverError(thrown);
  return `${message} ${hint}`;
}
