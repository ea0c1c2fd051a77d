import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Sandbox } from "../../src/drill/sandbox.ts";
import type { TestTmux } from "./tmux-server.ts";

/** One hook call of a client: `via` says how it came. */
export interface HookCall {
  readonly event: string;
  readonly via: "command" | "http";
  /** `performance.now()` when an http hook arrived; 0 for a command hook. */
  readonly atMs: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

export type TranscriptRow = Readonly<Record<string, unknown>> & { readonly type: string };

/** A client, real or stand-in, in a pane of its own, with every hook recorded. */
export interface AgentSession extends AsyncDisposable {
  readonly name: string;
  readonly sessionId: string;
  /** http hooks in order of arrival; they fire for all events but SessionStart. */
  readonly httpHooks: readonly HookCall[];
  /** Command hooks in order. */
  readonly hooks: () => Promise<HookCall[]>;
  /** Waits for the `count`th command hook of an event. */
  waitForHook(event: string, count?: number): Promise<HookCall>;
  /** Waits for the `count`th http hook of an event. */
  waitForHttpHook(event: string, count?: number): Promise<HookCall>;
  /** The screen as text, without blank lines. */
  screen(): Promise<string[]>;
  waitForScreen(pattern: RegExp): Promise<string[]>;
  /** tmux send-keys with key names. */
  keys(...names: string[]): Promise<void>;
  /** Types text literally, without Enter. */
  write(text: string): Promise<void>;
  /** Types a prompt and submits it as a call of its own. */
  prompt(text: string): Promise<void>;
  /** A tmux format of the pane. */
  pane(format: string): Promise<string>;
  /** Rows of a transcript; by default of this session's first id. */
  rows(sessionId?: string): Promise<TranscriptRow[]>;
  transcripts(): Promise<string[]>;
  waitForEnd(): Promise<void>;
}

const EVENTS = ["SessionStart", "UserPromptSubmit", "Stop", "StopFailure", "SessionEnd"];
/** Far beyond what a loaded machine needs: only what never comes is told by it. */
const DEADLINE_MS = 45_000;

/** Polls until a value is there. Throws with `what` at the deadline. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`${what} did not come within ${deadlineMs} ms`);
    await delay(10);
  }
}

/** Points the sandbox's slot at an account, the way a switchover does. */
export async function flipSlot(box: Sandbox, account: string): Promise<void> {
  const home = box.accounts.find(({ name }) => name === account)?.home ?? "";
  const next = `${box.slot}.next`;
  await symlink(home, next);
  await rename(next, box.slot);
}

/** Starts a client in a new tmux session and waits for nothing: see `waitForScreen`. */
export async function startAgent(options: {
  name: string;
  command: string;
  args: readonly string[];
  sessionId: string;
  box: Sandbox;
  tmux: TestTmux;
  baseUrl: string;
  cwd?: string;
  settings?: Readonly<Record<string, unknown>>;
  extraEnv?: Readonly<Record<string, string>>;
}): Promise<AgentSession> {
  const { name, box, tmux, sessionId } = options;
  const cwd = options.cwd ?? box.projectDir;
  const recorder = await recordHooks(join(box.root, `hooks-${name}`));
  const settingsFile = join(box.root, `settings-${name}.json`);
  const settings = { ...options.settings, hooks: recorder.settings };
  await writeFile(settingsFile, JSON.stringify(settings));
  const env = box.env({
    baseUrl: options.baseUrl,
    ...(options.extraEnv ? { extra: options.extraEnv } : {}),
  });
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const program = [options.command, "--settings", settingsFile, ...options.args];
  const where = ["-s", name, "-x", "120", "-y", "40", "-c", cwd];
  const clean = ["env", "-i", ...assignments, "TERM=tmux-256color"];
  const keepDead = [";", "set-option", "-w", "-t", name, "remain-on-exit", "on"];
  await tmux.run("new-session", "-d", ...where, ...clean, ...program, ...keepDead);
  return session({ name, sessionId, box, tmux, cwd, recorder });
}

function session(context: {
  name: string;
  sessionId: string;
  box: Sandbox;
  tmux: TestTmux;
  cwd: string;
  recorder: Recorder;
}): AgentSession {
  const { name, box, tmux, recorder, sessionId } = context;
  const target = `=${name}:`;
  const projects = join(box.slot, "projects", context.cwd.replace(/[^a-zA-Z0-9]/g, "-"));
  const screen = async (): Promise<string[]> => {
    const text = await tmux.run("capture-pane", "-p", "-t", target);
    return text.split("\n").filter((line) => line.trim() !== "");
  };
  const pane = async (format: string): Promise<string> =>
    (await tmux.run("display-message", "-p", "-t", target, format)).trim();
  const write = async (text: string): Promise<void> => {
    await tmux.run("send-keys", "-t", target, "-l", "--", text);
  };
  const keys = async (...names: string[]): Promise<void> => {
    await tmux.run("send-keys", "-t", target, ...names);
  };
  return {
    name,
    sessionId,
    httpHooks: recorder.http,
    hooks: recorder.commandHooks,
    waitForHook: async (event, count = 1) => {
      const call = until(`hook ${event} ${count} of ${name}`, async () =>
        (await recorder.commandHooks()).filter((found) => found.event === event).at(count - 1),
      );
      return await call.catch(async (thrown: unknown) => {
        throw new Error(`${name} shows:\n${(await screen()).join("\n")}`, { cause: thrown });
      });
    },
    waitForHttpHook: async (event, count = 1) =>
      await until(`http hook ${event} ${count} of ${name}`, () =>
        recorder.http.filter((call) => call.event === event).at(count - 1),
      ),
    screen,
    waitForScreen: async (pattern) => {
      let last: string[] = [];
      try {
        return await until(String(pattern), async () => {
          last = await screen();
          return pattern.test(last.join("\n")) && last;
        });
      } catch (thrown) {
        throw new Error(`${name} shows:\n${last.join("\n")}`, { cause: thrown });
      }
    },
    keys,
    write,
    prompt: async (text) => {
      await write(text);
      await until(`draft ${text}`, async () =>
        (await screen()).some((line) => line.startsWith("❯") && line.includes(text.slice(0, 60))),
      );
      await keys("Enter");
    },
    pane,
    rows: async (id = sessionId) => {
      const text = await readFile(join(projects, `${id}.jsonl`), "utf8").catch(() => "");
      // A row may be half written.
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      return whole
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as TranscriptRow);
    },
    transcripts: async () =>
      (await readdir(projects).catch(() => [])).filter((file) => file.endsWith(".jsonl")),
    waitForEnd: async () => {
      await until(`end of ${name}`, async () => (await pane("#{pane_dead}")) === "1");
    },
    [Symbol.asyncDispose]: async () => {
      await tmux.run("kill-session", "-t", `=${name}`).catch(() => undefined);
      await recorder.close();
    },
  };
}

