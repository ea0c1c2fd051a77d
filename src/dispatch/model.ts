import type { TaskPriority } from "../config/config.ts";

/** What somebody wants done, as a task file or a request says it; checked, nothing left to default. */
export interface TaskSpec {
  readonly title: string | null;
  /** What is typed; never empty, lines end in LF, no control characters but tab and LF. */
  readonly prompt: string;
  readonly priority: TaskPriority;
  readonly tags: readonly string[];
  /** Sorted, each once. */
  readonly capabilities: readonly string[];
  readonly model: string | null;
  /** Below the project's folder, as written; null for that folder. */
  readonly cwd: string | null;
  readonly timeoutMs: number | null;
  readonly retries: number | null;
  /** Two tasks of a project with the same one are the same task. */
  readonly dedupe: string | null;
  /** Numbers of tasks, or names of task files of the same project without `.md`. */
  readonly after: readonly string[];
}

/** The longest prompt, in bytes: what delivery types unaltered. */
export const MOST_PROMPT_BYTES = 1024 * 1024;
