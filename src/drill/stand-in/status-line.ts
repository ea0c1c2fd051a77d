import { spawn } from "node:child_process";
import type { JsonObject } from "./json.ts";

/** What the status-line command is told on its standard input. */
export interface StatusFacts {
  readonly sessionId: string;
  readonly transcriptPath: string;
  readonly cwd: string;
  readonly promptId: string | null;
  readonly model: string;
  readonly version: string;
  /** Headers of the last answer; the usage windows come from them (client facts 14). */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Runs the command and gives the first line it prints; an empty text when it fails. */
export async function runStatusLine(command: string, facts: StatusFacts): Promise<string> {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: facts.cwd,
    stdio: ["pipe", "pipe", "ignore"],
    timeout: 5_000,
  });
  let output = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => (output += chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(statusPayload(facts)));
  await new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
  return output.split("\n", 1)[0] ?? "";
}

function statusPayload(facts: StatusFacts): JsonObject {
  const limits = { ...windowOf(facts, "five_hour", "5h"), ...windowOf(facts, "seven_day", "7d") };
  return {
    session_id: facts.sessionId,
    transcript_path: facts.transcriptPath,
    cwd: facts.cwd,
    ...(facts.promptId === null ? {} : { prompt_id: facts.promptId }),
    effort: { level: "medium" },
    model: { id: facts.model, display_name: facts.model },
    workspace: { current_dir: facts.cwd, project_dir: facts.cwd, added_dirs: [] },
    version: facts.version,
    output_style: { name: "default" },
    exceeds_200k_tokens: false,
    fast_mode: false,
    ...(Object.keys(limits).length === 0 ? {} : { rate_limits: limits }),
  };
}

function windowOf(facts: StatusFacts, name: string, header: string): JsonObject {
  const read = (field: string): number =>
    Number(facts.headers[`anthropic-ratelimit-unified-${header}-${field}`]);
  const used = read("utilization");
  const resetsAt = read("reset");
  if (!Number.isFinite(used) || !Number.isFinite(resetsAt)) return {};
  return { [name]: { used_percentage: Math.round(used * 100), resets_at: resetsAt } };
}