interface Recorder {
  readonly http: HookCall[];
  readonly settings: Record<string, unknown>;
  readonly commandHooks: () => Promise<HookCall[]>;
  readonly close: () => Promise<void>;
}

async function recordHooks(folder: string): Promise<Recorder> {
  await mkdir(folder, { recursive: true });
  const http: HookCall[] = [];
  const server = createServer((request, response) => {
    const atMs = performance.now();
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const payload = JSON.parse(body) as Record<string, unknown>;
      const event = String(payload["hook_event_name"]);
      http.push({ event, via: "http", atMs, payload, headers: request.headers });
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    http,
    settings: Object.fromEntries(EVENTS.map((event) => [event, hooksOf(event, folder, port)])),
    commandHooks: async () => await readSpool(folder),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hooksOf(event: string, folder: string, port: number): unknown {
  const file = `${folder}/$(date +%s%N).${event}`;
  const command = `cat >"${folder}/.$$" && mv "${folder}/.$$" "${file}"`;
  const http = { type: "http", url: `http://127.0.0.1:${port}/hook`, headers: { "x-tok": "t" } };
  return [{ hooks: [{ type: "command", command }, ...(event === "SessionStart" ? [] : [http])] }];
}

async function readSpool(folder: string): Promise<HookCall[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).toSorted();
  return await Promise.all(
    names.map(async (name) => ({
      event: name.replace(/^\d+\./, ""),
      via: "command" as const,
      atMs: 0,
      payload: JSON.parse(await readFile(join(folder, name), "utf8")) as Record<string, unknown>,
      headers: {},
    })),
  );
}
