import { expect, it } from "vitest";
import type { TaskDetailJson } from "../../../src/api/dispatch-contract.ts";
import { eventWords } from "../../../src/api/event-text.ts";
import { taskDetailText } from "../../../src/cli/tasks-text.ts";

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
  const text = taskDetailText(task);
  expect(text).toContain(`First ${words}\r\n\tsecond`);
  expect(text).toContain(`Done ${words}\nreally`);
});

it("what an event carries moves no cursor, whatever it is in", () => {
  for (const data of [{ text: BAD }, { list: [BAD] }])
    expect(eventWords(data)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
