import { mkdir, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { claimFolder, refuseRealHome, releaseFolder } from "./sandbox-claim.ts";
import { writeAccount } from "./sandbox-account.ts";
import type { SandboxAccount } from "./sandbox-account.ts";
import { writeClientState } from "./sandbox-client-state.ts";
import { makeProjectIn } from "./sandbox-project.ts";

/** A temp HOME in which the real client starts straight to its prompt, and cannot meet the user's own. */
export interface Sandbox {
  /** Holds everything below; short, because socket paths are bounded. */
  readonly root: string;
  readonly home: string;
  readonly accounts: readonly SandboxAccount[];
  /** `~/.claude` of the sandbox, unless it is to have another name. Not made: whoever switches accounts makes the link. */
  readonly slot: string;
  /** A git repository the client trusts. */
  readonly projectDir: string;
  /** For TMUX_TMPDIR. */
  readonly tmuxDir: string;
  /** Makes one more trusted project, before sessions run; the name is a folder below HOME. */
  makeProject(name: string): Promise<string>;
  /** The whole environment of a session, built from nothing; `baseUrl` is the Messages API. */
  env(options: {
    baseUrl: string;
    extra?: Readonly<Record<string, string>>;
  }): Record<string, string>;
  /** Removes everything. Only what this sandbox made. May be called twice. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SandboxOptions {
  /** Where the temp folder is made; the system's temp folder by default. */
  readonly parentDir?: string;
  /** Instead of a temp folder: this one. It must be missing or empty. */
  readonly root?: string;
  /** Account names; `compte1` and `compte2` by default. */
  readonly accounts?: readonly string[];
  /** The slot's name in HOME; `.claude` by default. */
  readonly slotName?: string;
  /** PATH of the sessions; this process's by default. */
  readonly path?: string;
}

const FOLDERS = ["home", "run", "tmux", "tmp"];

/**
 * Makes a sandbox.
 *
 * @throws CF_DRILL_REAL_HOME when the HOME it would use is a real user's, or holds anything it did
 *   not make.
 */
export async function makeSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const parent = options.parentDir ?? tmpdir();
  const wanted = options.root ?? (await mkdtemp(join(parent, "cf-")));
  await refuseRealHome({ home: join(wanted, "home"), realHome: userInfo().homedir });
  const claim = await claimFolder(wanted);
  try {
    const root = await realpath(wanted);
    for (const name of FOLDERS) await mkdir(join(root, name), { mode: 0o700 });
    return await furnish(root, options, () => releaseFolder(claim));
  } catch (thrown) {
    await releaseFolder(claim);
    throw thrown;
  }
}

async function furnish(
  root: string,
  options: SandboxOptions,
  dispose: () => Promise<void>,
): Promise<Sandbox> {
  const home = join(root, "home");
  const names = options.accounts ?? ["compte1", "compte2"];
  const accounts = names.map((name) => ({ name, home: join(home, `.claude-${name}`) }));
  const trusted: string[] = [];
  const trust = async (folder: string): Promise<void> => {
    trusted.push(folder);
    await writeClientState({ home, accounts, trusted });
  };
  for (const [index, account] of accounts.entries()) await writeAccount(account, index);
  const makeProject = async (name: string): Promise<string> => {
    const folder = await makeProjectIn(home, name);
    await trust(folder);
    return folder;
  };
  return {
    root,
    home,
    accounts,
    slot: join(home, options.slotName ?? ".claude"),
    projectDir: await makeProject("proj"),
    tmuxDir: join(root, "tmux"),
    makeProject,
    env: ({ baseUrl, extra }) => ({ ...sessionEnv(root, options.path, baseUrl), ...extra }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Nothing of this process's own environment but the PATH; no traffic but to `baseUrl`. */
function sessionEnv(
  root: string,
  path: string | undefined,
  baseUrl: string,
): Record<string, string> {
  return {
    HOME: join(root, "home"),
    PATH: path ?? process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
    TMPDIR: join(root, "tmp"),
    CLAUDE_CODE_TMPDIR: join(root, "tmp"),
    XDG_RUNTIME_DIR: join(root, "run"),
    TMUX_TMPDIR: join(root, "tmux"),
    ANTHROPIC_BASE_URL: baseUrl,
    NO_PROXY: "127.0.0.1,localhost",
    DISABLE_TELEMETRY: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_ERROR_REPORTING: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: "1",
  };
}
