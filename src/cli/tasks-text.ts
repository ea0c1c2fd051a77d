import type { TaskDetailJson, TaskJson, TasksJson } from "../api/dispatch-contract.ts";
import { harmless, harmlessLines } from "../config/problem.ts";
import { cutEnd } from "../top/text.ts";
import { table } from "./table.ts";

/** Pure: the list of tasks, a line each of `columns` at most, and how many there are of each state. */
export function tasksText({ tasks, counts }: TasksJson, columns: number): string {
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
      : [table(["TASK", "STATE", "PRIORITY", "SESSION", "NAME"], rows, { columns, cut: cutEnd })];
  return [...lines, total === "" ? "No tasks." : total].join("\n");
}

/** Pure: one line about one task. */
export function taskText(task: TaskJson): string {
  const at = task.session === null ? "" : ` in ${task.session}`;
  const why = task.reason === null ? "" : `: ${harmless(task.reason)}`;
  return `Task ${task.id} is ${task.state}${at}${why}`;
}

/** Pure: everything of one task. */
export function taskDetailText(task: TaskDetailJson): string {
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
    taskText(task),
    ...shown,
    "",
    ...way,
    "",
    harmlessLines(prompt),
    ...(result === null ? [] : ["", "Result:", harmlessLines(result)]),
  ].join("\n");
}
