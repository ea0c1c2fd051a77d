import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { isLoopback } from "./ask.ts";
import type { SessionFlags } from "./flags.ts";
import { runHooks } from "./hooks.ts";
import { Input } from "./input.ts";
import { KeyParser } from "./keys.ts";
import { moveSelection, trustMenu } from "./menus.ts";
import { endPayload } from "./payloads.ts";
import { transcriptPath } from "./places.ts";
import type { ClientPlaces } from "./places.ts";
import { ScreenState } from "./screen-state.ts";
import { Session } from "./session.ts";
import { loadSettings } from "./settings.ts";
import { Terminal } from "./terminal.ts";
import { readTranscript } from "./transcript.ts";
import type { PastConversation } from "./transcript.ts";
import { acceptTrust, isTrusted } from "./trust.ts";
import type { Block } from "./view.ts";

/** Exit statuses of the signals that end a session (measured, 2.1.328). */
const SIGNALS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 0 } as const;

interface Start {
  readonly sessionId: string;
  readonly past: PastConversation | null;
}

/** Runs an interactive session until it ends; ends the process. */
export function runSession(options: {
  places: ClientPlaces;
  flags: SessionFlags;
  version: string;
  baseUrl: string;
}): void {
  const { places, flags, baseUrl } = options;
  if (!isLoopback(baseUrl)) return refuse("Error: the stand-in talks to a loopback address only.");
  const start = startOf(places, flags);
  if (start === "taken") return refuse(`Error: Session ID ${flags.sessionId} is already in use.`);
  if (start === "unknown") return refuseUnknown(options);
  if (!process.stdin.isTTY) return refuse("Error: the stand-in runs in a terminal only.");
  const terminal = new Terminal();
  const screen = new ScreenState(terminal, {
    cwd: places.cwd,
    permissionMode: flags.permissionMode,
  });
  const settings = loadSettings(places, flags.settings);
  const session = new Session({ ...options, ...start, settings, screen });
  const input = new Input(session, screen);
  const end = enderOf({ session, terminal, flags });
  session.onExit = () => end("prompt_input_exit", 0);
  for (const [signal, status] of Object.entries(SIGNALS)) {
    process.on(signal, () => end("other", status));
  }
  const begin = (): void => {
    feed = (chunk) => input.feed(chunk);
    terminal.useAlternate();
    terminal.setTitle("✳ Claude Code");
    screen.add(...opening(options, start.past));
    void session.start();
  };
  let feed = (chunk: string): void => trust.feed(chunk);
  const trust = trustQuestion({ places, screen, terminal, begin });
  terminal.open(
    (chunk) => feed(chunk),
    () => screen.draw(),
  );
  if (isTrusted(places)) begin();
  else screen.setMenu(trustMenu(places.cwd));
}

/** Which conversation this is, or why it cannot be (client facts 21). */
function startOf(places: ClientPlaces, flags: SessionFlags): Start | "taken" | "unknown" {
  if (flags.resume !== null) {
    const past = readTranscript(transcriptPath(places, flags.resume));
    return past === null ? "unknown" : { sessionId: flags.resume, past };
  }
  const sessionId = flags.sessionId ?? randomUUID();
  return existsSync(transcriptPath(places, sessionId)) ? "taken" : { sessionId, past: null };
}

/** Even a session that never began reports its end (measured, 2.1.150 and .328). */
function refuseUnknown(options: { places: ClientPlaces; flags: SessionFlags }): void {
  const { places, flags } = options;
  const sessionId = flags.resume ?? "";
  const payload = endPayload(
    {
      sessionId,
      transcriptPath: transcriptPath(places, sessionId),
      cwd: places.cwd,
      promptId: null,
      permissionMode: flags.permissionMode,
    },
    "other",
  );
  const settings = loadSettings(places, flags.settings);
  refuse(`No conversation found with session ID: ${sessionId}`);
  void runHooks({ settings, event: "SessionEnd", payload, cwd: places.cwd });
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

/** Ends once, whoever asks first. */
function enderOf(options: {
  session: Session;
  terminal: Terminal;
  flags: SessionFlags;
}): (reason: string, status: number) => void {
  const { session, terminal, flags } = options;
  let isEnding = false;
  return (reason, status) => {
    if (isEnding) return;
    isEnding = true;
    void session.end(reason).then(() => {
      const settings = flags.settings === null ? "" : `--settings ${flags.settings} `;
      const again = `claude ${settings}--resume ${session.sessionId}`;
      const hasPrompts = session.prompts.length > 0;
      terminal.close(hasPrompts ? ["Resume this session with:", again] : []);
      process.exit(status);
    });
  };
}

function opening(
  options: { places: ClientPlaces; version: string },
  past: PastConversation | null,
): Block[] {
  const head = `Claude Code stand-in v${options.version}\n${options.places.cwd}`;
  const said = (past?.said ?? []).map(({ role, text, isError }): Block => {
    if (role === "user") return { kind: "prompt", text };
    return { kind: isError ? "result" : "answer", text };
  });
  return [{ kind: "plain", text: head }, ...said];
}

/** Asks before a directory that was never opened. "No" is the default and ends with 1. */
function trustQuestion(options: {
  places: ClientPlaces;
  screen: ScreenState;
  terminal: Terminal;
  begin: () => void;
}): { feed: (chunk: string) => void } {
  const { places, screen, terminal, begin } = options;
  const parser = new KeyParser();
  const leave = (): void => {
    terminal.close([
      "Claude Code didn't start because this folder isn't trusted.",
      "Run claude again and choose Yes, or run it in another folder.",
    ]);
    process.exit(1);
  };
  return {
    feed: (chunk) => {
      for (const key of [...parser.feed(chunk), ...parser.flush()]) {
        const { menu } = screen;
        if (menu === null) return;
        if (key.kind === "up") screen.setMenu(moveSelection(menu, -1));
        else if (key.kind === "down") screen.setMenu(moveSelection(menu, 1));
        else if (key.kind === "escape" || key.kind === "interrupt") leave();
        else if (key.kind === "enter" && menu.selected === 0) leave();
        else if (key.kind === "enter") {
          acceptTrust(places);
          screen.setMenu(null);
          begin();
        }
      }
    },
  };
}
