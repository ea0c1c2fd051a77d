import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { waitForExit } from "../../../src/tmux/server-process.ts";
import { DEAD_PANES, panesShowing, parsePaneIds } from "../../../src/tmux/watch.ts";
import { openTmux, startTmux, type TestTmux } from "../../support/tmux-server.ts";
import { until } from "./wait.ts";

const SLEEP = ["sleep", "1000"];

async function clientCount(tmux: TestTmux): Promise<number> {
  return (await tmux.run("list-clients", "-F", "x")).split("\n").length - 1;
}

test("commands are answered in order however many are on their way", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const numbers = Array.from({ length: 500 }, (_, index) => String(index));
  const answers = await Promise.all(
    numbers.map((number) => client.command(["display-message", "-p", number])),
  );
  expect(answers.flat()).toEqual(numbers);
  const settled = await client.commands([
    ["display-message", "-p", "a"],
    ["no-such-command"],
    ["list-panes", "-t", "=nowhere:"],
    ["display-message", "-p", "b"],
  ]);
  expect(settled).toMatchObject([
    { value: ["a"] },
    { reason: { code: "CF_TMUX_COMMAND", details: { subcommand: "no-such-command" } } },
    { reason: { code: "CF_TMUX_COMMAND", details: { message: "can't find session: nowhere" } } },
    { value: ["b"] },
  ]);
});

test("a sequence stops at its first failure, names it, and later answers still match", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const failing = client.sequence([
    ["display-message", "-p", "a"],
    ["kill-session", "-t", "=nowhere"],
    ["set-environment", "-g", "CF_TOUCHED", "1"],
  ]);
  const next = client.sequence([
    ["display-message", "-p", "b"],
    ["display-message", "-p", "c"],
  ]);
  await expect(failing).rejects.toMatchObject({ details: { subcommand: "kill-session" } });
  expect(await next).toEqual([["b"], ["c"]]);
  await expect(client.command(["show-environment", "-g", "CF_TOUCHED"])).rejects.toMatchObject({
    code: "CF_TMUX_COMMAND",
  });
});

test("a user's configuration and hooks neither confuse the answers nor end our sessions", async () => {
  await using tmux = await startTmux();
  const configFile = join(tmux.dir, "tmux.conf");
  await writeFile(
    configFile,
    `set -g destroy-unattached on
     set -g detach-on-destroy off
     set -g base-index 1
     setw -g pane-base-index 1
     setw -g window-size smallest
     set -g default-command 'echo never'
     set -g default-size 11x11
     set-hook -g after-new-session 'display-message -p hooked ; display-message -p twice'
     set-hook -g after-display-message 'display-message -p again'
     set-hook -g client-attached 'display-message -p attached'
     set -g no-such-option on`,
  );
  await using connected = await openTmux(tmux, { configFile });
  const { client, panes } = connected;
  const argv = ["sh", "-c", "exit 5"];
  const made = await panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv });
  await panes.newSession({ name: "b", cwd: tmux.dir, env: {}, argv: SLEEP });
  expect(made.paneId).toMatch(/^%\d+$/);
  expect(await client.command(["display-message", "-p", "x"])).toEqual(["x"]);
  await client.close();
  const names = await tmux.run("list-sessions", "-F", "#{session_name}");
  expect(names.trim().split("\n").toSorted()).toEqual(["a", "b", "claude-failover-hub"]);
});

test("a killed server is started again, and says that its sessions are gone", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client, panes } = connected;
  await panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv: SLEEP });
  const oldPid = client.serverPid;
  const gone = once(client, "disconnected");
  const back = once(client, "reconnected");
  await tmux.run("kill-server");
  await gone;
  await back.then(([event]) => expect(event).toMatchObject({ serverRestarted: true }));
  expect(client.serverPid).not.toBe(oldPid);
  expect(await panes.listPanes()).toEqual([]);
});

test("a server that dies by SIGKILL is started again", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const back = once(client, "reconnected");
  process.kill(client.serverPid, "SIGKILL");
  expect(await back).toMatchObject([{ serverRestarted: true }]);
  expect(await client.command(["display-message", "-p", "x"])).toEqual(["x"]);
});

test("a server ended on purpose is gone and not started again", async () => {
  await using tmux = await startTmux();
  const { client, panes } = await openTmux(tmux);
  const made = await panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv: SLEEP });
  await client.killServer();
  const wait = { timeoutMs: 5_000, clock: systemClock, signal: new AbortController().signal };
  expect(await waitForExit({ ...wait, timeoutMs: 0, pid: client.serverPid })).toBe(true);
  expect(await waitForExit({ ...wait, pid: made.panePid })).toBe(true);
  await expect(tmux.run("list-sessions")).rejects.toThrow("no server running");
});

test("a client that is thrown off comes back to the same server", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const back = once(client, "reconnected");
  await tmux.run("detach-client", "-s", "claude-failover-hub");
  expect(await back).toMatchObject([{ serverRestarted: false, serverPid: client.serverPid }]);
});

