import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DispatchHandlers } from "../../../src/api/dispatch-routes.ts";
import { listen } from "../../../src/api/listen.ts";
import { apiApp } from "../../../src/api/server.ts";
import { until } from "../../support/agent-session.ts";
import { startCall } from "../../support/daemon-process.ts";
import { FakeHandlers } from "../../support/fake-handlers.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("a wait that is stopped says that the task goes on, and is no fault of ours", async () => {
  const dir = tempDir();
  mkdirSync(join(dir, "claude-failover"));
  const fake = new FakeHandlers();
  const task = { id: 7, state: "queued", wait: null };
  const tasks = {
    dispatch: async () => Promise.resolve({ schema: 1, done: true, created: true, task }),
    task: () => ({ schema: 1, lastEvent: 0, task }),
  } as unknown as DispatchHandlers;
  const app = apiApp({ ...fake.areas, tasks });
  const server = await listen(app, join(dir, "claude-failover", "api.sock"));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const call = startCall({
    args: ["dispatch", "--project", dir, "--prompt", "hello", "--wait"],
    env: { PATH: process.env.PATH ?? "", HOME: dir, XDG_RUNTIME_DIR: dir },
    cwd: dir,
  });
  await until("that it waits", () => fake.listeners === 1);
  call.kill("SIGINT");
  expect(await call.ended()).toMatchObject({
    status: 1,
    stderr:
      "Error: Task 7 goes on; nobody waits for it any more.\nTry: See it with claude-failover tasks show 7.\n",
  });
});
