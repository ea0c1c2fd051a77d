import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ask, follow } from "../api/client.ts";
import type { EventJson } from "../api/contract.ts";
import type { DispatchedJson, TaskShownJson } from "../api/dispatch-contract.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { tellAction } from "./action.ts";
import { look, ownPlaces, printJson } from "./context.ts";
import { stopOnSignal } from "./stop-signal.ts";
import { resultText, taskText, waitText } from "./tasks-text.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const dispatch: Verb = {
  name: "dispatch",
  summary: "Give a task to the pool: a free session does it, once.",
  operands: "",
  mostWords: 0,
  options: {
    project: {
      type: "string",
      short: "p",
      value: "DIR",
      help: "one of dispatch.projects, by path or name; without it this folder",
    },
    file: {
      type: "string",
      short: "f",
      value: "FILE",
      help: "a task file, with or without front matter; - for standard input",
    },
    prompt: { type: "string", value: "TEXT", help: "what is to be done" },
    title: { type: "string", value: "TEXT", help: "what lists call it" },
    priority: {
      type: "string",
      value: "WORD",
      choices: ["critical", "high", "normal", "low"],
      help: "critical, high, normal or low",
    },
    model: { type: "string", value: "MODEL", help: "the model it is done with" },
    cwd: { type: "string", value: "DIR", help: "a folder inside the project" },
    timeout: { type: "string", value: "TIME", help: "how long it may take, like 30m" },
    retries: { type: "string", value: "N", help: "how often it is tried again" },
    dedupe: { type: "string", value: "KEY", help: "tasks with the same key are one task" },
    after: { type: "string", value: "IDS", help: "tasks that must be done before, like 17,18" },
    wait: {
      type: "boolean",
      short: "w",
      help: "wait until it is over and print its result; what it waits for is said on standard error",
    },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover dispatch --project ~/src/api --file task.md --wait",
    "claude-failover dispatch --prompt Hello --json",
  ],
  async run(call) {
    const { socket } = ownPlaces();
    const body = bodyOf(call);
    const json = call.values.json === true;
    const answer = await ask<DispatchedJson>({
      socket,
      method: "POST",
      path: "/v1/dispatch",
      body,
    });
    if (!answer.done) return tellAction(answer, { json });
    if (call.values.wait === true) return waitFor(answer.task.id, { socket, json });
    if (json) printJson(answer);
    else {
      const how = answer.created
        ? "is in the queue"
        : `was there already and is ${answer.task.state}`;
      const why = waitText(answer.task, look().now);
      const waits = why === null ? "" : ` It waits: ${why}.`;
      process.stdout.write(`Task ${answer.task.id} ${how}.${waits}\n`);
    }
    return EXIT.done;
  },
};

const PLAIN = ["title", "priority", "model", "cwd", "timeout", "dedupe"] as const;

/** What a call asks for. Throws CF_CLI_USAGE and CF_DISPATCH_FILE. */
function bodyOf({ values }: Call): Record<string, unknown> {
  const { project, file, prompt } = values;
  if ((file === undefined) === (prompt === undefined))
    throw new FailoverError("CF_CLI_USAGE", "Say what is to be done: --prompt, or --file.");
  const word = typeof project === "string" ? project : ".";
  const fields = PLAIN.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { retries, after } = values;
  return {
    project: isName(word) ? word : resolve(word),
    ...(typeof file === "string" ? { file: textOf(file) } : { prompt }),
    ...Object.fromEntries(fields),
    ...(typeof retries === "string" ? { retries: Number(retries) } : {}),
    ...(typeof after === "string" ? { after: after.split(",") } : {}),
  };
}

/** A name of a project rather than a path to one. */
function isName(word: string): boolean {
  return !word.includes("/") && !word.startsWith(".") && !word.startsWith("~");
}

function textOf(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file === "-" ? 0 : file));
  } catch (cause) {
    const isText = !(cause instanceof TypeError);
    const why = isText ? "cannot be read" : "is no text: it holds bytes that are not UTF-8";
    throw new FailoverError("CF_DISPATCH_FILE", `${file} ${why}.`, { details: { file }, cause });
  }
}

/** Events after which a task may wait for something else than before. */
const MAY_CHANGE = /^(?:dispatch\.|session\.|decision$|paused$|resumed$)/;

/** Follows the task to its end, and says what it waits for; its exit status says how it ended. */
async function waitFor(
  id: number,
  { socket, json }: { socket: string; json: boolean },
): Promise<ExitStatus> {
  using stop = stopOnSignal(
    () =>
      new FailoverError(
        "CF_DISPATCH_STOPPED",
        `Task ${id} goes on; nobody waits for it any more.`,
        {
          hint: `See it with claude-failover tasks show ${id}.`,
        },
      ),
  );
  const path = `/v1/tasks/${id}`;
  let told: string | null = null;
  const seen = async () => {
    const shown = await ask<TaskShownJson>({ socket, method: "GET", path });
    const { wait } = shown.task;
    if (wait !== null && wait.text !== told)
      process.stderr.write(`Task ${id} waits: ${waitText(shown.task, look().now) ?? ""}\n`);
    told = wait?.text ?? null;
    return shown;
  };
  let { task, lastEvent } = await seen();
  if (!isOver(task.state)) {
    const events = `/v1/events?follow=1&since=${lastEvent}`;
    for await (const event of follow<EventJson>({ socket, path: events, signal: stop.signal })) {
      const isOwn = (event.data as { task?: number } | null)?.task === id;
      if (!isOwn && !MAY_CHANGE.test(event.type)) continue;
      ({ task, lastEvent } = await seen());
      if (isOver(task.state)) break;
    }
  }
  if (json) printJson({ schema: 1, lastEvent, task });
  else if (task.state === "done") process.stdout.write(`${resultText(task, process.stdout)}\n`);
  else process.stderr.write(`${taskText(task, look().now)}\n`);
  return task.state === "done" ? EXIT.done : EXIT.fault;
}

function isOver(state: string): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
