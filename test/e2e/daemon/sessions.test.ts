import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import type { Running } from "../../support/daemon-process.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

let rig: DaemonRig;
let daemon: Running;

beforeAll(async () => {
  rig = await daemonRig({ accounts: 3 });
  configure({ dedicated: ["api"], pool: 1 });
  daemon = await rig.startDaemon();
});

afterAll(async () => rig[Symbol.asyncDispose]());

test("dedicated and pool sessions are made, each with a conversation of its own", async () => {
  for (const name of ["api", "w-4"]) await fleetHand(rig, name).becomes("idle");
  const { sessions } = await rig.status();
  expect(sessions.map(({ name, kind }) => [name, kind])).toEqual([
    ["api", "dedicated"],
    ["w-4", "pool"],
  ]);
  expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(2);
});

test("a conversation that the operator begins anew with /clear is followed, moved and resumed", async () => {
  const api = fleetHand(rig, "api");
  await api.prompt("an old thought");
  await api.becomes("idle");
  const before = await sessionId("api");
  await api.write("/clear");
  await api.keys("Enter");
  await until("another conversation", async () => (await sessionId("api")) !== before);
  await api.becomes("idle");
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("a new thought");
  await api.promptsAre(["a new thought", "continue"]);
  expect(await api.transcripts()).toBe(1);
  const after = await sessionId("api");
  await api.becomes("idle");
  const pid = await api.pid();
  process.kill(pid, "SIGKILL");
  await until("another client", async () => (await api.pid()) !== pid);
  await api.becomes("idle");
  expect(await sessionId("api")).toBe(after);
});

test("the next start makes what was added, and leaves running and out of sight what was removed", async () => {
  configure({ dedicated: ["web"], pool: 2 });
  const pid = await fleetHand(rig, "api").pid();
  await restart();
  for (const name of ["web", "w-4", "w-5"]) await fleetHand(rig, name).becomes("idle");
  expect((await rig.tmuxSessions()).toSorted()).toEqual(["api", "w-4", "w-5", "web"]);
  expect(await fleetHand(rig, "api").pid()).toBe(pid);
  expect((await rig.status()).sessions.map(({ name }) => name).toSorted()).toEqual([
    "w-4",
    "w-5",
    "web",
  ]);
});

function configure({ dedicated, pool }: { dedicated: readonly string[]; pool: number }): void {
  const cwd = rig.box.projectDir;
  rig.configure({
    sessions: {
      dedicated: dedicated.map((name) => ({ name, cwd })),
      pool: { prefix: "w-", startIndex: 4, min: pool, max: pool, cwd },
    },
  });
}

async function restart(): Promise<void> {
  daemon.kill("SIGTERM");
  await daemon.ended();
  daemon = await rig.startDaemon();
}

async function sessionId(name: string): Promise<string | null | undefined> {
  return (await rig.status()).sessions.find((session) => session.name === name)?.sessionId;
}
