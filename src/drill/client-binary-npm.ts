import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { errnoOf, FailoverError } from "../errors.ts";

const run = promisify(execFile);

export interface NpmOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const QUIET = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/** Asks the registry for the newest version. Throws CF_DRILL_CLIENT. */
export async function npmLatest(options: NpmOptions): Promise<string> {
  const args = ["view", "@anthropic-ai/claude-code", "version", "--json", ...QUIET];
  const version: unknown = JSON.parse(await npm(args, options));
  if (typeof version === "string" && /^\d+\.\d+\.\d+$/.test(version)) return version;
  throw unavailable("npm named no version of Claude Code.", undefined);
}

/** Installs one package into a folder of its own, without running any script of it. Throws CF_DRILL_CLIENT. */
export async function npmInstall(
  options: NpmOptions & { folder: string; spec: string },
): Promise<void> {
  const { folder, spec } = options;
  // Not --prefix: with it npm looks for the global npmrc (registry, certificates) in the wrong place.
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--ignore-scripts", "--no-package-lock", "--no-save", ...QUIET, spec];
  await npm(args, { ...options, cwd: folder });
}

async function npm(
  args: readonly string[],
  options: NpmOptions & { cwd?: string },
): Promise<string> {
  try {
    const { stdout } = await run("npm", args, {
      env: { ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      timeout: options.timeoutMs,
      maxBuffer: 1 << 22,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    return stdout;
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throw unavailable(reasonOf(thrown, options.timeoutMs), thrown, hintOf(thrown));
  }
}

function unavailable(message: string, cause: unknown, hint?: string): FailoverError {
  return new FailoverError("CF_DRILL_CLIENT", message, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What helps where the registry knows no such release; undefined for any other failure. */
function hintOf(thrown: unknown): string | undefined {
  const { stderr = "" } = thrown as { stderr?: string };
  return /^npm (?:error|ERR!) code ETARGET$/m.test(stderr)
    ? "npm view @anthropic-ai/claude-code versions lists the releases there are."
    : undefined;
}

function reasonOf(thrown: unknown, timeoutMs: number): string {
  if (errnoOf(thrown) === "ENOENT") return "There is no npm on the PATH to fetch Claude Code with.";
  const failed = thrown as { killed?: boolean; stderr?: string };
  if (failed.killed === true) {
    return `npm did not answer within ${Math.round(timeoutMs / 1000)} s.`;
  }
  const line = firstErrorLine(failed.stderr ?? "");
  return `npm could not fetch Claude Code${line === "" ? "" : `: ${line}`}.`;
}

function firstErrorLine(stderr: string): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!) ?(notarget )?/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("code "));
  return (lines[0] ?? "").replace(/\.$/, "").slice(0, 200);
}
