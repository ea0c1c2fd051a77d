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

const GRACE_MS = 6_000;

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
  /** Servers known to have run here; they are gone when this is disposed of. */
  readonly serverPids: Set<number>;
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
  const serverPids = new Set<number>();
  const tmux = async (...args: string[]): Promise<string> => {
    const all = ["-u", "-L", socket.name, "-f", "/dev/null", ...args];
    return (await run(binary, all, { env, maxBuffer: 1 << 26, timeout: GRACE_MS })).stdout;
  };
  return {
    binary,
    socket,
    dir,
    privateDir,
    env,
    run: tmux,
    serverPids,
    [Symbol.asyncDispose]: async () => {
      // A server that a failed test left stopped could not even be asked to end.
      for (const each of serverPids) {
        if (await isOurs(each, socket.name)) process.kill(each, "SIGCONT");
      }
      const pid = Number(await tmux("display-message", "-p", "#{pid}").catch(() => "0"));
      if (pid > 0) serverPids.add(pid);
      await tmux("kill-server").catch(() => undefined);
      for (const each of serverPids) await ended(each, socket.name);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function ended(pid: number, socketName: string): Promise<void> {
  const { signal } = new AbortController();
  const wait = { pid, timeoutMs: GRACE_MS, clock: systemClock, signal };
  if (!(await isOurs(pid, socketName)) || (await waitForExit(wait))) return;
  process.kill(pid, "SIGKILL");
  throw new Error(`tmux server ${pid} did not end by itself`);
}

/** Whether the process is a server of this test, not one that got its number later. */
async function isOurs(pid: number, socketName: string): Promise<boolean> {
  const { stdout } = await run("ps", ["-o", "args=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.includes(socketName);
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
  tmux.serverPids.add(client.serverPid);
  const panes = new Panes({ client, clock: systemClock, privateDir: tmux.privateDir });
  return { client, panes, [Symbol.asyncDispose]: () => client.close() };
}
