import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  flipDuringRefresh,
  killAtEveryGate,
  killAtRandomMoments,
  killRecoveryAtEveryGate,
} from "../support/crash-matrix.ts";
import { startSwitchoverProcess, type SwitchoverProcess } from "../support/switchover-process.ts";
import {
  makeScene,
  outcomeOf,
  problemsAfterRecovery,
  removeScene,
  slotAccount,
} from "../support/switchover-scene.ts";

const tree = resolve(import.meta.dirname, "../..");
/** Where a switchover dies whose recovery is then killed; all of them where CF_TEST_FULL is set. */
const BEFORE_RECOVERY = [
  { diedAt: "flip:effect", refusesAfterFlip: false },
  { diedAt: "flipBack:intent", refusesAfterFlip: true },
  { diedAt: "flip:effect", refusesAfterFlip: true },
  { diedAt: "prompt:after", refusesAfterFlip: false },
].slice(0, process.env["CF_TEST_FULL"] === undefined ? 2 : 4);
const RANDOM_KILLS = Number(process.env["CF_TEST_RANDOM_KILLS"] ?? "20");

function scene(): string {
  const folder = makeScene();
  onTestFinished(() => removeScene(folder));
  return folder;
}

function result(program: SwitchoverProcess): unknown {
  const found = program.reports.find(({ kind }) => kind === "result");
  return found?.kind === "result" ? [found.result, found.code] : null;
}

describe("a switchover that is killed", () => {
  it("at every step boundary ends as the old state or the new one", async () => {
    const { gates, problems } = await killAtEveryGate({ tree });
    expect(problems).toEqual([]);
    const wanted = ["flip:intent", "rename:before", "rename:after", "verify:done", "prompt:after"];
    expect(gates).toEqual(expect.arrayContaining(wanted));
  });

  it("of a slot of its own ends there as the old state or the new one, and moves no other", async () => {
    const only = [
      "lock:effect",
      "rename:before",
      "rename:after",
      "verify:effect",
      "verify:done",
      "prompt:after",
    ];
    const { gates, problems } = await killAtEveryGate({ tree, own: true, only });
    expect(problems).toEqual([]);
    expect(gates).toEqual(expect.arrayContaining(only));
  });

  it("while it is being undone ends as the old state", async () => {
    const { gates, problems } = await killAtEveryGate({ tree, refusesAfterFlip: true });
    expect(problems).toEqual([]);
    expect(gates).toEqual(expect.arrayContaining(["flipBack:intent", "flipBack:effect"]));
  });

  it.each(BEFORE_RECOVERY)(
    "and whose recovery is killed at every step boundary: %o",
    async (how) => {
      const { gates, problems } = await killRecoveryAtEveryGate({ tree, ...how });
      expect(problems).toEqual([]);
      expect(gates.length).toBeGreaterThan(5);
    },
  );

  it(
    `at ${RANDOM_KILLS} random moments ends as the old state or the new one`,
    { timeout: 60_000 + RANDOM_KILLS * 1_000 },
    async () => {
      expect(await killAtRandomMoments({ tree, times: RANDOM_KILLS, within: 120 })).toEqual([]);
    },
  );
});

describe("a switchover beside others", () => {
  it("waits for a login that is being refreshed", async () => {
    expect(await flipDuringRefresh(tree)).toEqual([]);
  });

  it("is done by one of two processes that begin at the same time", async () => {
    const folder = scene();
    const both = [0, 1].map(() =>
      startSwitchoverProcess(tree, { folder, mode: "switch", waits: true }),
    );
    await Promise.all(both.map(async (each) => each.until(({ kind }) => kind === "ready")));
    for (const each of both) each.go();
    await Promise.all(both.map(async (each) => each.ended()));
    const results = both.map(result).toSorted();
    expect(results[0]).toEqual(["committed", null]);
    expect(results[1]).toEqual(["refused", expect.stringMatching(/OPEN|OUTDATED|SAME_ACCOUNT/)]);
    expect(problemsAfterRecovery(folder)).toEqual([]);
    expect(slotAccount(folder)).toBe("two");
  });

  it.skipIf(process.platform !== "linux")(
    "does not flip when it was stopped and its locks were taken over meanwhile",
    async () => {
      const folder = scene();
      const lock = join(folder, "one", ".oauth_refresh.lock");
      const program = startSwitchoverProcess(tree, {
        folder,
        mode: "switch",
        stopsAtLabel: "flip:intent",
      });
      const { pid } = program.child;
      await expect
        .poll(() => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2], { timeout: 10_000 })
        .toBe("T");
      rmdirSync(lock);
      mkdirSync(lock);
      program.child.kill("SIGCONT");
      await program.ended();
      expect(result(program)).toEqual(["refused", "CF_SWITCHOVER_LOCK_LOST"]);
      expect(slotAccount(folder)).toBe("one");
      expect(outcomeOf(folder)).toBe("rolledBack");
      expect(problemsAfterRecovery(folder)).toEqual([]);
    },
  );
});
