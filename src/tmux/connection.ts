import { spawn, type ChildProcess } from "node:child_process";
import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import { ControlParser, type ControlEvent } from "./control-parser.ts";

export interface ConnectionOptions {
  readonly binary: string;
  /** Everything after `tmux`: server options, `-C`, and the command that attaches. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** How long tmux may say nothing while an answer is awaited, in milliseconds. */
  readonly answerTimeoutMs: number;
  readonly onNotification: (name: string, text: string) => void;
}

/** What one control line asks: its text without newline, and how many commands it holds. */
export interface ControlLine {
  readonly text: string;
  readonly subcommands: readonly string[];
}

interface Slot {
  readonly subcommands: readonly string[];
  readonly replies: string[][];
  readonly sentAt: number;
  readonly resolve: (replies: string[][]) => void;
  readonly reject: (error: FailoverError) => void;
}

const DETACH_GRACE_MS = 1_000;
const DRAIN_GRACE_MS = 100;
const STALL_RECHECK_MS = 250;
const MAX_STDERR = 4_096;

/**
 * One running `tmux -C` process. Replies come in the order of the lines sent, so a queue matches
 * them; blocks that are not ours (hooks, the attach) are passed over. Ends when the process does:
 * `ended` resolves with the reason and everything unanswered is rejected.
 */
