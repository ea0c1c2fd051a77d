import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SimulationJson } from "../../../src/cli/simulate-json.ts";
import { formatTrace, parseTrace } from "../../../src/simulate/trace.ts";
import { openStore } from "../../../src/store/store.ts";
import { startCall } from "../../support/daemon-process.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";
import { simulatedAccounts, turnAt } from "../../support/simulated.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Place {
  readonly home: string;
  readonly simulate: (...args: string[]) => ReturnType<typeof startCall>;
}

function makePlace(): Place {
  const home = tempDir();
  return {
    home,
    simulate: (...args) =>
      startCall({ args: ["simulate", ...args], env: { HOME: home }, cwd: home }),
  };
}

/** Two accounts, of which the first one cannot do all of it; later the fleet returns to it. */
const TRACE = [
  ...formatTrace({
    accounts: simulatedAccounts(["one", "two"]),
    turns: [turnAt(0), turnAt(1), turnAt(2), turnAt(30)],
  }),
].join("");

describe("claude-failover simulate", () => {
  test("replays a recorded trace with our own policy and another, the same each time", async () => {
    const { home, simulate } = makePlace();
    writeFileSync(join(home, "usage.jsonl"), TRACE);
    const args = ["--trace", "usage.jsonl", "--policy", "priority,wait", "--json"];
    const { status, stdout } = await simulate(...args).ended();
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as SimulationJson;
    expect(result).toMatchObject({
      trace: "usage.jsonl",
      seed: null,
      accounts: 2,
      sessions: 1,
      outcomes: [
        { policy: "priority", turns: 4, unfinished: 0, switches: 2, cutOff: 1 },
        { policy: "wait", turns: 4, unfinished: 0, switches: 0, cutOff: 1 },
      ],
    });
    expect(result.outcomes[0]?.blockedMinutes).toBeLessThan(1);
    expect(result.outcomes[1]?.blockedMinutes).toBeGreaterThan(100);
    expect((await simulate(...args).ended()).stdout).toBe(stdout);
  });

  test("takes the policy of a configuration file, and tells people in a table", async () => {
    const { home, simulate } = makePlace();
    const text = "accounts: [{ name: a, home: ~/a }]\npolicy: { candidate: mostHeadroom }\n";
    writeFileSync(join(home, "own.yaml"), text);
    const { status, stdout } = await simulate("--policy", "own.yaml", "--weeks", "2").ended();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^generated usage, seed 1: 3 account\(s\), 6 session\(s\), 2.*week/);
    expect(stdout).toMatch(/^own\.yaml +\d/m);
  });

  test("names the wrong lines of a trace, and a file that is not there", async () => {
    const { home, simulate } = makePlace();
    writeFileSync(join(home, "bad.jsonl"), `${TRACE}{"at":"yesterday"}\n`);
    const bad = await simulate("--trace", "bad.jsonl").ended();
    expect(bad).toMatchObject({ status: 2, stdout: "" });
    expect(bad.stderr).toContain("bad.jsonl is no trace: line 6: fiveHour is no number");
    const gone = await simulate("--trace", "gone.jsonl").ended();
    expect(gone).toMatchObject({ status: 2, stdout: "" });
    expect(gone.stderr).toContain("gone.jsonl is not there.");
  });

  test.each([
    [["--policy", "mostHeadrom"], "There is no policy mostHeadrom. Did you mean mostHeadroom?"],
    [["--policy", "priority@0/95"], "There is no policy priority@0/95."],
    [["--weeks", "0"], "--weeks takes a whole number from 1 on."],
    [["--seed", "x"], "--seed takes a whole number from 0 on."],
    [["--trace", "x", "--weeks", "3"], "--weeks does not go with --trace."],
  ])("%j is refused", async (args, message) => {
    const { status, stderr } = await makePlace()
      .simulate(...args)
      .ended();
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("exports one's own recorded usage, replaces nothing, and replays it", async () => {
    const { home, simulate } = makePlace();
    const none = await simulate("--export", "own.jsonl").ended();
    expect(none).toMatchObject({ status: 3, stdout: "" });
    const dir = join(home, ".local/state/claude-failover");
    mkdirSync(dir, { recursive: true });
    const store = openStore(join(dir, "state.db"), manualClock(NOW));
    store.accounts.setQuarantine("one", null);
    for (const [minutes, usedPercent] of [0, 20, 55, 90].entries())
      store.usage.add({
        account: "one",
        window: "fiveHour",
        at: NOW + minutes * MINUTE,
        usedPercent,
        resetsAt: NOW + 5 * HOUR,
      });
    store.close();
    expect(await simulate("--export", "own.jsonl").ended()).toMatchObject({ status: 0 });
    const written = readFileSync(join(home, "own.jsonl"), "utf8");
    expect(parseTrace(written.split("\n"), "x").turns).toHaveLength(3);
    expect(await simulate("--export", "-").ended()).toMatchObject({ status: 0, stdout: written });
    const again = await simulate("--export", "own.jsonl").ended();
    expect(again).toMatchObject({ status: 1, stdout: "" });
    expect(again.stderr).toContain("own.jsonl is there already.");
    const replay = ["--trace", "own.jsonl", "--policy", "priority", "--json"];
    const { stdout } = await simulate(...replay).ended();
    expect(JSON.parse(stdout)).toMatchObject({
      accounts: 1,
      outcomes: [{ turns: 3, unfinished: 0 }],
    });
  });

  test("ends at the first Ctrl-C, and has printed nothing by then", async () => {
    const call = makePlace().simulate("--weeks", "100000", "--policy", "priority");
    await expect.poll(() => call.stderr(), { timeout: 15_000 }).toContain("priority:");
    call.kill("SIGINT");
    const { status, signal, stdout, stderr } = await call.ended();
    expect({ status, signal, stdout }).toEqual({ status: 1, signal: null, stdout: "" });
    expect(stderr).toContain("It was stopped before it was done.");
  });
});
