import type { TaskDetailJson, TaskJson, TasksJson } from "../api/dispatch-contract.ts";
import { harmless, harmlessLines } from "../config/problem.ts";
import { cutEnd } from "../top/text.ts";
import { fitted, span, table, type Look } from "./table.ts";

/**
 * Pure: the list of tasks, a line each of `columns` at most, why those that do not go on do not, and how
 * many there are of each state. `now` is epoch ms.
 */
export function tasksText(
  { tasks, counts }: TasksJson,
  { columns, now }: Pick<Look, "columns" | "now">,
): string {
  const total = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
  const rows = tasks.map((task) => [
    String(task.id),
    task.waitsFor === "after" ? "waiting" : task.state,
    task.priority,
    task.session ?? "-",
    harmless(task.title ?? task.name ?? ""),
  ]);
  const lines =
    rows.length === 0
      ? []
      : [
          table(["TASK", "STATE", "PRIORITY", "SESSION", "NAME"], rows, {
            columns: columns ?? Infinity,
            cut: cutEnd,
          }),
        ];
  const waits = fitted(waitLines(tasks, now).join("\n"), columns);
  return [...lines, ...(waits === "" ? [] : [waits]), total === "" ? "No tasks." : total].join(
    "\n",
  );
}

/** So many tasks are named that wait for the same. */
const MOST_NAMED = 8;

/** What tasks wait for, each once, with the tasks. */
function waitLines(tasks: readonly TaskJson[], now: number): string[] {
  const waiting = new Map<string, number[]>();
  for (const task of tasks) {
    const why = waitText(task, now);
    if (why !== null) waiting.set(why, [...(waiting.get(why) ?? []), task.id]);
  }
  return [...waiting].map(([why, ids]) => {
    const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
    const verb = ids.length === 1 ? "waits" : "wait";
    return `${ids.slice(0, MOST_NAMED).join(", ")}${more} ${verb}: ${why}`;
  });
}

/** Pure: why a task does not go on, for people; null where it does. `now` is epoch ms. */
export function waitText({ wait }: TaskJson, now: number): string | null {
  if (wait === null) return null;
  const until = wait.until === null ? "" : `, for ${span(Date.parse(wait.until) - now)}`;
  return `${harmless(wait.text)}${until}`;
}

/** Pure: one line about one task. `now` is epoch ms. */
export function taskText(task: TaskJson, now: number): string {
  const at = task.session === null ? "" : ` in ${task.session}`;
  const wait = waitText(task, now);
  const reason = task.reason === null ? "" : `: ${harmless(task.reason)}`;
  return `Task ${task.id} is ${task.state}${at}${wait === null ? reason : `, and waits: ${wait}`}`;
}

/** Pure: what the task came to; as it is where another program reads it. */
export function resultText(
  { result }: Pick<TaskDetailJson, "result">,
  { isTTY }: { readonly isTTY: boolean },
): string {
  return isTTY ? harmlessLines(result ?? "") : (result ?? "");
}

/** Pure: everything of one task. `now` is epoch ms. */
export function taskDetailText(task: TaskDetailJson, now: number): string {
  const { steps, after, prompt, result } = task;
  const facts: readonly (readonly [string, string | null])[] = [
    ["project", task.project],
    ["file", task.name === null ? null : `${task.name}.md`],
    ["title", task.title],
    ["priority", task.priority],
    ["folder", task.cwd],
    ["model", task.model],
    ["conversation", task.sessionId],
    ["prompt id", task.promptId],
    [
      "waits for",
      after
        .filter(({ done }) => !done)
        .map(({ name }) => name)
        .join(", ") || null,
    ],
  ];
  const shown = facts.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name}: ${harmless(value)}`],
  );
  const way = steps.map(
    ({ at, state, session, detail }) =>
      `  ${at} ${state}${session === null ? "" : ` ${session}`}${detail === null ? "" : `: ${harmless(detail)}`}`,
  );
  return [
    taskText(task, now),
    ...shown,
    "",
    ...way,
    "",
    harmlessLines(prompt),
    ...(result === null ? [] : ["", "Result:", harmlessLines(result)]),
  ].join("\n");
}
