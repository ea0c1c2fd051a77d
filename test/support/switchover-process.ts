import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What test/crash/fixtures/switchover-process is told. */
export interface ProcessOrder {
  readonly folder: string;
  /** `switch` once to `two`; `recover` twice; or then, in a `loop`, back and forth for ever. */
  readonly mode: "switch" | "recover" | "loop";
  /** Dies at its n-th gate (from 1), or at the first gate of that name. */
  readonly diesAt?: number;
  readonly diesAtLabel?: string;
  /** Stops itself (SIGSTOP) there. */
  readonly stopsAtLabel?: string;
  /** Reports every gate it comes to. */
  readonly tellGates?: boolean;
  /** After `ready` it waits for a line on its standard input. */
  readonly waits?: boolean;
  /** The target's shared links are refused from the second look on. */
  readonly refusesAfterFlip?: boolean;
}

export type ProcessReport =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting" }
  | { readonly kind: "gate"; readonly label: string }
  | { readonly kind: "result"; readonly result: string; readonly code: string | null }
  | {
      readonly kind: "recovered";
      readonly action: string;
      readonly reason: string;
      readonly held: string | null;
      /** Link, record and journal as it left them, to be compared. */
      readonly left: string;
    };

/** A running one. */
export interface SwitchoverProcess {
  readonly child: ChildProcess;
  /** The reports so far. */
  readonly reports: readonly ProcessReport[];
  /** The first report that fits, also one of the past; rejects when the process ends without it. */
  until(fits: (report: ProcessReport) => boolean): Promise<ProcessReport>;
  /** Tells it to go on after `ready`. */
  go(): void;
  /** Resolves when it has ended. Rejects when it failed by itself. */
  ended(): Promise<void>;
}

/**
 * Starts the program of the source tree `tree`; only its own folder and PATH are in its environment.
 * It does not outlive the test: the caller awaits `ended` or kills `child`.
 */
export function startSwitchoverProcess(tree: string, order: ProcessOrder): SwitchoverProcess {
  const program = join(tree, "test", "crash", "fixtures", "switchover-process.ts");
  const child = spawn(process.execPath, ["--no-warnings", program, JSON.stringify(order)], {
    env: {
      HOME: order.folder,
      PATH: process.env["PATH"] ?? "",
      NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const reports: ProcessReport[] = [];
  const watchers = new Set<() => void>();
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    reports.push(JSON.parse(line) as ProcessReport);
    for (const watch of watchers) watch();
  });
  const closed = once(child, "close").then(() => {
    for (const watch of watchers) watch();
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    reports,
    until: async (fits) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = reports.find(fits);
          if (found === undefined && !hasEnded()) return;
          watchers.delete(watch);
          if (found === undefined) reject(new Error(`it ended without the report; ${errors}`));
          else resolve(found);
        };
        watchers.add(watch);
        watch();
      }),
    go: () => void child.stdin.write("\n"),
    ended: async () => {
      await closed;
      if (child.signalCode === "SIGKILL" || child.exitCode === 0) return;
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}: ${errors}`);
    },
  };
}
