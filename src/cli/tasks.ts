import { ask } from "../api/client.ts";
import type { ActionJson, EventJson } from "../api/contract.ts";
import type { TaskShownJson, TasksJson } from "../api/dispatch-contract.ts";
import { harmless } from "../config/problem.ts";
import { nearest } from "../config/suggest.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { TASK_STATES } from "../store/tasks.ts";
import { tellAction } from "./action.ts";
import { look, ownPlaces, printJson } from "./context.ts";
import { followEvents } from "./follow-events.ts";
import { taskDetailText, taskText, tasksText } from "./tasks-text.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";
import { wholeNumber } from "./whole-number.ts";

export const tasks: Verb = {
  name: "tasks",
  summary: "List the tasks of the pool; show, cancel or retry one.",
  operands: "[show|cancel|retry <id>]",
  choices: ["show", "cancel", "retry"],
  mostWords: 2,
  options: {
    state: { type: "string", value: "STATES", help: "only these, like queued,failed" },
    project: { type: "string", short: "p", value: "DIR", help: "only those of one project" },
    limit: { type: "string", value: "N", help: "at most so many; 100 without it" },
    follow: { type: "boolean", short: "f", help: "go on with what happens to tasks, until Ctrl-C" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover tasks",
    "claude-failover tasks --state failed --json",
    "claude-failover tasks show 17",
  ],
  async run(call) {
    const [what, id] = call.words;
    const { socket } = ownPlaces();
    const json = call.values.json === true;
    if (what === undefined)
      return call.values.follow === true ? followTasks(socket, json) : list(call, { socket, json });
    if (id === undefined || !/^\d{1,12}$/.test(id))
      throw new FailoverError("CF_CLI_USAGE", `tasks ${what} takes the number of a task.`);
    const path = `/v1/tasks/${id}`;
    switch (what) {
      case "show": {
        const shown = await ask<TaskShownJson>({ socket, method: "GET", path });
        if (json) printJson(shown);
        else process.stdout.write(`${taskDetailText(shown.task, look().now)}\n`);
        return EXIT.done;
      }
      case "cancel":
      case "retry": {
        const action = await ask<ActionJson>({ socket, method: "POST", path: `${path}/${what}` });
        return tellAction(action, { json });
      }
      default:
        throw new Error(`tasks ${what} is not written`);
    }
  },
};

async function list(
  call: Call,
  { socket, json }: { socket: string; json: boolean },
): Promise<ExitStatus> {
  const { state, project } = call.values;
  const limit = wholeNumber(call, "limit", { least: 1, most: 10_000, missing: 100 });
  const query = new URLSearchParams({ limit: String(limit) });
  if (typeof state === "string") query.set("state", requireStates(state));
  if (typeof project === "string") query.set("project", project);
  const answer = await ask<TasksJson>({
    socket,
    method: "GET",
    path: `/v1/tasks?${query.toString()}`,
  });
  if (json) printJson(answer);
  else process.stdout.write(`${tasksText(answer, look())}\n`);
  return EXIT.done;
}

/** Throws CF_CLI_USAGE for a word that is no state. */
function requireStates(written: string): string {
  const wrong = written.split(",").find((each) => !TASK_STATES.some((state) => state === each));
  if (wrong === undefined) return written;
  const near = nearest(wrong, TASK_STATES);
  const mean = near === null ? "" : ` Did you mean ${near}?`;
  const all = TASK_STATES.join(", ");
  throw new FailoverError("CF_CLI_USAGE", `--state takes of ${all}, not ${wrong}.${mean}`);
}

/** A line for every event of a task from now on, and of what keeps all from being given out. */
async function followTasks(socket: string, json: boolean): Promise<ExitStatus> {
  const path = "/v1/tasks?limit=1";
  const { lastEvent: since } = await ask<TasksJson>({ socket, method: "GET", path });
  return followEvents({ socket, since }, async (event) => {
    if (/^(?:task|dispatch)\./.test(event.type)) await tell(event, { socket, json });
  });
}

async function tell(
  event: EventJson,
  { socket, json }: { socket: string; json: boolean },
): Promise<void> {
  if (json) {
    process.stdout.write(`${JSON.stringify(event)}\n`);
    return;
  }
  const { task, text } = event.data as { task?: number; text?: string };
  const what = `${event.at} ${event.type}`;
  if (task === undefined) {
    process.stdout.write(`${what} ${harmless(text ?? "")}\n`);
    return;
  }
  const path = `/v1/tasks/${task}`;
  const shown = await ask<TaskShownJson>({ socket, method: "GET", path });
  process.stdout.write(`${what} ${taskText(shown.task, look().now)}\n`);
}
