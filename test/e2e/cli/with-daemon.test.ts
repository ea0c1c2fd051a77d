import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventJson } from "../../../src/api/contract.ts";
import { systemClock } from "../../../src/clock.ts";
import { openStore } from "../../../src/store/store.ts";
import { setHeld } from "../../../src/switchover/held.ts";
import type { Running } from "../../support/daemon-process.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";
import { expectSameKeys } from "../../support/json-keys.ts";
import { HISTORY, PLANNED, REFUSED, STATUS } from "../../unit/docs/json-examples.ts";

let rig: DaemonRig;
let daemon: Running;

beforeAll(async () => {
  rig = await daemonRig({ sessions: ["api"] });
  daemon = await rig.startDaemon();
  await fleetHand(rig, "api").becomes("idle");
});

afterAll(async () => rig[Symbol.asyncDispose]());

test("status tells the daemon, accounts and sessions, with every key of the contract", async () => {
  const { status, stdout, stderr } = await rig.call(["status"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    new RegExp(`^daemon runs \\(pid ${daemon.pid}\\), active account: compte1\\n`),
  );
  expect(stdout).toMatch(/^compte1 +active /m);
  expect(stdout).toMatch(/^api +dedicated +idle .* compte1 +[0-9a-f-]{36}$/m);
  expect(stdout).not.toContain("\u001b");
  expectSameKeys(await json(["status", "--json"]), STATUS);
});

test("a switchover tells its plan, its outcome and its refusal with every key of the contract", async () => {
  expectSameKeys(await json(["switchover", "compte2", "--dry-run", "--json"]), PLANNED);
  const done = await json(["switchover", "compte2", "--json"]);
  expectSameKeys(done, { schema: 1, done: true, text: "", entry: HISTORY.entries[0] });
  expectSameKeys(await json(["switchover", "nobody", "--json"], 2), REFUSED);
  expectSameKeys(await json(["resume", "--json"], 3), REFUSED);
  expectSameKeys(await json(["history", "--json"]), HISTORY);
});

test("every event has its number, time, kind and data, in order", async () => {
  const { stdout } = await rig.call(["events", "--json"]);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as EventJson);
  expectSameKeys(events, [{ seq: 1, at: "", type: "", data: null }]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  for (const { at } of events) expect(new Date(at).toISOString()).toBe(at);
});

test("what is held is told with status 5 by everything that asks, until it is recovered", async () => {
  const store = openStore(rig.places.database, systemClock);
  setHeld(store, {
    code: "CF_SWITCHOVER_HELD",
    message: "Switchover 7 could not be undone: the disk is gone.",
    hint: "Mend what is named, then run claude-failover recover.",
    since: Date.now(),
    switchoverId: null,
  });
  store.close();
  const told = await rig.call(["status"]);
  expect(told.status).toBe(5);
  expect(told.stdout).toMatch(
    /^HELD since \S+: Switchover 7 could not be undone: the disk is gone\.\nTry: Mend what/m,
  );
  expect(await rig.call(["switchover", "compte1"])).toMatchObject({
    status: 5,
    stderr: expect.stringMatching(/^Switchover 7 could not be undone.*\nTry: Mend/),
  });
  const mended = "clear the held state. The link leads to a configured account: mended.\n";
  expect(await rig.call(["recover", "--dry-run"])).toMatchObject({
    status: 0,
    stdout: `Would do: ${mended}`,
  });
  expect((await rig.call(["status"])).status).toBe(5);
  expect(await rig.call(["recover"])).toMatchObject({ status: 0, stdout: `Did: ${mended}` });
  expect((await rig.call(["status"])).status).toBe(0);
  expect((await rig.call(["recover"])).status).toBe(3);
});

async function json(args: readonly string[], expected = 0): Promise<unknown> {
  const { status, stdout, stderr } = await rig.call(args);
  expect([status, stderr]).toEqual([expected, ""]);
  return JSON.parse(stdout);
}
