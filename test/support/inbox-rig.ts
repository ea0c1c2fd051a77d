import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { Inbox } from "../../src/dispatch/inbox.ts";
import { keepFiles } from "../../src/dispatch/keep-files.ts";
import { TaskQueue } from "../../src/dispatch/queue.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { TaskRow } from "../../src/store/tasks.ts";
import { configFrom } from "./config-text.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";
import { passTime } from "./pass-time.ts";
import { tempDir } from "./temp-dir.ts";

/** One project's inbox and the queue behind it, on a real disk and a real store. */
export interface InboxRig {
  readonly project: string;
  readonly queue: TaskQueue;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly inbox: Inbox;
  readonly faults: unknown[];
  /** Writes a file of the inbox that was last written long ago. */
  put(name: string, content: string | Uint8Array): string;
  path(...parts: string[]): string;
  /** Names in one of the queue's folders, sorted. */
  folder(name: string): string[];
  read(path: string): string;
  /** Looks at the inbox until so much time has passed. */
  scan(ms?: number): Promise<void>;
  /** Brings files where their tasks want them. */
  keep(): Map<string, string>;
  tasks(): TaskRow[];
  events(type: string): unknown[];
}

const LONG_AGO_MS = 60_000;

export function inboxRig(
  options: { project?: string; dir?: string; dispatch?: string } = {},
): InboxRig {
  const dir = options.dir ?? tempDir();
  const project = options.project ?? join(dir, "proj");
  const config: Config = configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions:
  pool: { cwd: /p, capabilities: [{ name: gpu }] }
dispatch:
  projects: [{ path: ${JSON.stringify(project)} }]
${options.dispatch ?? ""}
`);
  if (options.project === undefined) mkdirSync(project, { recursive: true });
  const clock = manualClock(Date.now());
  const store = openStore(join(dir, "state.db"), clock);
  onTestFinished(() => store.close());
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const queue = new TaskQueue({ config, store, clock, random: () => 0 });
  const faults: unknown[] = [];
  const inbox = new Inbox({
    project,
    queue,
    store,
    clock,
    signal: stop.signal,
    onTask: () => undefined,
    onFault: (_what, thrown) => void faults.push(thrown),
  });
  const path = (...parts: string[]): string => join(project, ".agent-queue", ...parts);
  return {
    project,
    queue,
    store,
    clock,
    inbox,
    faults,
    path,
    put: (name, content) => {
      mkdirSync(path("inbox"), { recursive: true });
      const file = path("inbox", name);
      writeFileSync(file, content);
      const at = (clock.now() - LONG_AGO_MS) / 1000;
      utimesSync(file, at, at);
      return file;
    },
    folder: (name) => {
      try {
        return readdirSync(path(name)).toSorted();
      } catch {
        return [];
      }
    },
    read: (name) => readFileSync(path(name), "utf8"),
    scan: async (ms = 0) => {
      await passTime(clock, inbox.scan());
      for (let passed = 0; passed < ms; passed += 250) {
        clock.advance(250);
        await passTime(clock, inbox.scan(), { stepMs: 0 });
      }
    },
    keep: () => keepFiles(store),
    tasks: () => store.tasks.list({ states: null, project: null, limit: 10_000 }),
    events: (type) =>
      store.events
        .since(0, 10_000)
        .filter((each) => each.type === type)
        .map(({ data }) => data),
  };
}
