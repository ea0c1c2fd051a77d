import { once } from "node:events";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { TmuxClient } from "../../../src/tmux/client.ts";
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
