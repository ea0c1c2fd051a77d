import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { follow } from "../../src/api/client.ts";
import type { EventJson } from "../../src/api/contract.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { places } from "../../src/config/places.ts";
import { TmuxClient } from "../../src/tmux/client.ts";
import { Panes } from "../../src/tmux/panes.ts";

export interface Session {
  readonly name: string;
  readonly id: string;
  /** A repository of its own. */
  readonly cwd: string;
}

/** A fleet of mini clients, running, and a daemon that has adopted them. */
export interface Scene extends AsyncDisposable {
  readonly sessions: readonly Session[];
  readonly panes: Panes;
  readonly pid: number;
  readonly tmuxPid: number;
  readonly events: EventJson[];
  /** Writes a hook of a session, as its client would. */
  hook(session: Session, event: string, fields: object): void;
  /** Waits until so many events of a type have come, and returns them. */
  until(type: string, count: number): Promise<EventJson[]>;
}

const CLIENT = fileURLToPath(new URL("mini-client.sh", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Makes it all in a temp folder; the daemon is the built one. `accounts` is how many limits it can meet. */
export async function makeScene(count: number, accounts: number): Promise<Scene> {
  const root = mkdtempSync(join(tmpdir(), "cf-"));
  const env = {
    HOME: root,
    PATH: process.env["PATH"] ?? "",
    TMUX_TMPDIR: root,
    TERM: "xterm",
    ...(process.env["BENCH_ARENA"] ? { MALLOC_ARENA_MAX: process.env["BENCH_ARENA"] } : {}),
  };
  const place = places({ env, home: root, uid: process.getuid?.() ?? 0 });
  const sessions = Array.from({ length: count }, (_, index) => ({
    name: `s-${index + 1}`,
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    cwd: makeRepository(join(root, "work", String(index + 1))),
  }));
  writeConfig(root, sessions, accounts);
  mkdirSync(place.spoolDir, { recursive: true, mode: 0o700 });
  const tmux = await TmuxClient.open({
    socket: { name: "bench" },
    configFile: "/dev/null",
    env,
    clock,
    hubSession: "bench",
  });
  const panes = new Panes({ client: tmux, clock, privateDir: root });
  for (let at = 0; at < count; at += 50)
    await Promise.all(
      sessions.slice(at, at + 50).map(async ({ name, id, cwd }) => {
        const argv = [CLIENT, name, id, place.spoolDir];
        await panes.newSession({ name, cwd, env: {}, argv });
      }),
    );
  const log = openSync(join(root, "daemon.log"), "a");
  const daemon = spawn(
    process.execPath,
    [...(process.env["BENCH_NODE"] ?? "").split(" ").filter(Boolean), PROGRAM, "run"],
    { env, stdio: ["ignore", log, log] },
  );
  const end = new AbortController();
  const events: EventJson[] = [];
  const scene: Scene = {
    sessions,
    panes,
    pid: daemon.pid ?? 0,
    tmuxPid: tmux.serverPid,
    events,
    hook: ({ name, id, cwd }, event, fields) =>
      writeFileSync(
        join(place.spoolDir, `${name}.${event}.1`),
        JSON.stringify({ session_id: id, cwd, hook_event_name: event, ...fields }),
      ),
    until: async (type, wanted) => {
      for (;;) {
        const found = events.filter((event) => event.type === type);
        if (found.length >= wanted) return found;
        if (daemon.exitCode !== null) throw new Error(`the daemon ended; see ${root}/daemon.log`);
        await clock.sleep(20);
      }
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      daemon.kill("SIGTERM");
      await once(daemon, "exit");
      await tmux.killServer();
      rmSync(root, { recursive: true, force: true });
    },
  };
  void followEvents(place.socket, end.signal, events);
  await scene.until("session.adopted", count);
  return scene;
}

/** What git takes for a repository, without a commit. */
function makeRepository(folder: string): string {
  const git = join(folder, ".git");
  for (const part of ["objects", "refs"]) mkdirSync(join(git, part), { recursive: true });
  writeFileSync(join(git, "HEAD"), "ref: refs/heads/main\n");
  return folder;
}

function writeConfig(root: string, sessions: readonly Session[], count: number): void {
  const accounts = Array.from({ length: count }, (_, index) => {
    const home = join(root, `.claude-${index + 1}`);
    mkdirSync(home, { mode: 0o700 });
    const login = join(home, ".credentials.json");
    writeFileSync(login, "{}", { mode: 0o600 });
    const at = new Date(Date.now() - 60_000 * index);
    utimesSync(login, at, at);
    return { name: `a-${index + 1}`, home, priority: index + 1 };
  });
  const config = {
    accounts,
    claude: { command: CLIENT, drill: false },
    tmux: { socket: "bench", configFile: "/dev/null" },
    sessions: {
      strategy: "hot",
      dedicated: sessions.map(({ name, id, cwd }) => ({ name, cwd, sessionId: id })),
    },
    policy: { cooldown: "0s", failback: { enabled: false } },
  };
  const folder = join(root, ".config", "claude-failover");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config));
}

async function followEvents(
  socket: string,
  signal: AbortSignal,
  events: EventJson[],
): Promise<void> {
  while (!signal.aborted) {
    const since = events.at(-1)?.seq ?? 0;
    try {
      const path = `/v1/events?follow=1&since=${since}`;
      for await (const event of follow<EventJson>({ socket, path, signal })) events.push(event);
    } catch {
      // Not up yet.
    }
    await clock.sleep(50, signal).catch(() => undefined);
  }
}
