import { expect, test, vi } from "vitest";
import { until } from "../../support/agent-session.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

const TOKEN = "a-token-of-twenty-24";
const LISTEN = { api: { listen: "127.0.0.1:0", tokenEnv: "CF_TEST_TOKEN" } };

test("a daemon with a port answers who has the token, nobody else, and tells no session of it", async () => {
  await using rig = await daemonRig({ sessions: ["api"], config: LISTEN });
  const daemon = await rig.startDaemon({ env: { CF_TEST_TOKEN: TOKEN } });
  await until("the port", () => daemon.stdout().includes("The API listens on"));
  const url = /The API listens on (http:\S+),/.exec(daemon.stdout())?.[1] ?? "";
  await fleetHand(rig, "api").becomes("idle");
  const get = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(url + path, { headers });
    return { status: response.status, text: await response.text() };
  };
  // Who an account is becomes known while we ask: what both ways say is compared once they say the same moment.
  await vi.waitFor(
    async () =>
      expect(JSON.parse((await get("/v1/status", TOKEN)).text)).toEqual(await rig.status()),
    { timeout: 10_000 },
  );
  expect((await get("/v1/status")).status).toBe(401);
  expect((await get("/healthz")).status).toBe(401);
  await until("a whole look", async () => (await get("/readyz", TOKEN)).status === 200);
  expect(JSON.parse((await get("/healthz", TOKEN)).text)).toMatchObject({
    healthy: true,
    ready: true,
    problems: [],
  });
  const metrics = (await get("/metrics", TOKEN)).text;
  expect(metrics).toMatch(/^claude_failover_sessions\{state="idle"\} 1$/m);
  expect(metrics).toMatch(/^claude_failover_account_active\{account="compte1"\} 1$/m);
  expect(metrics).toMatch(/^claude_failover_loop_lag_seconds \d/m);
  expect(await rig.tmux("show-environment", "-g")).not.toContain(TOKEN);
  const whole = JSON.stringify(await rig.events()) + daemon.stdout() + daemon.stderr();
  expect(whole).not.toContain(TOKEN);
});

test.each([
  ["none", {}],
  ["a short one", { CF_TEST_TOKEN: "short" }],
])("a port with a token that is %s starts nothing", async (_what, env) => {
  await using rig = await daemonRig({ sessions: ["api"], config: LISTEN });
  expect(await rig.call(["run"], { env })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^Error: api\.listen is set, but CF_TEST_TOKEN holds no token/),
  });
  expect(await rig.tmuxSessions()).toEqual([]);
});
