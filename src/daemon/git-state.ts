import { execFile } from "node:child_process";
import type { Env } from "../config/places.ts";

/** What git says of a folder. */
export interface GitState {
  readonly head: string | null;
  /** Null where no branch is checked out. */
  readonly branch: string | null;
  /** Something is changed, staged or untracked; null where git took too long to tell. */
  readonly dirty: boolean | null;
}

/** A huge repository is asked for its head alone after this long (milliseconds). */
const STATUS_BOUND_MS = 3_000;
const HEAD_BOUND_MS = 1_000;
const MOST_OUTPUT = 64 * 1024;

/**
 * Pure: the options by which git only looks: it takes no lock that the session's own git would meet,
 * and starts no file system monitor, which a repository may name as any program.
 */
const ONLY_LOOKING = ["--no-optional-locks", "-c", "core.fsmonitor=false"];

/** Asks git in a process of its own, for at most 4 s; null where there is no repository, or no git. */
export async function readGitState(cwd: string, env: Env): Promise<GitState | null> {
  const status = await git(
    ["status", "--porcelain=v2", "--branch", "--no-renames", "--ignore-submodules=all"],
    { cwd, env, boundMs: STATUS_BOUND_MS },
  );
  if (status.kind === "answer") return parseGitStatus(status.text);
  if (status.kind === "none") return null;
  const head = await git(["rev-parse", "HEAD"], { cwd, env, boundMs: HEAD_BOUND_MS });
  return head.kind === "answer" ? { head: head.text.trim(), branch: null, dirty: null } : null;
}

/** Pure: `git status --porcelain=v2 --branch`; its end may be missing. */
export function parseGitStatus(text: string): GitState {
  const head = /^# branch\.oid (\w+)$/m.exec(text)?.[1] ?? null;
  const branch = /^# branch\.head (.+)$/m.exec(text)?.[1] ?? null;
  return {
    head: head === "initial" ? null : head,
    branch: branch === "(detached)" ? null : branch,
    dirty: /^[^#\n]/m.test(text),
  };
}

type Answer =
  | { readonly kind: "answer"; readonly text: string }
  | { readonly kind: "none" }
  | { readonly kind: "late" };

async function git(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Env; readonly boundMs: number },
): Promise<Answer> {
  const { cwd, env, boundMs } = options;
  return new Promise((resolve) => {
    const child = execFile(
      "git",
      [...ONLY_LOOKING, ...args],
      {
        cwd,
        timeout: boundMs,
        killSignal: "SIGKILL",
        maxBuffer: MOST_OUTPUT,
        env: { PATH: env.PATH, HOME: env.HOME, LC_ALL: "C" },
      },
      (error, stdout) => {
        // So much to tell that it was cut short.
        const isCut = error?.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER";
        if (error === null || isCut) resolve({ kind: "answer", text: stdout });
        else resolve({ kind: error.killed === true ? "late" : "none" });
      },
    );
    child.stdin?.end();
  });
}
