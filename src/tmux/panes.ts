import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import type { TmuxClient } from "./client.ts";
import { paneFormat, parsePanes, SESSION_OPTION, STARTED_OPTION, type PaneRow } from "./formats.ts";
import { PasteBuffers } from "./paste-buffers.ts";
import { escapeFormat } from "./quote.ts";
import { remindOfChildren } from "./server-process.ts";
import { isAtLeast } from "./version.ts";

/** What to run in a pane. */
export interface PaneProgram {
  /** Absolute; tmux falls back to the home directory if it does not exist. */
  readonly cwd: string;
  /** Added to what the tmux server gives every pane. */
  readonly env: Readonly<Record<string, string>>;
  /** Run directly, without a shell; at least the program. */
  readonly argv: readonly string[];
}

export interface NewSession extends PaneProgram {
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
}

export interface PaneHandle {
  readonly paneId: string;
  readonly panePid: number;
}

const WIDTH = 200;
const HEIGHT = 50;
/** No command of tmux: what it says of it tells us why nothing was pasted. */
const PANE_HAS_ENDED = "the-program-of-the-pane-has-ended";

/** Operations on sessions and panes, all over one control connection: no process per look. */
export class Panes {
  readonly #client: TmuxClient;
  readonly #clock: Clock;
  readonly #buffers: PasteBuffers;

  /** `privateDir`: an existing directory of mode 0700, for texts on their way to a pane. */
  constructor(options: { client: TmuxClient; clock: Clock; privateDir: string }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#buffers = new PasteBuffers(options.client, options.privateDir);
  }

