import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, follow } from "../api/client.ts";
import type { EventJson, HistoryJson, StatusJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import { places } from "../config/places.ts";
import { FailoverError } from "../errors.ts";
import { TmuxClient } from "../tmux/client.ts";
import { Panes } from "../tmux/panes.ts";
import { waitForExit } from "../tmux/server-process.ts";
import { ownProgram } from "../version.ts";
import { startMessagesApi, type MessagesApi } from "./messages-api.ts";
import { makeSandbox, type Sandbox } from "./sandbox.ts";
import { DEFAULT_SHAPE, type Shape } from "./shape.ts";
import { writeStandInCommand } from "./stand-in-command.ts";

/** A sandbox with a Messages API, a configuration, and a daemon that can be killed and started. */
export interface World {
  readonly sandbox: Sandbox;
  readonly api: MessagesApi;
  readonly env: Record<string, string>;
  readonly socketName: string;
  /** Of the daemon's API. */
  readonly socket: string;
  readonly panes: Panes;
  /** Of the tmux server, now. */
  tmuxPid(): number;
  /** Starts the daemon and resolves when it answers. */
  startDaemon(): Promise<void>;
  /** SIGKILL: the daemon can clean up nothing. Resolves when it is gone. */
  killDaemon(): Promise<void>;
  status(): Promise<StatusJson>;
  history(): Promise<HistoryJson>;
  /** The daemon's events from the first one on, until the signal aborts or the daemon ends. */
  events(signal: AbortSignal): AsyncGenerator<EventJson>;
  dispose(): Promise<void>;
}

/** What the sessions run: the real client, or our stand-in for it. */
export type DrillClient =
  | { readonly kind: "claude"; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "standIn" };

export interface WorldOptions {
  readonly clock: Clock;
  readonly client: DrillClient;
  readonly path: string;
  readonly accounts: number;
  /** Names of the sessions: dedicated ones, and the pool's prefix and number. */
  readonly dedicated: readonly string[];
  readonly pool: { readonly prefix: string; readonly count: number } | null;
  /** How sessions move; `hot` by default, whatever is known of the client. */
  readonly strategy?: "hot" | "relaunch";
  readonly shape?: Pick<Shape, "slotName" | "links" | "nudge">;
}

const READY_MS = 60_000;

/** Makes everything a rehearsal needs, in a HOME of its own and on a tmux server of its own. */
export async function makeWorld(options: WorldOptions): Promise<World> {
  const { clock } = options;
  const cleanup = new AsyncDisposableStack();
  try {
    const sandbox = cleanup.use(
      await makeSandbox({
        path: options.path,
        accounts: accountNames(options.accounts),
        slotName: (options.shape ?? DEFAULT_SHAPE).slotName,
      }),
    );
    const api = cleanup.adopt(await startMessagesApi(), async (each) => each.close());
    const env = sandbox.env({ baseUrl: api.url });
    const socketName = "cf-rehearsal";
    await writeConfig({ sandbox, socketName, options });
    const tmux = await TmuxClient.open({
      socket: { name: socketName },
      configFile: "/dev/null",
      env,
      clock,
      hubSession: "rehearsal",
    });
    const panes = new Panes({ client: tmux, clock, privateDir: join(sandbox.root, "tmp") });
    cleanup.defer(async () => endSessions({ tmux, panes, clock }));
    const daemon = daemonControl({ sandbox, env, clock });
    cleanup.defer(daemon.kill);
    const { socket } = daemon;
    const end = cleanup.move();
    return {
      sandbox,
      api,
      env,
      socketName,
      socket,
      panes,
      tmuxPid: () => tmux.serverPid,
      startDaemon: daemon.start,
      killDaemon: daemon.kill,
      status: async () => ask<StatusJson>({ socket, method: "GET", path: "/v1/status" }),
      history: async () => ask<HistoryJson>({ socket, method: "GET", path: "/v1/history" }),
      events: (signal) =>
        follow<EventJson>({ socket, path: "/v1/events?follow=1&since=0", signal }),
      dispose: async () => end.disposeAsync(),
    };
  } catch (thrown) {
    await cleanup.disposeAsync();
    throw thrown;
  }
}

function accountNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `compte${index + 1}`);
}