export class ControlConnection {
  /** Resolves, never rejects, with why the connection ended. */
  readonly ended: Promise<string>;
  /** Without its pipes where there is no file descriptor left for them: then an error follows. */
  readonly #child: ChildProcess;
  readonly #options: ConnectionOptions;
  readonly #parser = new ControlParser();
  readonly #attached = Promise.withResolvers<void>();
  readonly #watch = new AbortController();
  readonly #pending: Slot[] = [];
  #lastAnswerAt: number;
  #isAttached = false;
  #watching = false;
  #isEnded = false;
  #exitReason = "";
  #stderr = "";

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#lastAnswerAt = options.clock.monotonic();
    // A session of its own: signals typed at our terminal are not for the tmux client.
    this.#child = spawn(options.binary, options.args, {
      env: { ...options.env },
      cwd: "/",
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const ended = Promise.withResolvers<string>();
    this.ended = ended.promise;
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString("utf8")).slice(-MAX_STDERR);
    });
    // A write after the process died; "close" follows and says so.
    this.#child.stdin?.on("error", () => undefined);
    this.#child.on("error", (error) => {
      this.#exitReason = error.message;
      if (this.#child.pid === undefined) ended.resolve(this.#finish());
    });
    this.#child.on("close", () => ended.resolve(this.#finish()));
    // A server that hangs keeps our pipes open: then the exit of the client has to do.
    this.#child.on("exit", () => {
      options.clock.sleep(DRAIN_GRACE_MS, this.#watch.signal).then(
        () => this.#child.stdout?.destroy(),
        () => undefined,
      );
    });
  }

  /** Starts the process and waits until tmux answered the attach. Throws CF_TMUX_UNREACHABLE. */
  static async open(options: ConnectionOptions): Promise<ControlConnection> {
    const connection = new ControlConnection(options);
    connection.#watchForStall();
    await connection.#attached.promise;
    return connection;
  }

  /** Process id of the tmux client; 0 when it never started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends lines; resolves per line with the output lines of each of its commands. */
  send(lines: readonly ControlLine[]): Promise<string[][]>[] {
    if (this.#isEnded) return lines.map(() => Promise.reject(this.#lost(false)));
    const sentAt = this.#options.clock.monotonic();
    const answers = lines.map(({ subcommands }) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[][]>();
      this.#pending.push({ subcommands, replies: [], sentAt, resolve, reject });
      return promise;
    });
    this.#write(lines.map(({ text }) => `${text}\n`).join(""));
    this.#watchForStall();
    return answers;
  }

  /** What is asked for in one go is one write: tmux looks at every window it has for each that it reads. */
  #write(text: string): void {
    const { stdin } = this.#child;
    if (stdin?.writableCorked === 0) {
      stdin.cork();
      process.nextTick(() => stdin.uncork());
    }
    stdin?.write(text);
  }

  /** Detaches by closing the input; kills the client if it does not leave. The server stays. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const grace = new AbortController();
    const timeout = this.#options.clock.sleep(DETACH_GRACE_MS, grace.signal).then(
      () => this.kill(),
      () => undefined,
    );
    await this.ended;
    grace.abort();
    await timeout;
  }

  /** Ends the client process at once. The server stays. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #receive(chunk: Buffer): void {
    for (const event of this.#parser.push(chunk)) this.#handle(event);
  }

  #handle(event: ControlEvent): void {
    if (event.kind === "stray") return;
    if (event.kind === "notification") {
      if (event.name === "exit") this.#exitReason ||= event.text || "tmux closed the connection";
      this.#options.onNotification(event.name, event.text);
      return;
    }
    this.#lastAnswerAt = this.#options.clock.monotonic();
    const lines = event.lines.map((line) => line.toString("utf8"));
    if (event.ours) this.#answer(lines, event.ok);
    else if (!this.#isAttached) this.#attachAnswered(lines, event.ok);
  }

  #attachAnswered(lines: readonly string[], ok: boolean): void {
    if (!ok) {
      this.#exitReason = lines.join(" ");
      return;
    }
    this.#isAttached = true;
    this.#attached.resolve();
  }

  #answer(lines: string[], ok: boolean): void {
    const slot = this.#pending[0];
    if (slot === undefined) return;
    if (!ok) {
      // tmux drops the rest of the line after a failed command.
      this.#pending.shift();
      slot.reject(commandError(slot, lines));
      return;
    }
    slot.replies.push(lines);
    if (slot.replies.length < slot.subcommands.length) return;
    this.#pending.shift();
    slot.resolve(slot.replies);
  }

  #finish(): string {
    this.#isEnded = true;
    this.#watch.abort();
    const reason = this.#exitReason || this.#stderr.trim() || "the tmux client ended";
    this.#exitReason = reason;
    this.#attached.reject(
      new FailoverError("CF_TMUX_UNREACHABLE", `tmux did not accept a connection: ${reason}.`),
    );
    for (const slot of this.#pending.splice(0)) slot.reject(this.#lost(true));
    return reason;
  }

  #lost(sent: boolean): FailoverError {
    const what = sent ? "was lost before tmux answered" : "is not there";
    return new FailoverError(
      "CF_TMUX_DISCONNECTED",
      `The connection to tmux ${what}: ${this.#exitReason}.`,
      { details: { sent } },
    );
  }

  #watchForStall(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#stallLoop().then(
      () => (this.#watching = false),
      () => (this.#watching = false),
    );
  }

  /** One timer for the whole queue; ends when nothing is waited for. */
  async #stallLoop(): Promise<void> {
    const { clock, answerTimeoutMs } = this.#options;
    let suspect: Slot | null | undefined;
    for (;;) {
      if (this.#isAttached && this.#pending.length === 0) return;
      const head = this.#isAttached ? this.#pending[0] : null;
      const since = Math.max(head?.sentAt ?? 0, this.#lastAnswerAt);
      const leftMs = since + answerTimeoutMs - clock.monotonic();
      if (leftMs <= 0 && suspect === head) {
        this.#exitReason = `no answer for ${answerTimeoutMs} ms`;
        this.kill();
        return;
      }
      // Looked at twice: after a stop of this very process the answer may lie unread.
      suspect = leftMs <= 0 ? head : undefined;
      await clock.sleep(Math.max(leftMs, STALL_RECHECK_MS), this.#watch.signal);
    }
  }
}

function commandError(slot: Slot, lines: readonly string[]): FailoverError {
  const subcommand = slot.subcommands[slot.replies.length] ?? slot.subcommands[0] ?? "";
  const message = lines.join(" ");
  return new FailoverError("CF_TMUX_COMMAND", `tmux ${subcommand} failed: ${message}.`, {
    details: { subcommand, message },
  });
}
