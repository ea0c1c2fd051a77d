import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asText } from "./json.ts";
import type { ToolUse } from "./sse.ts";

/** A shell that goes on after the turn that started it, as the `Stop` hook lists it. */
export interface BackgroundTask {
  readonly id: string;
  readonly type: "shell";
  readonly status: "running";
  readonly description: string;
  readonly command: string;
}

const MAX_OUTPUT = 30_000;

/** Runs the one tool the stand-in knows, `Bash`, and keeps what runs in the background. */
export class Tools {
  readonly #cwd: string;
  readonly #running = new Map<BackgroundTask, ChildProcess>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  get backgroundTasks(): BackgroundTask[] {
    return [...this.#running.keys()];
  }

  /** Returns what the model is told. */
  async run(use: ToolUse, signal: AbortSignal): Promise<string> {
    const command = asText(use.input["command"]);
    if (use.name !== "Bash" || command === null) return `The stand-in has no tool ${use.name}.`;
    if (use.input["run_in_background"] === true) {
      return this.#startBackground(command, asText(use.input["description"]) ?? "");
    }
    return await this.#runNow(command, signal);
  }

  /** Ends every background shell; the client takes them with it. */
  endAll(): void {
    for (const child of this.#running.values()) child.kill("SIGTERM");
  }

  #startBackground(command: string, description: string): string {
    const id = `b${randomBytes(4).toString("hex")}`;
    const folder = join(process.env["CLAUDE_CODE_TMPDIR"] ?? tmpdir(), "claude-stand-in-tasks");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const output = join(folder, `${id}.output`);
    const file = openSync(output, "a", 0o600);
    const stdio: ["ignore", number, number] = ["ignore", file, file];
    const child = spawn("/bin/sh", ["-c", `exec ${command}`], { cwd: this.#cwd, stdio });
    closeSync(file);
    const task: BackgroundTask = { id, type: "shell", status: "running", description, command };
    this.#running.set(task, child);
    const forget = (): void => void this.#running.delete(task);
    child.on("error", forget);
    child.on("close", forget);
    return `Command running in background with ID: ${id}. Output is being written to: ${output}`;
  }

  async #runNow(command: string, signal: AbortSignal): Promise<string> {
    const child = spawn("/bin/sh", ["-c", command], {
      cwd: this.#cwd,
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT) output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    return await new Promise<string>((resolve) => {
      child.on("error", (thrown) => resolve(thrown.message));
      child.on("close", () => resolve(output.slice(0, MAX_OUTPUT)));
    });
  }
}
