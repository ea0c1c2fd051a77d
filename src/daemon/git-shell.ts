import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { within, type Clock } from "../clock.ts";
import type { Env } from "../config/places.ts";

export interface GitShellOptions {
  readonly env: Env;
  readonly clock: Clock;
  /** Ends the shell and what it runs. */
  readonly signal: AbortSignal;
}

/** What a command said on its output, as far as that is kept. */
export type Answer =
  | { readonly kind: "answer"; readonly text: string }
  /** It failed, or is not there. */
  | { readonly kind: "none" }
  | { readonly kind: "late" };

type Shell = ChildProcessByStdio<Writable, Readable, null>;

const MOST_OUTPUT = 64 * 1024;
/** Closes each answer, before the exit status: no text of git's has it. */
const END = "\0";
const WHOLE = /^([^\0]*)\0(\d+)\n/;

/**
 * One shell that runs commands for us, started with the first one. A process that we start ourselves
 * costs us 1.5 to 3 ms each time in which we do nothing else, because the kernel copies our page
 * tables. It ends by itself when we are gone.
 */
export class GitShell {
  readonly #options: GitShellOptions;
  #shell: Shell | null = null;
  #output = "";
  #waiting = Promise.withResolvers<Answer>();

  constructor(options: GitShellOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  /** Runs one command of the shell's; one at a time. Late after `boundMs` milliseconds, and ended. */
  async run(command: string, boundMs: number): Promise<Answer> {
    const { clock, signal } = this.#options;
    if (signal.aborted) return { kind: "none" };
    this.#output = "";
    this.#waiting = Promise.withResolvers();
    this.#shell ??= this.#start();
    this.#shell.stdin.write(`${command} </dev/null 2>/dev/null; printf '\\0%d\\n' $?\n`);
    const answer = await within(this.#waiting.promise, boundMs, clock);
    if (answer === null) this.#end();
    return answer ?? { kind: "late" };
  }

  #start(): Shell {
    const { PATH, HOME } = this.#options.env;
    const shell = spawn("/bin/sh", [], {
      cwd: "/",
      env: { PATH, HOME, LC_ALL: "C" },
      stdio: ["pipe", "pipe", "ignore"],
      // A group of its own, so that what it runs ends with it.
      detached: true,
    });
    shell.stdout.setEncoding("utf8").on("data", (text: string) => this.#receive(shell, text));
    shell.stdin.on("error", () => undefined);
    shell.on("error", () => this.#ended(shell));
    shell.on("close", () => this.#ended(shell));
    return shell;
  }

  #receive(from: Shell, text: string): void {
    if (from !== this.#shell) return;
    this.#output += text;
    if (!this.#output.includes(END)) this.#output = this.#output.slice(0, MOST_OUTPUT);
    const [, told, status] = WHOLE.exec(this.#output) ?? [];
    if (told === undefined) return;
    this.#waiting.resolve(status === "0" ? { kind: "answer", text: told } : { kind: "none" });
  }

  #ended(shell: Shell | null): void {
    if (shell !== this.#shell) return;
    this.#shell = null;
    this.#waiting.resolve({ kind: "none" });
  }

  #end(): void {
    const pid = this.#shell?.pid;
    this.#ended(this.#shell);
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}
