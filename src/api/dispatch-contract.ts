import type { TaskWaitCode } from "../policy/task-wait.ts";
import type { TaskState } from "../store/tasks.ts";
import type { ActionJson, SCHEMA } from "./contract.ts";

/** Why a task does not go on. */
export interface TaskWaitJson {
  readonly code: TaskWaitCode;
  readonly text: string;
  /** When that is over, where it is known. */
  readonly until: string | null;
}

/** One task, without its long parts. */
export interface TaskJson {
  readonly id: number;
  readonly project: string;
  /** The task file's name without `.md`; null for a task that came without a file. */
  readonly name: string | null;
  readonly title: string | null;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly capabilities: readonly string[];
  readonly model: string | null;
  readonly cwd: string;
  readonly state: TaskState;
  /** `session`, `after` or `backOff` while it waits; null otherwise. */
  readonly waitsFor: "session" | "after" | "backOff" | null;
  /** Why it does not go on now; null where it does, or is over. */
  readonly wait: TaskWaitJson | null;
  readonly attempts: number;
  readonly session: string | null;
  readonly sessionId: string | null;
  readonly promptId: string | null;
  readonly createdAt: string;
  readonly assignedAt: string | null;
  readonly deliveredAt: string | null;
  readonly endedAt: string | null;
  readonly reason: string | null;
}

export interface TaskStepJson {
  readonly at: string;
  readonly state: string;
  readonly session: string | null;
  readonly detail: string | null;
}

export interface TaskDetailJson extends TaskJson {
  readonly prompt: string;
  readonly result: string | null;
  readonly after: readonly {
    readonly name: string;
    readonly task: number | null;
    readonly done: boolean;
  }[];
  readonly steps: readonly TaskStepJson[];
}

export interface TasksJson {
  readonly schema: typeof SCHEMA;
  /** The number of the last event: what happens after this answer has a higher one. */
  readonly lastEvent: number;
  readonly counts: Readonly<Record<TaskState, number>>;
  /** Newest first. */
  readonly tasks: readonly TaskJson[];
}

export interface TaskShownJson {
  readonly schema: typeof SCHEMA;
  readonly lastEvent: number;
  readonly task: TaskDetailJson;
}

/** The answer to a task: it was taken in, or one with the same `dedupe` was there, or it is none. */
export type DispatchedJson =
  | {
      readonly schema: typeof SCHEMA;
      readonly done: true;
      readonly created: boolean;
      readonly task: TaskJson;
    }
  | Extract<ActionJson, { done: false }>;
