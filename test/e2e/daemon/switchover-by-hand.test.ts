import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand, type FleetHand } from "../../support/daemon-session.ts";
import { snapshot } from "../../support/snapshot.ts";

let rig: DaemonRig;
let api: FleetHand;

beforeAll(async () => {
  rig = await daemonRig({ accounts: 3, sessions: ["api"] });
  await rig.startDaemon();
  api = fleetHand(rig, "api");
  await api.becomes("idle");
  await api.prompt("before");
  await api.promptsAre(["before"]);
  await api.becomes("idle");
  await until("identities", async () =>
    (await rig.status()).accounts.every(({ identity }) => identity !== null),
  );
});

afterAll(async () => rig[Symbol.asyncDispose]());

test("a dry run prints the exact steps and changes neither disk nor store", async () => {
  const before = await everything();
  const { status, stdout, stderr } = await rig.call(["switchover", "compte2", "--dry-run"]);
  expect([status, stderr]).toEqual([0, ""]);
  const lines = stdout.replaceAll(rig.box.home, "~").trimEnd().split("\n");
  expect(lines).toEqual([
    "A switchover from compte1 to compte2 would take these steps.",
    "  1. plan: Journal the switchover from compte1 to compte2.",
    "  2. prepare: Check the shared links and the identity of ~/.claude-compte2.",
    "  3. lock: Take the client's locks of ~/.claude-compte1 and ~/.claude-compte2.",
    expect.stringMatching(
      /^ {2}4\. flip: Point ~\/\.claude from ~\/\.claude-compte1 to ~\/\.claude-compte2\./,
    ),
    "  5. verify: Check link, shared links and identity; record compte2 as active.",
    "  6. continue: No session was cut off.",
  ]);
  const asJson = await rig.call(["switchover", "compte2", "--dry-run", "--json"]);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    schema: 1,
    done: true,
    steps: lines
      .slice(1)
      .map((line) => ({ step: /\d\. (\w+):/.exec(String(line))?.[1] ?? "flip" })),
  });
  expect(await everything()).toEqual(before);
});

const refusals = {
  "to the active account": {
    to: "compte1",
    status: 3,
    says: "compte1 is the active account already.",
    hint: "Name another account; claude-failover status lists them.",
  },
  "to an account that is not configured": {
    to: "nobody",
    status: 2,
    says: "There is no account nobody.",
    hint: "claude-failover status lists the accounts.",
  },
};

test.each(Object.entries(refusals))(
  "a switchover %s is refused and changes nothing",
  async (_name, { to, status, says, hint }) => {
    const before = await everything();
    for (const more of [[], ["--dry-run"]])
      expect(await rig.call(["switchover", to, ...more])).toMatchObject({
        status,
        stdout: "",
        stderr: `${says}\nTry: ${hint}\n`,
      });
    expect(await everything()).toMatchObject(before);
  },
);

test("a switchover is committed, the sessions keep running, and the next prompt is the new account's", async () => {
  const pid = await api.pid();
  const { status, stdout, stderr } = await rig.call(["switchover", "compte2"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toBe("Switchover 1 from compte1 to compte2 is committed.\n");
  expect(readlinkSync(rig.box.slot)).toBe(home(1));
  await api.prompt("after");
  await api.promptsAre(["before", "after"]);
  expect(rig.api.requests.map(({ account }) => account)).toEqual(["compte1", "compte2"]);
  expect([await api.pid(), await api.transcripts()]).toEqual([pid, 1]);
  const told = await rig.status();
  expect(told).toMatchObject({
    activeAccount: "compte2",
    lastSwitchover: { id: 1, cause: "switchover", outcome: "committed", trigger: null },
  });
  expect((await rig.call(["history"])).stdout).toMatch(
    /^ +1 {2}\S+ {2}switchover: compte1 -> compte2, committed in \d+ ms\n$/,
  );
});

test("without a name it goes to the best candidate", async () => {
  expect(await rig.call(["switchover"])).toMatchObject({
    status: 0,
    stdout: "Switchover 2 from compte2 to compte1 is committed.\n",
  });
});

const broken = {
  "whose shared link leads elsewhere": {
    harm: () => {
      rmSync(join(home(1), "projects"));
      symlinkSync(rig.box.projectDir, join(home(1), "projects"));
    },
    mend: () => {
      rmSync(join(home(1), "projects"));
      symlinkSync(join(rig.box.home, ".claude-projects-shared"), join(home(1), "projects"));
    },
    says: /projects: found a link to .*, expected a link to/,
  },
  "that holds no login": {
    harm: () => rmSync(join(home(1), ".credentials.json")),
    mend: () => undefined,
    says: /holds no login\.\nTry: Log in with/,
  },
};

test.each(Object.entries(broken))(
  "a switchover to a home %s is refused, and the old account stays",
  async (_, { harm, mend, says }) => {
    harm();
    const { status, stdout, stderr } = await rig.call(["switchover", "compte2"]);
    expect([stdout, status === 0]).toEqual(["", false]);
    expect(stderr).toMatch(says);
    expect(readlinkSync(rig.box.slot)).toBe(home(0));
    const told = await rig.status();
    expect(told).toMatchObject({ activeAccount: "compte1", held: null });
    expect(told.lastSwitchover).toMatchObject({ to: "compte2", outcome: "rolledBack" });
    await until("the limitation", async () => {
      const account = (await rig.status()).accounts.find(({ name }) => name === "compte2");
      return account?.limitations.some(({ code }) => ["linksBroken", "loggedOut"].includes(code));
    });
    mend();
  },
);

test("an account without login is not chosen at a limit", async () => {
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("at the limit");
  await api.promptsAre(["before", "after", "at the limit", "continue"]);
  expect((await rig.status()).activeAccount).toBe("compte3");
  expect(rig.api.requests.at(-1)?.account).toBe("compte3");
});

function home(index: number): string {
  return rig.box.accounts[index]?.home ?? "";
}

/** The disk, and what the store holds; the daemon's slow look may write to the store's own log. */
async function everything() {
  const { accounts, sessions, activeAccount, lastSwitchover } = await rig.status();
  const disk = Object.entries(await snapshot(rig.box.root)).filter(
    ([path]) => !/state\.db|node-compile-cache/.test(path),
  );
  const events = (await rig.events()).map(({ type }) => type);
  return { accounts, sessions, activeAccount, lastSwitchover, disk, events };
}
