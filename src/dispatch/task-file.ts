import { parse, stringify } from "yaml";
import { rfc3339 } from "../clock.ts";
import type { TaskRow, TaskTexts } from "../store/tasks.ts";

/** Pure: what lies in `done/` or `failed/`: the front matter as it was, what became of it, the prompt. */
export function finishedFile(task: TaskRow, texts: TaskTexts): string {
  const time = (at: number | null): string | null => (at === null ? null : rfc3339(at));
  const outcome = {
    task: task.id,
    state: task.state,
    ...(task.state === "done" ? { result: texts.result ?? "" } : { reason: task.reason ?? "" }),
    session: task.session,
    sessionId: task.sessionId,
    promptId: task.promptId,
    attempts: task.attempt,
    deliveredAt: time(task.deliveredAt),
    endedAt: time(task.endedAt),
  };
  return `---\n${blockOf(texts.front)}${yamlOf(outcome)}---\n${texts.prompt}\n`;
}

/** Front matter to which lines can be added: written as `{ … }` it is written out. */
function blockOf(front: string): string {
  if (front.trim() === "") return "";
  if (/^\s*\{/m.test(front)) return yamlOf(parse(front));
  return front.endsWith("\n") ? front : `${front}\n`;
}

function yamlOf(value: unknown): string {
  return stringify(value, { lineWidth: 0, blockQuote: "literal" });
}
