import { randomUUID } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addedDirectories } from "../claude/added-directories.ts";
import { findTranscripts } from "../claude/find-transcripts.ts";
import {
  argsInMode,
  CONFIG_DIR,
  launchArgv,
  sessionSettings,
  type Conversation,
} from "../claude/launch.ts";
import { keepOwnStatusLine } from "../claude/status-line-command.ts";
import type { PaneRow } from "../tmux/formats.ts";
import type { PaneHandle, Panes } from "../tmux/panes.ts";
import type { WantedSession } from "./wanted.ts";

export interface StartDeps {
  readonly panes: Pick<Panes, "newSession" | "respawn">;
  /** Absolute path of the client. */
  readonly command: string;
  /** What a session of the slot is given on top; asked at each start. */
  readonly env: (slot: string) => Readonly<Record<string, string>>;
  /** The path of the link of this name that sessions use as their config directory. */
  readonly slotPath: (slot: string) => string;
  readonly settingsDir: string;
  readonly spoolDir: string;
  readonly projectsDir: string;
  /** The id that the registry remembers for a session. */
  readonly knownId: (name: string) => string | null;
  /** The permission mode that its client told last. */
  readonly permissionMode: (name: string) => string | null;
}

/** How a session is started. */
export type SessionAction =
  /** No tmux session has its name: make one. */
  | { readonly kind: "create"; readonly session: WantedSession }
  /** Its pane is there: start the client in it. */
  | {
      readonly kind: "respawn";
      readonly session: WantedSession;
      readonly pane: Pick<PaneRow, "paneId">;
      /** What runs in it is ended first. */
      readonly kill?: true;
    };

/** A session whose client was started. */
export interface Started {
  readonly kind: "started";
  readonly session: WantedSession;
  readonly pane: PaneHandle;
  readonly conversation: Conversation;
  readonly transcriptPath: string | null;
}

/** A session that was not started, and why; nothing was made. */
export interface NotStarted {
  readonly kind: "notStarted";
  readonly session: WantedSession;
  readonly why: string;
}

/**
 * Starts the client of one session in a new tmux session, or in the dead pane it had: with an id
 * chosen here, or resuming the one it is known by if that has a transcript (client facts 21).
 * Throws CF_TMUX_* when tmux refuses.
 */
export async function startSession(
  action: SessionAction,
  deps: StartDeps,
): Promise<Started | NotStarted> {
  const { session } = action;
  if (!isDirectory(session.cwd))
    return { kind: "notStarted", session, why: `its folder ${session.cwd} does not exist` };
  const chosen = session.sessionId ?? deps.knownId(session.name) ?? randomUUID();
  const transcripts = findTranscripts(deps.projectsDir, chosen);
  if (transcripts.length > 1)
    return {
      kind: "notStarted",
      session,
      why: `its conversation has two files: ${transcripts.join(", ")}`,
    };
  const [transcriptPath = null] = transcripts;
  const conversation: Conversation = {
    kind: transcriptPath === null ? "new" : "resume",
    sessionId: chosen,
  };
  const directories = transcriptPath === null ? [] : addedDirectories(transcriptPath);
  const program = programOf(session, { ...conversation, directories }, deps);
  const pane =
    action.kind === "create"
      ? await deps.panes.newSession({ name: session.name, ...program })
      : await deps.panes.respawn(action.pane.paneId, {
          ...program,
          kill: action.kill ?? false,
          // What the tmux session was made with, when its client had another slot.
          without: CONFIG_DIR in program.env ? [] : [CONFIG_DIR],
        });
  return { kind: "started", session, pane, conversation, transcriptPath };
}

function programOf(
  session: WantedSession,
  conversation: Conversation & { readonly directories: readonly string[] },
  deps: StartDeps,
) {
  const settingsFile = join(deps.settingsDir, `${session.name}.json`);
  const { settingsDir, spoolDir } = deps;
  const own = { session: session.name, settingsDir, spoolDir };
  const settings = sessionSettings({ ...own, directories: conversation.directories });
  writeFileSync(settingsFile, JSON.stringify(settings, null, 2), { mode: 0o600 });
  keepOwnStatusLine({ ...own, slot: deps.slotPath(session.slot), cwd: session.cwd });
  const { command } = deps;
  const mode = conversation.kind === "resume" ? deps.permissionMode(session.name) : null;
  const args = argsInMode(session.args, mode);
  const argv = launchArgv({ command, conversation, settingsFile, args });
  return { cwd: session.cwd, env: deps.env(session.slot), argv };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
