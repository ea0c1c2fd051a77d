import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { shellQuote } from "../claude/shell-quote.ts";
import { GitShell, type GitShellOptions } from "./git-shell.ts";

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

/**
 * Pure: git that only looks: it takes no lock that the session's own git would meet, and starts no
 * file system monitor, which a repository may name as any program.
 */
const git = (cwd: string, args: string): string =>
  `git --no-optional-locks -c core.fsmonitor=false -C ${shellQuote(cwd)} ${args}`;

/** Asks git about folders, one after the other. */
export class GitStates {
  readonly #shell: GitShell;
  /** Folders that git has not been asked about yet: whoever else wants to know gets the same answer. */
  readonly #due = new Map<string, Promise<GitState | null>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: GitShellOptions) {
    this.#shell = new GitShell(options);
  }

  /**
   * What git says of `cwd` from now on, in at most 4 s after those that asked before; null where there
   * is no repository, or no git. Never rejects.
   */
  async of(cwd: string): Promise<GitState | null> {
    if (!mayBeInRepository(cwd)) return null;
    const due = this.#due.get(cwd);
    if (due !== undefined) return due;
    const state = this.#last.then(async () => {
      this.#due.delete(cwd);
      return this.#ask(cwd);
    });
    this.#due.set(cwd, state);
    this.#last = state;
    return state;
  }

  async #ask(cwd: string): Promise<GitState | null> {
    const asked = "status --porcelain=v2 --branch --no-renames --ignore-submodules=all";
    const status = await this.#shell.run(git(cwd, asked), STATUS_BOUND_MS);
    if (status.kind === "answer") return parseGitStatus(status.text);
    if (status.kind === "none") return null;
    const head = await this.#shell.run(git(cwd, "rev-parse HEAD"), HEAD_BOUND_MS);
    return head.kind === "answer" ? { head: head.text.trim(), branch: null, dirty: null } : null;
  }
}

/** Git looks for `.git` in every folder above; where there is none it need not be started. */
function mayBeInRepository(cwd: string): boolean {
  try {
    let folder = realpathSync.native(cwd);
    while (!existsSync(join(folder, ".git"))) {
      if (folder === dirname(folder)) return false;
      folder = dirname(folder);
    }
    return true;
  } catch {
    return false;
  }
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