  /**
   * Every pane of the server except the hub's, with the user options named (default: our mark). A
   * window linked into two sessions is listed for each.
   */
  async listPanes(options: readonly string[] = [SESSION_OPTION]): Promise<PaneRow[]> {
    const rows = await this.#list(options);
    if (!rows.some(hasUnknownEnd) || !isAtLeast(this.#client.version, 3, 3)) return rows;
    // tmux 3.3a overlooks one child in twenty that ends at once, until the next one ends.
    remindOfChildren(this.#client.serverPid);
    return this.#list(options);
  }

  /**
   * Starts a detached session of one pane that stays when its program ends. Throws
   * CF_TMUX_SESSION_NAME for a name tmux would change or misread, CF_TMUX_COMMAND if it exists.
   */
  async newSession(session: NewSession): Promise<PaneHandle> {
    const { name, width = WIDTH, height = HEIGHT } = session;
    assertSessionName(name);
    const target = `=${name}:`;
    const size = ["-x", String(width), "-y", String(height)];
    const start = ["new-session", "-d", "-s", name, ...size, ...this.#program(session)];
    const replies = await this.#client.sequence([
      start,
      // On one line with the start: a program that ends at once must find these in force.
      ["set-option", "-t", target, "destroy-unattached", "off"],
      ["set-option", "-w", "-t", target, "remain-on-exit", "on"],
      // tmux 3.2a gives a session made by a control client the client's size.
      ["resize-window", "-t", target, ...size],
      // resize-window left it at manual; with latest, whoever attaches decides.
      ["set-option", "-w", "-t", target, "window-size", "latest"],
      ["set-option", "-p", "-t", target, SESSION_OPTION, name],
      ...this.#startedNow(target),
    ]);
    return paneHandle(replies.at(-1));
  }

  /**
   * Runs another program in the pane. With `kill` a running one is killed first; without, a
   * running one is an error (CF_TMUX_COMMAND). Variables of `without` are taken from the environment
   * of its tmux session.
   */
  async respawn(
    paneId: string,
    program: PaneProgram & { readonly kill: boolean; readonly without?: readonly string[] },
  ): Promise<PaneHandle> {
    const kill = program.kill ? ["-k"] : [];
    const { without = [] } = program;
    const replies = await this.#client.sequence([
      ...without.map((name) => ["set-environment", "-u", "-t", paneId, name]),
      ["respawn-pane", ...kill, "-t", paneId, ...this.#program(program)],
      ...this.#startedNow(paneId),
    ]);
    return paneHandle(replies.at(-1));
  }

  /**
   * The text of the pane, one string per line, trailing spaces cut: the screen, preceded by up to
   * `lines` lines of its history. `escapes` keeps colours and attributes as SGR sequences; `joined`
   * makes one line of what was wrapped at the edge.
   */
  async capture(
    paneId: string,
    options: { readonly escapes: boolean; readonly lines?: number; readonly joined?: boolean },
  ): Promise<string[]> {
    const { escapes, lines = 0, joined = false } = options;
    const history = lines > 0 ? ["-S", `-${lines}`] : [];
    return this.#client.command([
      "capture-pane",
      "-p",
      ...(escapes ? ["-e"] : []),
      ...(joined ? ["-J"] : []),
      ...history,
      "-t",
      paneId,
    ]);
  }

  /** Presses keys by tmux's names (`Enter`, `Escape`, `C-c`, `y`), leaving copy mode first. */
  async sendKeys(paneId: string, keys: readonly string[]): Promise<void> {
    await this.#client.sequence([
      ["copy-mode", "-q", "-t", paneId],
      ["send-keys", "-t", paneId, "--", ...keys],
    ]);
  }

  /**
   * Types text into the pane as one paste, byte for byte, up to at least 1 MB, bracketed if the
   * program asked for that; presses no Enter. Leaves copy mode first. Success means that tmux has
   * taken it, not that the program read it. Throws CF_TMUX_COMMAND for a pane whose program ended.
   */
  async pasteText(paneId: string, text: string): Promise<void> {
    if (text === "") return;
    await this.#buffers.use(text, async (name) => {
      try {
        await this.#client.sequence([
          ["copy-mode", "-q", "-t", paneId],
          // A paste into a dead pane ends the whole server (tmux 3.3a): an error right before it, in
          // the same breath, keeps it from being run.
          ["if-shell", "-F", "-t", paneId, "#{pane_dead}", PANE_HAS_ENDED],
          ["paste-buffer", "-p", "-r", ...this.#rawPaste(), "-b", name, "-t", paneId],
        ]);
      } catch (error) {
        if (!String(error).includes(PANE_HAS_ENDED)) throw error;
        const message = `The program of pane ${paneId} has ended: nothing was pasted.`;
        throw new FailoverError("CF_TMUX_COMMAND", message, { details: { paneId }, cause: error });
      }
    });
  }

  /** Ends one pane, and with it a session that has no other. */
  async killPane(paneId: string): Promise<void> {
    await this.#client.command(["kill-pane", "-t", paneId]);
  }

  /** Ends the session of exactly this name with all its panes. */
  async killSession(name: string): Promise<void> {
    assertSessionName(name);
    await this.#client.command(["kill-session", "-t", `=${name}`]);
  }

  async #list(options: readonly string[]): Promise<PaneRow[]> {
    const lines = await this.#client.command(["list-panes", "-a", "-F", paneFormat(options)]);
    return parsePanes(lines, options).filter((row) => row.sessionName !== this.#client.hubSession);
  }

  #program(program: PaneProgram): string[] {
    const env = Object.entries(program.env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
    return ["-c", escapeFormat(program.cwd), ...env, "--", ...direct(program.argv)];
  }

  #startedNow(target: string): string[][] {
    return [
      ["set-option", "-p", "-t", target, STARTED_OPTION, String(this.#clock.now())],
      ["display-message", "-p", "-t", target, "#{pane_id} #{pane_pid}"],
    ];
  }

  /** Since 3.7 a paste is made printable unless `-S` says not to. */
  #rawPaste(): string[] {
    return isAtLeast(this.#client.version, 3, 7) ? ["-S"] : [];
  }
}

function hasUnknownEnd(row: PaneRow): boolean {
  return row.dead && row.deadStatus === null && row.deadSignal === null;
}

/** tmux runs two arguments or more directly, but gives a single one to the user's shell. */
function direct(argv: readonly string[]): readonly string[] {
  return argv.length === 1 ? ["sh", "-c", 'exec "$0"', ...argv] : argv;
}

function paneHandle(lines: readonly string[] | undefined): PaneHandle {
  const [paneId = "", panePid = ""] = (lines?.[0] ?? "").split(" ");
  return { paneId, panePid: Number(panePid) };
}

/** Names that tmux keeps as they are and that `=name` finds, whatever their first letter means. */
function assertSessionName(name: string): void {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_ ()+@,-]*$/u.test(name)) return;
  throw new FailoverError(
    "CF_TMUX_SESSION_NAME",
    `"${name}" cannot be the name of a tmux session.`,
    { details: { name } },
  );
}
