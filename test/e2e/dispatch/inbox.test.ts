import { expect, test } from "vitest";
import { parse } from "yaml";
import type { CheckpointsJson } from "../../../src/api/checkpoint-contract.ts";
import { until } from "../../support/agent-session.ts";
import { dispatchRig } from "../../support/dispatch-rig.ts";

test("a file dropped into an inbox comes out of done/ with its result, once", async () => {
  await using rig = await dispatchRig();
  await rig.startDaemon();
  rig.drop("hello.md", "---\ntitle: Hello\npriority: high\n---\nSay hello.\n\nIn two lines.\n");
  const [task] = await rig.settled(1);
  expect(task).toMatchObject({ name: "hello", title: "Hello", priority: "high", attempts: 1 });
  expect(rig.folder("done")).toEqual(["hello.md"]);
  expect(rig.folder("inbox")).toEqual([]);
  const [, front = "", body = ""] = rig.read("done/hello.md").split(/^---$/m);
  expect(body.trim()).toBe("Say hello.\n\nIn two lines.");
  const sessionId = task?.sessionId ?? "";
  expect(parse(front)).toMatchObject({
    title: "Hello",
    task: task?.id,
    state: "done",
    result: expect.stringMatching(/./),
    sessionId,
    promptId: task?.promptId,
  });
  await rig.wrote("Say hello.");
  const told = rig.prompts().filter(({ text }) => text.startsWith("Say hello."));
  expect(told).toEqual([{ sessionId, text: "Say hello.\n\nIn two lines." }]);
  const session = task?.session ?? "";
  const shown = await until("the checkpoint", async () => {
    const { status, stdout } = await rig.call(["checkpoint", "show", session, "--json"]);
    return status === 0 ? (JSON.parse(stdout) as CheckpointsJson) : undefined;
  });
  expect(shown.checkpoints).toMatchObject([
    { session, sessionId, cause: "turnEnd", cwd: rig.project, screen: expect.any(Array) },
  ]);
});