test("a hub that is killed is made again, without straying to a user's session", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  await tmux.run("set-option", "-g", "detach-on-destroy", "off");
  await tmux.run("new-session", "-d", "-s", "theirs", "sleep 1000");
  const back = once(client, "reconnected");
  await tmux.run("kill-session", "-t", "=claude-failover-hub");
  await back;
  const attached = await tmux.run("list-clients", "-F", "#{client_session}");
  expect(attached).toBe("claude-failover-hub\n");
});

test("a client that was moved to another session goes back to the hub", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  await tmux.run("new-session", "-d", "-s", "theirs", "sleep 1000");
  const back = once(client, "reconnected");
  const name = (await tmux.run("list-clients", "-F", "#{client_name}")).trim();
  await tmux.run("switch-client", "-c", name, "-t", "=theirs");
  await back;
  const attached = await tmux.run("list-clients", "-F", "#{client_session}");
  expect(attached).toBe("claude-failover-hub\n");
});

test("commands on their way when the server dies are rejected, and new ones until it is back", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const back = once(client, "reconnected");
  process.kill(client.serverPid, "SIGSTOP");
  const waiting = client.command(["display-message", "-p", "x"]);
  const gone = once(client, "disconnected").then(() =>
    client.command(["display-message", "-p", "y"]),
  );
  process.kill(client.serverPid, "SIGKILL");
  await expect(waiting).rejects.toMatchObject({
    code: "CF_TMUX_DISCONNECTED",
    details: { sent: true },
  });
  await expect(gone).rejects.toMatchObject({
    code: "CF_TMUX_DISCONNECTED",
    details: { sent: false },
  });
  await back;
});

test("a server that does not answer is given up, and taken back when it answers again", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux, { answerTimeoutMs: 300 });
  const { client } = connected;
  const { serverPid } = client;
  process.kill(serverPid, "SIGSTOP");
  try {
    await expect(client.command(["list-sessions"])).rejects.toMatchObject({
      code: "CF_TMUX_DISCONNECTED",
      message: expect.stringContaining("no answer"),
    });
  } finally {
    process.kill(serverPid, "SIGCONT");
  }
  await once(client, "reconnected");
  expect(client.serverPid).toBe(serverPid);
  await until("one client", async () => (await clientCount(tmux)) === 1);
});

test("a long queue is no silence: what counts is the time since the last answer", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux, { answerTimeoutMs: 600 });
  const { client } = connected;
  const slow = Array.from({ length: 4 }, () => ["run-shell", "sleep 0.4"]);
  const results = await client.commands([...slow, ["display-message", "-p", "x"]]);
  expect(results.at(-1)).toEqual({ status: "fulfilled", value: ["x"] });
});

test("closing while the server is away ends the attempts to come back", async () => {
  await using tmux = await startTmux();
  const { client } = await openTmux(tmux, { answerTimeoutMs: 300 });
  const { serverPid } = client;
  process.kill(serverPid, "SIGSTOP");
  try {
    await expect(client.command(["list-sessions"])).rejects.toThrow("no answer");
    await client.close();
  } finally {
    process.kill(serverPid, "SIGCONT");
  }
  await until("no client", async () => (await clientCount(tmux)) === 0);
});

test("closing windows and changing sessions are events", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client, panes } = connected;
  await panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv: SLEEP });
  const [row] = await panes.listPanes();
  const closed = once(client, "windowClosed");
  const changed = once(client, "sessionsChanged");
  await panes.killSession("a");
  expect(await closed).toEqual([{ windowId: row?.windowId }]);
  await changed;
});

test("tmux itself looks for dead panes and for text, also after a reconnect", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client, panes } = connected;
  const found = new Map<string, string[]>();
  client.on("subscription", ({ name, value }) => found.set(name, parsePaneIds(value)));
  const say = (name: string, text: string): ReturnType<typeof panes.newSession> =>
    panes.newSession({
      name,
      cwd: tmux.dir,
      env: {},
      argv: ["sh", "-c", `echo "${text}"; exec sleep 1000`],
    });
  await client.subscribe("dead", DEAD_PANES);
  await client.subscribe("text", panesShowing("you(’|')ve hit your [a-z]+, {1}#limit"));
  await say("a", "All is well");
  const hit = await say("b", "You've hit your Opus, #limit");
  const panesOf = (name: string): string[] | undefined => found.get(name);
  await expect.poll(() => panesOf("text"), { timeout: 5_000 }).toEqual([hit.paneId]);
  process.kill(hit.panePid, "SIGKILL");
  await expect.poll(() => panesOf("dead"), { timeout: 5_000 }).toEqual([hit.paneId]);

  const back = once(client, "reconnected");
  await tmux.run("kill-server");
  await back;
  found.clear();
  const second = await say("c", "You’ve hit your weekly, #limit");
  await expect.poll(() => panesOf("text"), { timeout: 5_000 }).toEqual([second.paneId]);
  await client.unsubscribe("text");
});
