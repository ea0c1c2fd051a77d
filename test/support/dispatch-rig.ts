import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../../src/api/client.ts";
import type { TaskDetailJson, TaskShownJson, TasksJson } from "../../src/api/dispatch-contract.ts";
import { parseTranscriptRow } from "../../src/claude/transcript.ts";
import { until } from "./agent-session.ts";
import { daemonRig, type DaemonRig, type RigOptions } from "./daemon-rig.ts";

/** A rig whose daemon has a pool and dispatches the tasks of one project. */
export interface DispatchRig extends DaemonRig {
  readonly project: string;
  /** Writes elsewhere and renames into the inbox. */
  drop(name: string, text: string): void;
  /** Names in one of the queue's folders, sorted. */
  folder(name: "inbox" | "done" | "failed" | "rejected"): string[];
  read(path: string): string;
  tasks(): Promise<TasksJson["tasks"]>;
  task(id: number): Promise<TaskDetailJson>;
  /** Waits until so many tasks are in these states. */
  settled(count: number, states?: readonly string[]): Promise<TasksJson["tasks"]>;
  /** Waits until a transcript has a prompt that begins so: it is flushed after the hooks. */
  wrote(text: string): Promise<void>;
  /** Every prompt of every transcript, with its session id. */
  prompts(): { readonly sessionId: string; readonly text: string }[];
}

export async function dispatchRig(
  options: RigOptions & { pool?: object; dispatch?: object } = {},
): Promise<DispatchRig> {
  const rig = await daemonRig(options);
  const project = rig.box.projectDir;
  const own = {
    sessions: {
      dedicated: (options.sessions ?? []).map((name) => ({ name, cwd: project })),
      pool: { prefix: "w-", startIndex: 1, min: 2, max: 2, cwd: project, ...options.pool },
    },
    dispatch: { projects: [{ path: project }], settle: "0s", ...options.dispatch },
  };
  const configure: DaemonRig["configure"] = (sections) => rig.configure({ ...own, ...sections });
  configure({});
  const socket = rig.places.socket;
  const queue = join(project, ".agent-queue");
  const get = async <T>(path: string): Promise<T> => ask<T>({ socket, method: "GET", path });
  const tasks = async () => (await get<TasksJson>("/v1/tasks?limit=10000")).tasks;
  return Object.assign(rig, {
    project,
    configure,
    drop: (name: string, text: string) => {
      mkdirSync(join(queue, "inbox"), { recursive: true });
      const temp = join(project, `.drop-${process.hrtime.bigint()}`);
      writeFileSync(temp, text);
      renameSync(temp, join(queue, "inbox", name));
    },
    folder: (name: string) => {
      try {
        return readdirSync(join(queue, name)).toSorted();
      } catch {
        return [];
      }
    },
    read: (path: string) => readFileSync(join(queue, path), "utf8"),
    tasks,
    task: async (id: number) => (await get<TaskShownJson>(`/v1/tasks/${id}`)).task,
    settled: async (count: number, states: readonly string[] = ["done"]) => {
      for (let tries = 4; ; tries--) {
        const found = async () => (await tasks()).filter(({ state }) => states.includes(state));
        const many = until("the tasks", async () => (await found()).length >= count);
        if (
          await many.then(
            () => true,
            () => false,
          )
        )
          return found();
        const shown = (await tasks()).map(({ id, name, state, reason }) => [
          id,
          name,
          state,
          reason,
        ]);
        if (tries === 0)
          throw new Error(`${count} are not ${states.join()}: ${JSON.stringify(shown)}`);
      }
    },
    wrote: async (text: string) => {
      const projects = join(rig.box.home, ".claude-projects-shared");
      await until(`the row of ${text}`, () =>
        promptsOf(projects).some((prompt) => prompt.text.startsWith(text)),
      );
    },
    prompts: () => promptsOf(join(rig.box.home, ".claude-projects-shared")),
  });
}

function promptsOf(projectsDir: string): { sessionId: string; text: string }[] {
  const files = readdirSync(projectsDir, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".jsonl"),
  );
  return files.flatMap((file) =>
    readFileSync(join(projectsDir, file), "utf8")
      .split("\n")
      .flatMap((line) => {
        const row = parseTranscriptRow(line);
        return row?.kind === "prompt" && !row.isMeta
          ? [{ sessionId: row.sessionId, text: row.text }]
          : [];
      }),
  );
}
