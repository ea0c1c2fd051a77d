import { readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HistoryJson, StatusJson } from "../../../src/api/contract.ts";
import type { WhyJson } from "../../../src/api/why-contract.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";
import { expectSameKeys } from "../../support/json-keys.ts";
import { snapshot } from "../../support/snapshot.ts";
import { HISTORY, STATUS, WHY } from "../../unit/docs/json-examples.ts";

let rig: DaemonRig;

describe("before any daemon ran", () => {
  beforeAll(async () => {
    rig = await daemonRig();
  });

  afterAll(async () => rig[Symbol.asyncDispose]());

  test.each(["switchover", "pause", "resume", "recover", "events"])(
    "%s says that no daemon listens, and how to start one",
    async (verb) => {
      expect(await rig.call([verb])).toMatchObject({
        status: 1,
        stdout: "",
        stderr: `Error: No daemon listens on ${rig.places.socket}.\nTry: Start it with claude-failover run.\n`,
      });
    },
  );

  test("status tells what the disk shows, where there is not even a slot", async () => {
    const { status, stdout } = await rig.call(["status"]);
    expect([status, stdout.split("\n")[0]]).toEqual([
      0,
      "no daemon runs; this is what the disk shows, active account: none",
    ]);
    const told = await statusJson();
    expectSameKeys(told, STATUS);
    expect(told).toMatchObject({ activeAccount: null, sessions: [], lastSwitchover: null });
    expect(told.accounts.map(({ name, state }) => [name, state])).toEqual([
      ["compte1", "standby"],
      ["compte2", "standby"],
    ]);
  });

  test("history has nothing to tell", async () => {
    expect(await rig.call(["history"])).toMatchObject({
      status: 3,
      stdout: "No switchover is recorded.\n",
      stderr: "",
    });
    expect(JSON.parse((await rig.call(["history", "--json"])).stdout)).toEqual({
      schema: 1,
      entries: [],
    });
  });

  test("nothing of that leaves a trace", async () => {
    const before = await snapshot(rig.box.root);
    await rig.call(["status", "--json"]);
    await rig.call(["history"]);
    expect(await snapshot(rig.box.root)).toEqual(before);
  });
});

describe("after a daemon was killed", () => {
  beforeAll(async () => {
    rig = await daemonRig({ sessions: ["api"] });
    const daemon = await rig.startDaemon();
    const api = fleetHand(rig, "api");
    await api.becomes("idle");
    rig.api.setBehaviour("compte1", hour());
    await api.prompt("some work");
    await api.promptsAre(["some work", "continue"]);
    await api.becomes("idle");
    daemon.kill("SIGKILL");
    await daemon.closed;
  });

  afterAll(async () => rig[Symbol.asyncDispose]());

  test("status tells the rest as it was left, with every key of the contract", async () => {
    const told = await statusJson();
    expectSameKeys(told, STATUS);
    expect(told.daemon).toMatchObject({ running: false, pid: null, startedAt: null });
    expect(told.activeAccount).toBe("compte2");
    expect(told.accounts[0]?.state).toBe("exhausted");
    expect(told.sessions).toMatchObject([{ name: "api", account: "compte2" }]);
    expect(told.lastSwitchover).toMatchObject({ id: 1, outcome: "committed" });
    const { status, stdout } = await rig.call(["status"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^no daemon runs; .*active account: compte2\n/);
    expect(stdout).toMatch(/^last: failover 1 from compte1 to compte2, committed/m);
  });

  test("history tells each switchover, one of them whole, and nothing of one that never was", async () => {
    const all = JSON.parse((await rig.call(["history", "--json"])).stdout) as HistoryJson;
    expectSameKeys(all, HISTORY);
    expect(all.entries).toMatchObject([{ id: 1, cause: "failover" }]);
    const one = await rig.call(["history", "1"]);
    expect(one.stdout).toMatch(/trigger: session api, usageLimit/);
    expect(one.stdout).toMatch(/session api: continued after \d+ ms, proof /);
    const whole = JSON.parse((await rig.call(["history", "1", "--json"])).stdout) as unknown;
    expect(whole).toMatchObject(all);
    expect(whole).toMatchObject({
      forensics: {
        id: 1,
        link: { before: rig.box.accounts[0]?.home, after: rig.box.accounts[1]?.home },
        evidence: [{ session: "api", class: "usageLimit", account: "compte1" }, {}],
        proofs: [{ session: "api", outcome: "continued" }],
      },
    });
    expect(await rig.call(["history", "99"])).toMatchObject({ status: 3, stderr: "" });
  });

  test("why explains decisions, sessions and accounts with what they stood on", async () => {
    const about = async (...words: string[]) => (await rig.call(["why", ...words])).stdout;
    expect(await about()).toMatch(
      /decision \d+: failover from compte1 to compte2, because compte1 reached its limit in session api; .* \(limitReached\)\.\n {2}It stood on the (?:hook|row) of session api/,
    );
    expect(await about("api")).toMatch(
      /Switchover 1 .* took it from compte1 to compte2: continued/,
    );
    expect(await about("compte1")).toMatch(/^compte1 may not take over: it is exhausted until/);
    expect(await about("compte2")).toMatch(/^compte2 is the active account since/);
    const told = JSON.parse(await about("--json")) as WhyJson;
    expectSameKeys(told, WHY);
    const failover = told.decisions.find(({ kind }) => kind === "failover");
    expect(JSON.parse(await about(String(failover?.id), "--json"))).toMatchObject({
      subject: { kind: "decision" },
      decisions: [failover],
    });
    expect(await rig.call(["why", "nobody"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^Error: nobody is no decision, session or account/),
    });
  });

  test("history exports one switchover without homes or addresses, and over no file", async () => {
    const file = join(rig.box.root, "bug.json");
    expect(await rig.call(["history", "1", "--export", file])).toMatchObject({ status: 0 });
    const text = readFileSync(file, "utf8");
    expect(JSON.parse(text)).toMatchObject({ forensics: { id: 1, link: { slot: "~/.claude" } } });
    expect(text).not.toContain(rig.box.home);
    expect(text).not.toMatch(/[\w.]{2,}@/);
    expect(text).not.toContain("some work");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await rig.call(["history", "1", "--export", file])).toMatchObject({
      status: 1,
      stderr: `Error: ${file} is there already and is left alone.\nTry: Name a file that is not there yet.\n`,
    });
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("the active account is the one the link leads to, whatever the store says", async () => {
    symlinkSync(rig.box.accounts[0]?.home ?? "", `${rig.box.slot}.moved`);
    renameSync(`${rig.box.slot}.moved`, rig.box.slot);
    expect((await statusJson()).activeAccount).toBe("compte1");
  });

  test("the socket that it left is no daemon", async () => {
    expect(await rig.call(["pause"])).toMatchObject({
      status: 1,
      stderr: `Error: No daemon listens on ${rig.places.socket}.\nTry: Start it with claude-failover run.\n`,
    });
  });

  test("reading changes nothing", async () => {
    // Readers keep their marks in SQLite's shared memory, which is no data.
    const look = async () =>
      Object.entries(await snapshot(rig.box.root)).filter(([path]) => !path.endsWith(".db-shm"));
    const before = await look();
    await rig.call(["status", "--json"]);
    await rig.call(["history"]);
    expect(await look()).toEqual(before);
  });
});

async function statusJson(): Promise<StatusJson> {
  const { status, stdout, stderr } = await rig.call(["status", "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as StatusJson;
}
