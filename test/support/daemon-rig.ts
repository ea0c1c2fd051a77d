import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ask } from "../../src/api/client.ts";
import type { ActionJson, EventJson, HistoryJson, StatusJson } from "../../src/api/contract.ts";
import { systemClock } from "../../src/clock.ts";
import { places, type Places } from "../../src/config/places.ts";
import { startMessagesApi, type MessagesApi } from "../../src/drill/messages-api.ts";
import { makeSandbox, type Sandbox } from "../../src/drill/sandbox.ts";
import { writeStandInCommand } from "../../src/drill/stand-in-command.ts";
import { waitForExit } from "../../src/tmux/server-process.ts";
import { until } from "./agent-session.ts";
import { startCall, type Ended, type Running } from "./daemon-process.ts";

const run = promisify(execFile);

export interface RigOptions {
  /** How many accounts, named `compte1`, `compte2`, …; 2 by default. */
  readonly accounts?: number;
  /** Names of the dedicated sessions; none by default. */
  readonly sessions?: readonly string[];
  /** Sections of the configuration in place of the rig's own. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A HOME with accounts, a Messages API, a configuration, and a daemon to be started and killed. */
export interface DaemonRig extends AsyncDisposable {
  readonly box: Sandbox;
  readonly api: MessagesApi;
  readonly env: Readonly<Record<string, string>>;
  readonly places: Places;
  readonly configFile: string;
  /** The client that the configuration names: the stand-in agent. */
  readonly command: string;
  /** Writes the configuration anew, with these sections in place of the rig's own. */
  configure(sections: Readonly<Record<string, unknown>>): void;
  /** Calls the command line and waits until it has ended. */
  call(args: readonly string[], changes?: CallChanges): Promise<Ended>;
  /** Starts the command line; it is gone when the rig is. */
  launch(args: readonly string[], changes?: CallChanges): Running;
  /** Starts the daemon and waits until it answers. */
  startDaemon(changes?: CallChanges & { more?: readonly string[] }): Promise<Running>;
  status(): Promise<StatusJson>;
  history(): Promise<HistoryJson["entries"]>;
  events(): Promise<readonly EventJson[]>;
  /** Asks for something that changes: `pause`, `switchover`, … */
  post(action: string, body?: unknown): Promise<ActionJson>;
  /** Runs a tmux command as a user would, as a process of its own; resolves with what it printed. */
  tmux(...args: string[]): Promise<string>;
  /** Names of the tmux sessions there are, the hub left out; none when no server runs. */
  tmuxSessions(): Promise<string[]>;
}

export interface CallChanges {
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapper?: readonly string[];
}

/** Makes a rig; nothing runs in it yet but the Messages API. */
export async function daemonRig(options: RigOptions = {}): Promise<DaemonRig> {
  const names = Array.from({ length: options.accounts ?? 2 }, (_, index) => `compte${index + 1}`);
  const box = await makeSandbox({ accounts: names });
  const api = await startMessagesApi();
  const cache = join(tmpdir(), "node-compile-cache-rig");
  const env = box.env({ baseUrl: api.url, extra: { NODE_COMPILE_CACHE: cache } });
  const socketName = `cf-${randomBytes(4).toString("hex")}`;
  const place = places({ env, home: box.home, uid: process.getuid?.() ?? 0 });
  const calls: Running[] = [];
  const configFile = join(box.home, ".config", "claude-failover", "config.yaml");
  const command = await standInCommand(cache);
  const configure: DaemonRig["configure"] = (sections) => {
    const own = ownConfig({ box, command, socketName, sessions: options.sessions ?? [] });
    mkdirSync(join(configFile, ".."), { recursive: true });
    // JSON is YAML.
    writeFileSync(configFile, JSON.stringify({ ...own, ...options.config, ...sections }, null, 2));
  };
  configure({});
  const launch: DaemonRig["launch"] = (args, changes = {}) => {
    const { wrapper } = changes;
    const call = startCall({
      args,
      env: { ...env, ...changes.env },
      cwd: box.projectDir,
      ...(wrapper === undefined ? {} : { wrapper }),
    });
    calls.push(call);
    return call;
  };
  const tmux = async (...args: string[]): Promise<string> =>
    (await run("tmux", ["-u", "-L", socketName, "-f", "/dev/null", ...args], { env })).stdout;
  return {
    box,
    api,
    env,
    places: place,
    configFile,
    command,
    configure,
    launch,
    call: async (args, changes) => launch(args, changes).ended(),
    startDaemon: async (changes) =>
      answering(launch(["run", ...(changes?.more ?? [])], changes), place.socket),
    tmux,
    tmuxSessions: async () => sessionsOf(tmux),
    ...questions(place.socket),
    [Symbol.asyncDispose]: async () => {
      for (const call of calls) call.kill("SIGKILL");
      await Promise.all(calls.map(async (call) => call.closed.catch(() => undefined)));
      await endTmux(tmux);
      await api.close();
      await box.dispose();
    },
  };
}

let standIn: Promise<string> | null = null;

/** One for all rigs of a test file: what a start compiles, the next one finds. */
async function standInCommand(folder: string): Promise<string> {
  standIn ??= writeStandInCommand(folder);
  return standIn;
}

function ownConfig(parts: {
  box: Sandbox;
  command: string;
  socketName: string;
  sessions: readonly string[];
}): Record<string, unknown> {
  const { box, command, socketName, sessions } = parts;
  return {
    accounts: box.accounts.map(({ name, home }, index) => ({ name, home, priority: index + 1 })),
    shared: { root: "~", links: ["session-env", "file-history", "projects", "sessions"] },
    claude: { command },
    tmux: { socket: socketName, configFile: "/dev/null" },
    sessions: { dedicated: sessions.map((name) => ({ name, cwd: box.projectDir })) },
    policy: { cooldown: "0s", failback: { enabled: false } },
  };
}

function questions(socket: string): Pick<DaemonRig, "status" | "history" | "events" | "post"> {
  const get = async <T>(path: string): Promise<T> => ask<T>({ socket, method: "GET", path });
  return {
    status: async () => get<StatusJson>("/v1/status"),
    history: async () => (await get<HistoryJson>("/v1/history")).entries,
    events: async () => get<EventJson[]>("/v1/events?limit=10000"),
    post: async (action, body = {}) =>
      ask<ActionJson>({ socket, method: "POST", path: `/v1/${action}`, body }),
  };
}

async function answering(daemon: Running, socket: string): Promise<Running> {
  const gone = daemon.closed.then(({ status, stdout, stderr }) => {
    throw new Error(`The daemon ended (${status}): ${stdout}${stderr}`);
  });
  // It ends some day; here only an end before its first answer matters.
  gone.catch(() => undefined);
  const up = until("the daemon's answer", () => daemon.stdout().includes("claude-failover runs"));
  await Promise.race([up, gone]);
  await ask({ socket, method: "GET", path: "/v1/status" });
  return daemon;
}

type Tmux = DaemonRig["tmux"];

async function sessionsOf(tmux: Tmux): Promise<string[]> {
  const text = await tmux("list-sessions", "-F", "#{session_name}").catch(() => "");
  return text.split("\n").filter((name) => name !== "" && name !== "claude-failover-hub");
}

/** Ends the server and waits for everything on it, because it still writes into the sandbox. */
async function endTmux(tmux: Tmux): Promise<void> {
  const listed = await tmux("list-panes", "-a", "-F", "#{pane_pid} #{pid}").catch(() => "");
  const pids = new Set(
    listed
      .split(/\s+/)
      .filter((word) => word !== "")
      .map(Number),
  );
  await tmux("kill-server").catch(() => undefined);
  const { signal } = new AbortController();
  const wait = { timeoutMs: 5_000, clock: systemClock, signal };
  for (const pid of pids) {
    if (await waitForExit({ ...wait, pid })) continue;
    process.kill(pid, "SIGKILL");
    await waitForExit({ ...wait, pid });
  }
}
