import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { parseHook, type HookSignal } from "../../src/claude/hooks.ts";
import { readLiveSessions } from "../../src/claude/session-files.ts";
import { sessionEnv } from "../../src/claude/launch.ts";
import type { ResumeOffer } from "../../src/config/config.ts";
import { systemClock } from "../../src/clock.ts";
import { afterSignal, type LiveSession } from "../../src/sessions/live.ts";
import type { ClientStart } from "../../src/sessions/client-starts.ts";
import type { RelaunchDeps } from "../../src/sessions/relaunch.ts";
import { watchSpool } from "../../src/sessions/spool.ts";
import { startSession } from "../../src/sessions/start.ts";
import type { WantedSession } from "../../src/sessions/wanted.ts";
import { until } from "./agent-session.ts";
import { inLab, type Lab } from "./agent-lab.ts";
import { openTmux } from "./tmux-server.ts";

/** A session that our own code started, and what a relaunch of it needs. */
export interface RelaunchScene {
  readonly lab: Lab;
  readonly session: WantedSession;
  readonly paneId: string;
  readonly deps: RelaunchDeps;
  /** Every hook of the session, in order. */
  readonly hooks: readonly HookSignal[];
  /** The pane's program. */
  pid(): Promise<number>;
  /** Types a prompt and waits until its turn ended. */
  say(text: string): Promise<void>;
  write(text: string): Promise<void>;
}

/** The permission mode that a session is resumed in, whatever it was started with. */
export const MODE = "plan";

/** Starts a client as the daemon does, with `args` of its own, and waits until it is up. */
export async function inRelaunchScene(
  command: string,
  args: readonly string[],
  experiment: (scene: RelaunchScene) => Promise<void>,
  options: { resumeOffer?: ResumeOffer; env?: Record<string, string> } = {},
): Promise<void> {
  await inLab(command, async (lab) => {
    const { box, api, tmux } = lab;
    const folders = ["settings", "spool"].map((name) => join(box.root, name));
    for (const folder of folders) await mkdir(folder, { mode: 0o700 });
    const [settingsDir = "", spoolDir = ""] = folders;
    await using connected = await openTmux(tmux);
    const { panes } = connected;
    const hooks: HookSignal[] = [];
    const listeners = new Set<(start: ClientStart) => void>();
    using _spool = watchSpool({
      dir: spoolDir,
      now: () => systemClock.now(),
      onError: (error) => {
        throw error;
      },
      onHooks: (spooled) => {
        for (const { session, payload, at } of spooled) {
          const signal = parseHook(payload, at);
          if (signal === null) continue;
          hooks.push(signal);
          if (signal.kind !== "sessionStarted") continue;
          const { sessionId, source } = signal;
          for (const listener of listeners) listener({ session, sessionId, source });
        }
      },
    });
    const session: WantedSession = {
      name: "api",
      kind: "dedicated",
      cwd: box.projectDir,
      args,
      sessionId: randomUUID(),
      strategy: "auto",
      slot: "shared",
    };
    const own = box.env({ baseUrl: api.url });
    const deps: RelaunchDeps = {
      panes,
      command,
      slotPath: () => box.slot,
      settingsDir,
      spoolDir,
      projectsDir: join(box.home, ".claude-projects-shared"),
      knownId: () => null,
      permissionMode: () => MODE,
      env: () => ({
        ...own,
        ...sessionEnv({
          path: own["PATH"] ?? "",
          home: box.home,
          slot: box.slot,
          keepsAll: options.resumeOffer === undefined,
          extra: options.env ?? {},
        }),
      }),
      resumeOffer: options.resumeOffer ?? "full",
      clock: systemClock,
      signal: new AbortController().signal,
      onClientStart: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
      sessionFiles: () => readLiveSessions(join(box.slot, "sessions")),
      live: () => {
        const live = { state: "idle" as const, transcriptPath: null, lastPrompt: null };
        const begun: LiveSession = { ...live, sessionId: session.sessionId };
        return hooks.reduce((sum, hook) => afterSignal(sum, hook, Date.now()), begun);
      },
      isDue: () => true,
      onRespawned: () => undefined,
    };
    const started = await startSession({ kind: "create", session }, deps);
    if (started.kind !== "started") throw new Error(started.why);
    const { paneId } = started.pane;
    const shows = async (pattern: RegExp): Promise<void> =>
      void (await until(String(pattern), async () =>
        pattern.test((await panes.capture(paneId, { escapes: false })).join("\n")),
      ));
    const count = (kind: HookSignal["kind"]): number =>
      hooks.filter((hook) => hook.kind === kind).length;
    await until("the start", () => count("sessionStarted") === 1);
    const write = async (text: string): Promise<void> => {
      await shows(/^❯/m);
      await tmux.run("send-keys", "-t", paneId, "-l", "--", text);
      await shows(new RegExp(text));
    };
    await experiment({
      lab,
      session,
      paneId,
      deps,
      hooks,
      pid: async () => Number(await tmux.run("display-message", "-p", "-t", paneId, "#{pane_pid}")),
      say: async (text) => {
        const before = count("turnEnded");
        await write(text);
        await tmux.run("send-keys", "-t", paneId, "Enter");
        await until("the turn's end", () => count("turnEnded") > before);
      },
      write,
    });
    const pid = Number(await tmux.run("display-message", "-p", "-t", paneId, "#{pane_pid}"));
    await panes.killSession(session.name);
    await until("the client's end", () => !isRunning(pid));
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
