import { once } from "node:events";
import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { TmuxClient } from "../../../src/tmux/client.ts";
import { attachArguments } from "../../../src/tmux/socket.ts";
import { DEAD_PANES, panesShowing, parsePaneIds } from "../../../src/tmux/watch.ts";
import { openTmux, startTmux, type TestTmux } from "../../support/tmux-server.ts";
import { until } from "./wait.ts";

const SLEEP = ["sleep", "1000"];

async function clientCount(tmux: TestTmux): Promise<number> {
  return (await tmux.run("list-clients", "-F", "x")).split("\n").length - 1;
}

async function program(path: string, script: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

test("opening starts the server, with nothing on it but the hub", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client, panes } = connected;
  expect(await tmux.run("list-sessions", "-F", "#{session_name}")).toBe("claude-failover-hub\n");
  expect(await tmux.run("list-clients", "-F", "#{client_flags}")).toContain("no-output");
  expect(await tmux.run("display-message", "-p", "#{pid}")).toBe(`${client.serverPid}\n`);
  expect(await panes.listPanes()).toEqual([]);
});

test("closing leaves the server, the hub and every session as they are", async () => {
  await using tmux = await startTmux();
  const { client, panes } = await openTmux(tmux);
  const made = await panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv: SLEEP });
  await client.close();
  await client.close();
  expect(await clientCount(tmux)).toBe(0);
  await using again = await openTmux(tmux);
  expect(again.client.serverPid).toBe(client.serverPid);
  expect(await again.panes.listPanes()).toMatchObject([{ panePid: made.panePid, dead: false }]);
  await expect(client.command(["list-panes"])).rejects.toMatchObject({
    code: "CF_TMUX_DISCONNECTED",
  });
});

test("a server that runs already is joined, and its sessions are left alone", async () => {
  await using tmux = await startTmux();
  await tmux.run("new-session", "-d", "-s", "theirs", "-x", "91", "-y", "33", "sleep 1000");
  const look = (): Promise<string> =>
    tmux.run("list-panes", "-t", "=theirs:", "-F", "#{pane_pid} #{window_width} #{window_height}");
  const before = await look();
  await using connected = await openTmux(tmux);
  expect(await connected.panes.listPanes()).toMatchObject([{ sessionName: "theirs", options: {} }]);
  expect(await look()).toBe(before);
});

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

test("two clients work at once, and one leaving does not touch the other", async () => {
  await using tmux = await startTmux();
  await using first = await openTmux(tmux);
  const second = await openTmux(tmux);
  const changed = once(second.client, "sessionsChanged");
  await Promise.all([
    first.panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv: SLEEP }),
    second.panes.newSession({ name: "b", cwd: tmux.dir, env: {}, argv: SLEEP }),
  ]);
  await changed;
  const names = async ({ panes }: typeof first): Promise<string[]> =>
    (await panes.listPanes()).map(({ sessionName }) => sessionName).toSorted();
  expect(await names(first)).toEqual(["a", "b"]);
  expect(await names(second)).toEqual(["a", "b"]);
  await second.client.close();
  expect(first.client.connected).toBe(true);
  expect(await names(first)).toEqual(["a", "b"]);
});

test("a server that is just ending does not keep the first connection from succeeding", async () => {
  await using tmux = await startTmux();
  const flag = join(tmux.dir, "ended");
  const binary = await program(
    join(tmux.dir, "tmux"),
    `if [ "$1" != -V ] && mkdir ${flag} 2>/dev/null; then echo server exited unexpectedly >&2; exit 1; fi
     exec ${tmux.binary} "$@"`,
  );
  await using connected = await openTmux(tmux, { binary });
  expect(await stat(flag)).toBeDefined();
  expect(connected.client.connected).toBe(true);
});

test("a connection that tmux refuses says why", async () => {
  await using tmux = await startTmux();
  const refusal = "%begin 1 1 0\\ncreate window failed\\n%error 1 1 0\\n%exit\\n";
  const binary = await program(
    join(tmux.dir, "tmux"),
    `if [ "$1" = -V ]; then echo tmux 3.3a; else printf '${refusal.replaceAll("%", "%%")}'; fi`,
  );
  await expect(openTmux(tmux, { binary })).rejects.toMatchObject({
    code: "CF_TMUX_UNREACHABLE",
    message: expect.stringContaining("create window failed"),
  });
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

test("text beyond ASCII is read whatever the language of the environment", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux, { env: { ...tmux.env, LANG: "C", LC_ALL: "C" } });
  expect(await connected.client.command(["display-message", "-p", "❯ ü"])).toEqual(["❯ ü"]);
});

test("a machine without tmux is told so", async () => {
  await using tmux = await startTmux();
  await expect(openTmux(tmux, { binary: "tmux", env: { PATH: tmux.dir } })).rejects.toMatchObject({
    code: "CF_TMUX_MISSING",
    message: "tmux is not installed.",
  });
  const broken = await program(join(tmux.dir, "broken"), "exit 1");
  await expect(openTmux(tmux, { binary: broken })).rejects.toMatchObject({
    code: "CF_TMUX_MISSING",
    message: "The tmux program does not run.",
  });
});

test("a tmux before 3.2 is refused by its version", async () => {
  await using tmux = await startTmux();
  const old = await program(join(tmux.dir, "old"), "echo tmux 3.1c");
  await expect(openTmux(tmux, { binary: old })).rejects.toMatchObject({
    code: "CF_TMUX_TOO_OLD",
    details: { version: "3.1c" },
  });
});

test("a socket that cannot be reached is refused with what tmux said", async () => {
  await using tmux = await startTmux();
  const folder = join(tmux.dir, "shut");
  await mkdir(folder);
  await expect(openTmux(tmux, { socket: { path: folder } })).rejects.toMatchObject({
    code: "CF_TMUX_UNREACHABLE",
    message: expect.stringContaining(folder),
  });
  await chmod(folder, 0o700);
});

test("an operator's own tmux attaches to exactly the session asked for", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  await connected.panes.newSession({ name: "a-1", cwd: tmux.dir, env: {}, argv: SLEEP });
  const attach = (session: string): Promise<string> => {
    const [, , ...command] = attachArguments(tmux.socket, session);
    return tmux.run("-C", ...command, ";", "detach-client");
  };
  await expect(attach("a")).rejects.toMatchObject({
    stdout: expect.stringContaining("can't find session"),
  });
  expect(await attach("a-1")).toMatch(/^%session-changed \$\d+ a-1$/m);
});

test("a socket may be named by its path", async () => {
  await using tmux = await startTmux();
  const path = join(tmux.dir, "s");
  const client = await TmuxClient.open({
    binary: tmux.binary,
    socket: { path },
    configFile: "/dev/null",
    env: tmux.env,
    clock: systemClock,
  });
  expect(await client.command(["display-message", "-p", "#{socket_path}"])).toEqual([path]);
  client.once("disconnected", () => void client.close());
  await client.command(["kill-server"]).catch(() => undefined);
  await until("end", () => !client.connected);
  await client.close();
});
