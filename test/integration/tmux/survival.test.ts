import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { waitForExit } from "../../../src/tmux/server-process.ts";
import { openTmux, startTmux, type TestTmux } from "../../support/tmux-server.ts";
import { fileFrom, until } from "./wait.ts";

const HOLD_CLIENT = join(import.meta.dirname, "programs/hold-client.ts");

/** A process of its own that holds a connection, as the daemon does. */
async function holder(tmux: TestTmux): Promise<ChildProcess> {
  const child = spawn(process.execPath, [HOLD_CLIENT, tmux.binary, tmux.socket.name], {
    env: { ...tmux.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

test("a process killed by SIGKILL leaves nothing behind but the hub session", async () => {
  await using tmux = await startTmux();
  const child = await holder(tmux);
  const clientPid = Number(await tmux.run("list-clients", "-F", "#{client_pid}"));
  expect(clientPid).toBeGreaterThan(1);
  await end(child);
  await until("no client", async () => (await tmux.run("list-clients", "-F", "x")) === "");
  const { signal } = new AbortController();
  const wait = { pid: clientPid, timeoutMs: 5_000, clock: systemClock, signal };
  expect(await waitForExit(wait)).toBe(true);
  expect(await tmux.run("list-sessions", "-F", "#{session_name}")).toBe("claude-failover-hub\n");
  expect(await tmux.run("list-buffers")).toBe("");
});

/** A control client that is stuck: its reader was killed while tmux had more to say than fits. */
async function abandon(tmux: TestTmux): Promise<number> {
  const child = spawn(process.execPath, [HOLD_CLIENT, tmux.binary, tmux.socket.name, "unread"], {
    env: { ...tmux.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  tmux.serverPids.add(Number(line.toString()));
  const hub = ["-t", "=claude-failover-hub", "-F", "#{client_pid}"];
  const pid = Number(await tmux.run("list-clients", ...hub));
  await end(child);
  return pid;
}

test("a client whose process was killed in the middle of an answer is ended by the next one", async () => {
  await using tmux = await startTmux();
  const stuck = await abandon(tmux);
  expect(await tmux.run("list-clients", "-F", "#{client_pid}")).toBe(`${stuck}\n`);
  await using _ = await openTmux(tmux);
  await until(
    "only one client",
    async () => !(await tmux.run("list-clients", "-F", "#{client_pid}")).includes(String(stuck)),
  );
});

test("a server that is told to end does, whoever is stuck on it", async () => {
  await using tmux = await startTmux();
  await using opened = await openTmux(tmux, { hubSession: "another" });
  const { serverPid } = opened.client;
  await abandon(tmux);
  await opened.client.killServer();
  const { signal } = new AbortController();
  const wait = { pid: serverPid, timeoutMs: 0, clock: systemClock, signal };
  expect(await waitForExit(wait)).toBe(true);
});

test("a stopped process does not hold back a pane, not even one linked into the hub", async () => {
  await using tmux = await startTmux();
  const child = await holder(tmux);
  try {
    child.kill("SIGSTOP");
    const done = join(tmux.dir, "done");
    const script = `i=0; while [ $i -lt 200 ]; do head -c 40000 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done; echo ok > ${done}; sleep 1000`;
    await tmux.run("new-session", "-d", "-s", "a", "-x", "200", "-y", "50", "sh", "-c", script);
    await tmux.run("link-window", "-s", "=a:", "-t", "=claude-failover-hub:7");
    expect((await fileFrom(done)).toString()).toBe("ok\n");
  } finally {
    await end(child);
  }
});
