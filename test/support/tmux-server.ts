import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../../src/clock.ts";
import { TmuxClient, type TmuxClientOptions } from "../../src/tmux/client.ts";
import { Panes } from "../../src/tmux/panes.ts";
import { waitForExit } from "../../src/tmux/server-process.ts";

const { signal } = new AbortController();
const run = promisify(execFile);

/** A tmux server of a test's own; nothing runs until somebody connects. */
export interface TestTmux extends AsyncDisposable {
  /** tmux program: `CF_TEST_TMUX`, or the one on the PATH. */
  readonly binary: string;
  readonly socket: { readonly name: string };
  /** Temp folder of this server: `home/` and `private/` (0700) are in it. */
  readonly dir: string;
  readonly privateDir: string;
  /** A clean environment whose TMUX_TMPDIR is private. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a tmux command as a user would, as a process of its own; resolves with what it printed. */
  run(...args: string[]): Promise<string>;
}

/** Names a private tmux server; disposing kills it, with all sessions, and removes its folder. */
export async function startTmux(): Promise<TestTmux> {
  const binary = process.env["CF_TEST_TMUX"] ?? "tmux";
  const dir = await mkdtemp(join(tmpdir(), "cf-tmux-"));
  const home = join(dir, "home");
  const privateDir = join(dir, "private");
  await mkdir(home, { mode: 0o700 });
  await mkdir(privateDir, { mode: 0o700 });
  const socket = { name: `cf-test-${randomBytes(4).toString("hex")}` };
  const env = {
    HOME: home,
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
    TMUX_TMPDIR: dir,
  };
  const tmux = async (...args: string[]): Promise<string> => {
    const all = ["-u", "-L", socket.name, "-f", "/dev/null", ...args];
    return (await run(binary, all, { env, maxBuffer: 1 << 26 })).stdout;
  };
  return {
    binary,
    socket,
    dir,
    privateDir,
    env,
    run: tmux,
    [Symbol.asyncDispose]: async () => {
      const pid = Number(await tmux("display-message", "-p", "#{pid}").catch(() => "0"));
      await tmux("kill-server").catch(() => undefined);
      if (pid > 0 && !(await waitForExit({ pid, timeoutMs: 20_000, clock: systemClock, signal }))) {
        throw new Error(`tmux server ${pid} does not end`);
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Connects to a test's server; dispose of the client before the server. */
export async function openTmux(
  tmux: TestTmux,
  options: Partial<TmuxClientOptions> = {},
): Promise<{ client: TmuxClient; panes: Panes } & AsyncDisposable> {
  const client = await TmuxClient.open({
    binary: tmux.binary,
    socket: tmux.socket,
    configFile: "/dev/null",
    env: tmux.env,
    clock: systemClock,
    ...options,
  });
  const panes = new Panes({ client, clock: systemClock, privateDir: tmux.privateDir });
  return { client, panes, [Symbol.asyncDispose]: () => client.close() };
}
