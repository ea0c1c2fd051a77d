import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const DEADLINE_MS = 30_000;

/** How one call of the command line ended, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A call of the command line that runs. */
export interface Running {
  readonly pid: number;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it is gone, whenever that is. */
  readonly closed: Promise<Ended>;
  /** Resolves when it is gone; one that is not gone at the deadline is killed, and this throws. */
  ended(deadlineMs?: number): Promise<Ended>;
}

export interface CallOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** A program and its arguments that start the call, such as `unshare`. */
  readonly wrapper?: readonly string[];
}

/** Starts the program's command line with an environment built from nothing. */
export function startCall(options: CallOptions): Running {
  const { args, env, cwd, wrapper = [] } = options;
  const [program = "", ...rest] = [...wrapper, process.execPath, MAIN, ...args];
  const child = spawn(program, rest, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const closed = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal, ...text }));
  });
  // Whoever does not wait for it must not die of it.
  closed.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    kill: (signal) => void child.kill(signal),
    closed,
    ended: async (deadlineMs = DEADLINE_MS) => endedInTime(child, closed, { deadlineMs, text }),
  };
}

async function endedInTime(
  child: ChildProcess,
  closed: Promise<Ended>,
  { deadlineMs, text }: { deadlineMs: number; text: { stdout: string; stderr: string } },
): Promise<Ended> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    late.reject(
      new Error(`${child.spawnargs.slice(2).join(" ")} ran on: ${text.stdout}${text.stderr}`),
    );
  }, deadlineMs);
  try {
    return await Promise.race([closed, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
