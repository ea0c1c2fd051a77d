import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, onTestFinished, test } from "vitest";
import { listen } from "../../../src/api/listen.ts";
import { apiApp } from "../../../src/api/server.ts";
import { startCall } from "../../support/daemon-process.ts";
import { DONE, FakeHandlers, STATUS } from "../../support/fake-handlers.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

/** `claude-failover mcp` with its own HOME, asked by the SDK's own client. */
async function agent(dir: string, ...options: string[]): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const env = { PATH: process.env.PATH ?? "", HOME: dir, XDG_RUNTIME_DIR: dir };
  const args = [MAIN, "mcp", ...options];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  onTestFinished(async () => client.close());
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const [part] = content;
  return { isError, answer: JSON.parse(part?.type === "text" ? part.text : "null") as unknown };
}

test("an agent reads by default, changes only where that was allowed, and is told of a daemon that is down", async () => {
  const dir = tempDir();
  const folder = join(dir, "claude-failover");
  mkdirSync(folder);
  const handlers = new FakeHandlers();
  const server = await listen(apiApp(handlers.areas), join(folder, "api.sock"));
  const [reader, changer] = await Promise.all([agent(dir), agent(dir, "--allow-changes")]);
  const names = async (client: Client): Promise<string[]> =>
    (await client.listTools()).tools.map(({ name }) => name).toSorted();
  expect(await names(reader)).toEqual(["history", "status", "tasks", "why"]);
  expect(await names(changer)).toEqual([
    "dispatch",
    "history",
    "hold",
    "release",
    "status",
    "switchover",
    "tasks",
    "why",
  ]);
  expect(await call(reader, "status")).toEqual({ isError: undefined, answer: STATUS });
  await expect(reader.callTool({ name: "switchover", arguments: {} })).rejects.toThrow(
    /switchover/,
  );
  expect(await call(changer, "switchover", { to: "two" })).toMatchObject({ answer: DONE });
  expect(handlers.asked).toEqual(["status", { session: null, to: "two", dryRun: false }]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await call(reader, "status")).toMatchObject({
    isError: true,
    answer: { error: { code: "CF_DAEMON_DOWN", hint: "Start it with claude-failover run." } },
  });
});

test("it ends in order when nobody is there", async () => {
  const dir = tempDir();
  const env = { PATH: process.env.PATH ?? "", HOME: dir, XDG_RUNTIME_DIR: dir };
  const ended = await startCall({ args: ["mcp"], env, cwd: dir }).ended();
  expect(ended).toMatchObject({ status: 0, stdout: "", stderr: "" });
});
