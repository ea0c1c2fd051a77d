import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";
import { httpReceiver } from "../../support/http-receiver.ts";

const SECRETS = ["hook-path-s3cret-91", "a-token-of-twenty-24", "hook-bearer-s3cret-73"] as const;
const [PATH_SECRET, TOKEN, BEARER] = SECRETS;

test("every halt is told, whatever its cause, and no secret stands anywhere afterwards", async () => {
  const receiver = await httpReceiver();
  await using rig = await daemonRig({
    sessions: ["api"],
    config: {
      notify: { webhook: [{ urlEnv: "CF_TEST_HOOK", tokenEnv: "CF_TEST_BEARER" }] },
      api: { listen: "127.0.0.1:0", tokenEnv: "CF_TEST_TOKEN" },
    },
  });
  const env = {
    CF_TEST_HOOK: `${receiver.url}/${PATH_SECRET}`,
    CF_TEST_TOKEN: TOKEN,
    CF_TEST_BEARER: BEARER,
  };
  const told = async (event: string): Promise<void> => {
    await until(`word of ${event}`, () =>
      receiver.received.some(({ body }) => (body as { event: string }).event === event),
    );
  };
  const first = await rig.startDaemon({ env });
  await told("started");
  await told("heartbeat");
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("work");
  await told("failover");
  first.kill("SIGKILL");
  await first.closed;
  const second = await rig.startDaemon({ env });
  await told("crashed");
  await api.becomes("idle");
  const traces = [
    commandLines(),
    readFileSync(`/proc/${await api.pid()}/environ`, "latin1"),
    await rig.tmux("show-environment", "-g"),
    JSON.stringify([await rig.status(), await rig.history(), await rig.events()]),
    ...(await printed(rig)),
  ];
  second.kill("SIGTERM");
  const [one, two] = [await first.closed, await second.closed];
  await told("stopped");
  rig.configure({ policy: { mode: "never" } });
  const refused = await rig.call(["run"], { env });
  expect(refused.status).toBe(2);
  await told("notStarted");
  for (const { stdout, stderr } of [one, two, refused]) traces.push(stdout, stderr);
  traces.push(...filesBelow(rig.places.stateDir), ...filesBelow(rig.places.runtimeDir));

  expect(traces.join("\n").length).toBeGreaterThan(100_000);
  for (const secret of SECRETS) expect(traces.filter((text) => text.includes(secret))).toEqual([]);
  expect(receiver.received.at(-1)).toMatchObject({
    path: `/${PATH_SECRET}`,
    headers: { authorization: `Bearer ${BEARER}` },
    body: { event: "notStarted", urgent: true, text: expect.stringContaining("policy.mode") },
  });
});

/** What commands print that an operator may pass on. */
async function printed(rig: DaemonRig): Promise<string[]> {
  const file = join(rig.box.home, "export.json");
  const calls = [["notify"], ["history", "1", "--export", file], ["why"], ["doctor"]];
  const ended = await Promise.all(calls.map(async (args) => rig.call(args)));
  return [readFileSync(file, "utf8"), ...ended.flatMap(({ stdout, stderr }) => [stdout, stderr])];
}

function commandLines(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1");
      } catch {
        return "";
      }
    })
    .join("\n");
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}
