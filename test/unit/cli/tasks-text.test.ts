import { describe, expect, it, test } from "vitest";
import type { TaskDetailJson, TaskJson } from "../../../src/api/dispatch-contract.ts";
import { eventWords } from "../../../src/api/event-text.ts";
import { resultText, taskDetailText, taskText, tasksText } from "../../../src/cli/tasks-text.ts";
import { TASKS } from "../docs/json-examples-tasks.ts";

const now = Date.parse("2026-11-21T08:23:30.114Z");
const [waiting, done] = TASKS.tasks as readonly [TaskJson, TaskJson];
const frozen: TaskJson = {
  ...waiting,
  wait: { code: "frozen", text: "nothing is given out: paused: observing only", until: null },
};

/** Sets the title, moves the cursor in seven bits and in eight, turns the direction of writing. */
const BAD = "\u001b]0;x\u0007 \u001b[2J \u009b2J \u007f \u202e";

it("a task's prompt and result keep their lines and move no cursor", () => {
  const task = {
    id: 1,
    state: "done",
    after: [],
    steps: [],
    project: "/p",
    cwd: "/p",
    priority: "normal",
    name: null,
    title: null,
    model: null,
    session: null,
    sessionId: null,
    promptId: null,
    reason: null,
    wait: null,
    prompt: `First ${BAD}\r\n\tsecond`,
    result: `Done ${BAD}\nreally`,
  } as unknown as TaskDetailJson;
  const words = String.raw`\u001b]0;x\u0007 \u001b[2J \u009b2J \u007f \u202e`;
  const text = taskDetailText(task, now);
  expect(text).toContain(`First ${words}\r\n\tsecond`);
  expect(text).toContain(`Done ${words}\nreally`);
});

it("a result is shown like that to a person, and given to a program as it is", () => {
  const task = { result: `a\n${BAD}` };
  expect(resultText(task, { isTTY: false })).toBe(task.result);
  expect(resultText(task, { isTTY: true })).toMatch(/^a\n[ -~]+$/);
});

it("what an event carries moves no cursor, whatever it is in", () => {
  for (const data of [{ text: BAD }, { list: [BAD] }])
    expect(eventWords(data)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

describe("the list of tasks", () => {
  test("says once what several wait for, and how long where that is known", () => {
    const tasks = [...Array.from({ length: 10 }, (_, id) => ({ ...frozen, id })), waiting, done];
    const text = tasksText({ ...TASKS, tasks }, { columns: 60, now });
    expect(text.split("\n").slice(-4)).toEqual([
      "0, 1, 2, 3, 4, 5, 6, 7 and 2 more wait: nothing is given",
      "  out: paused: observing only",
      "18 waits: ccl-auto-11 rests, for 10 s",
      "1 queued, 1 done",
    ]);
  });

  test("says of one task what it waits for, before why it was given back", () => {
    const requeued: TaskJson = { ...frozen, state: "requeued", reason: "its client ended" };
    expect(taskText(requeued, now)).toBe(
      "Task 18 is requeued, and waits: nothing is given out: paused: observing only",
    );
    expect(taskText({ ...requeued, wait: null }, now)).toBe(
      "Task 18 is requeued: its client ended",
    );
  });
});
