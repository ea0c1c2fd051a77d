import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionsJson } from "../../../src/api/contract.ts";
import { until } from "../../support/agent-session.ts";
import type { Running } from "../../support/daemon-process.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";
import { expectSameKeys } from "../../support/json-keys.ts";
import { STATUS } from "../../unit/docs/json-examples.ts";

let rig: DaemonRig;
let daemon: Running;

beforeAll(async () => {
  rig = await daemonRig({ sessions: ["api", "web"] });
  daemon = await rig.startDaemon();
  for (const name of ["api", "web"]) await fleetHand(rig, name).becomes("idle");
});

afterAll(async () => rig[Symbol.asyncDispose]());

test("sessions lists each with every key, also without a terminal", async () => {
  const { stdout } = await rig.call(["sessions", "--json"]);
  const answer = JSON.parse(stdout) as SessionsJson;
  expectSameKeys(answer, { schema: 1, sessions: STATUS.sessions });
  expect(answer.sessions.map(({ name, note }) => [name, note])).toEqual([
    ["api", null],
    ["web", null],
  ]);
  expect((await rig.call(["sessions"])).stdout).toMatch(/^api +dedicated +idle .* compte1 +- /m);
});

test("a session that is held is not started again until it is released", async () => {
  expect(await rig.call(["hold", "wen"])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^There is no session wen\. Did you mean web\?\n/),
  });
  expect(await rig.post("hold", { session: "web" })).toMatchObject({ done: true });
  expect(await rig.post("hold", { session: "web" })).toMatchObject({ done: false, exit: 3 });
  const web = fleetHand(rig, "web");
  const before = await web.pid();
  const { length } = await rig.events();
  process.kill(before, "SIGKILL");
  await until("its end", async () =>
    (await rig.events()).slice(length).some(({ type }) => type === "session.dead"),
  );
  // The other one comes back: by then the held one would have, too.
  const api = await fleetHand(rig, "api").pid();
  process.kill(api, "SIGKILL");
  await until("the other's return", async () => (await pidOf("api")) !== api);
  expect((await rig.status()).sessions.find(({ name }) => name === "web")?.state).toBe("held");
  expect(await pidOf("web")).toBe(before);
  expect(await rig.post("release", { session: "web" })).toMatchObject({ text: "Released: web." });
  await web.becomes("idle");
  expect(await pidOf("web")).not.toBe(before);
});

test("what is drained is said, and can be undone", async () => {
  expect((await rig.call(["drain", "--all"])).stdout).toBe("Given no new work: api, web.\n");
  expect((await rig.call(["status"])).stdout).toContain("\napi is given no new work\n");
  expect(await rig.post("drain", { undo: true })).toMatchObject({ done: true });
  expect(await rig.post("drain", { undo: true })).toMatchObject({ done: false, exit: 3 });
});

test("attach shows exactly that session on a terminal, and says what is in its way", async () => {
  expect(await rig.call(["attach", "web"])).toMatchObject({
    status: 2,
    stderr: "Error: This is no terminal to show a session on.\nTry: Call it from a terminal.\n",
  });
  await fleetHand(rig, "web").write("half a thought");
  // From inside the same server it switches the client that called.
  const command = `${process.execPath} dist/cli/main.js attach web`;
  await rig.tmux("new-session", "-d", "-s", "mine", "-x", "90", "-y", "20", "-c", process.cwd());
  const client = `unset TMUX; tmux -u -L ${await socketName()} attach -t =mine`;
  await rig.tmux("new-session", "-d", "-s", "outer", "-x", "90", "-y", "20", client);
  await until("the client", async () => (await clients()).includes("mine"));
  await rig.tmux("send-keys", "-t", "=mine:", command, "Enter");
  await until("the switch", async () => (await clients()).includes("web"));
  await rig.tmux("kill-session", "-t", "=outer");
  await rig.tmux("kill-session", "-t", "=mine");
  await fleetHand(rig, "web").keys("C-u");
});

test("down ends what is ours in order, keeps it ended, and leaves a draft and what is the operator's", async () => {
  await rig.tmux("new-session", "-d", "-s", "mine");
  await fleetHand(rig, "web").write("half a thought");
  const ids = (await rig.status()).sessions.map(({ sessionId }) => sessionId);
  const planned = await rig.call(["down", "--dry-run"]);
  expect(planned.stdout).toMatch(/^Would end 1 session, 1 left:\n {2}api: would end: /);
  expect(planned.stdout).toContain("web: left: an unsent draft stands in its composer");
  expect((await rig.tmuxSessions()).toSorted()).toEqual(["api", "mine", "web"]);
  expect((await rig.call(["down"])).status).toBe(4);
  expect((await rig.tmuxSessions()).toSorted()).toEqual(["mine", "web"]);
  expect(await rig.post("down", { force: true })).toMatchObject({ done: true });
  expect(await rig.tmuxSessions()).toEqual(["mine"]);
  expect(await rig.post("down")).toMatchObject({ done: false, exit: 3 });
  daemon.kill("SIGTERM");
  await daemon.ended();
  const told = await rig.call(["sessions"]);
  expect(told.stdout).toContain("api: it was ended, until release");
  daemon = await rig.startDaemon({ more: ["--stop-sessions"] });
  expect(await rig.tmuxSessions()).toEqual(["mine"]);
  expect(await rig.post("release")).toMatchObject({ done: true });
  for (const name of ["api", "web"]) await fleetHand(rig, name).becomes("idle");
  expect((await rig.status()).sessions.map(({ sessionId }) => sessionId)).toEqual(ids);
});

test("run --stop-sessions ends them with the daemon, and the next start brings them back", async () => {
  daemon.kill("SIGTERM");
  expect((await daemon.ended()).status).toBe(0);
  expect(await rig.tmuxSessions()).toEqual(["mine"]);
  daemon = await rig.startDaemon();
  for (const name of ["api", "web"]) await fleetHand(rig, name).becomes("idle");
});

async function pidOf(name: string): Promise<number | null | undefined> {
  return (await rig.status()).sessions.find((session) => session.name === name)?.pid;
}

async function clients(): Promise<string[]> {
  return (await rig.tmux("list-clients", "-F", "#{client_session}")).split("\n");
}

async function socketName(): Promise<string> {
  const path = await rig.tmux("display-message", "-p", "#{socket_path}");
  return path.trim().split("/").at(-1) ?? "";
}