async function writeConfig(parts: {
  sandbox: Sandbox;
  socketName: string;
  options: WorldOptions;
}): Promise<void> {
  const { sandbox, socketName, options } = parts;
  const { client, dedicated, pool, strategy = "hot", shape = DEFAULT_SHAPE } = options;
  const cwd = sandbox.projectDir;
  const claude =
    client.kind === "standIn"
      ? { command: await writeStandInCommand(sandbox.root), args: [] }
      : { command: client.command, args: client.args };
  const config = {
    accounts: sandbox.accounts.map(({ name, home }, index) => ({
      name,
      home,
      priority: index + 1,
    })),
    slot: sandbox.slot,
    shared: { root: "~", links: shape.links },
    // A drill of the drill's own client would begin another one.
    claude: { ...claude, drill: false },
    tmux: { socket: socketName, configFile: "/dev/null" },
    sessions: {
      dedicated: dedicated.map((name) => ({ name, cwd })),
      pool: pool && { prefix: pool.prefix, startIndex: 1, min: pool.count, max: pool.count, cwd },
      nudge: shape.nudge,
      strategy,
    },
    // A rehearsal switches more often than any operator wants to.
    policy: { cooldown: "0s", failback: { enabled: false } },
  };
  const folder = join(sandbox.home, ".config", "claude-failover");
  await mkdir(folder, { recursive: true });
  // JSON is YAML.
  await writeFile(join(folder, "config.yaml"), JSON.stringify(config, null, 2));
}

interface DaemonControl {
  readonly socket: string;
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

function daemonControl(parts: {
  sandbox: Sandbox;
  env: Record<string, string>;
  clock: Clock;
}): DaemonControl {
  const { sandbox, env, clock } = parts;
  const { socket } = places({ env, home: sandbox.home, uid: process.getuid?.() ?? 0 });
  const log = join(sandbox.root, "daemon.log");
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const output = createWriteStream(log, { flags: "a" });
    await once(output, "open");
    child = spawn(process.execPath, [ownProgram(), "run"], {
      env,
      stdio: ["ignore", output, output],
    });
    await answering({ socket, clock, child, log });
  };
  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { socket, start, kill };
}

async function answering(parts: {
  socket: string;
  clock: Clock;
  child: ChildProcess;
  log: string;
}): Promise<void> {
  const { socket, clock, child, log } = parts;
  const end = clock.monotonic() + READY_MS;
  while (clock.monotonic() < end && child.exitCode === null) {
    try {
      await ask<StatusJson>({ socket, method: "GET", path: "/v1/status" });
      return;
    } catch {
      await clock.sleep(25);
    }
  }
  const last = (await readFile(log, "utf8")).trim().split("\n").at(-1) ?? "";
  const words = last === "" ? "It said nothing." : `It said last: ${last}`;
  throw new FailoverError(
    "CF_DRILL_DAEMON",
    `The daemon of the rehearsal did not come up. ${words}`,
    {
      details: { exitCode: child.exitCode, log },
    },
  );
}

/** A client that is told to end runs its hooks first: it must be gone before its folders are removed. */
async function endSessions(parts: { tmux: TmuxClient; panes: Panes; clock: Clock }): Promise<void> {
  const { tmux, panes, clock } = parts;
  const rows = await panes.listPanes().catch(() => []);
  await tmux.killServer();
  const { signal } = new AbortController();
  for (const { panePid, dead } of rows) {
    if (dead) continue;
    if (await waitForExit({ pid: panePid, timeoutMs: 5_000, clock, signal })) continue;
    process.kill(panePid, "SIGKILL");
    await waitForExit({ pid: panePid, timeoutMs: 5_000, clock, signal });
  }
}
