import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Readings } from "../../../src/daemon/readings.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { answerRow, fleetRig, promptRow, refusalRow, SESSION_ID } from "../../support/fleet-rig.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";
import { tempDir } from "../../support/temp-dir.ts";

const RESET = NOW + 2 * HOUR;

/** A session whose status line shows so many percent of the five-hour window, `at` ms after NOW. */
function readingRig() {
  const rig = fleetRig();
  let decisions = 0;
  const unread: (() => void)[] = [];
  const readings = new Readings({
    ...rig,
    readRows: () => unread.splice(0).forEach((read) => read()),
    onNews: () => {
      decisions += 1;
    },
  });
  const shows = (at: number, percent: number, more: object = {}): void =>
    readings.take(
      "ccl-1",
      {
        session_id: SESSION_ID,
        model: { id: "claude-opus-5-5" },
        rate_limits: { five_hour: { used_percentage: percent, resets_at: RESET / 1000 } },
        ...more,
      },
      NOW + at,
    );
  const usedOf = (account: string) =>
    rig.store.accounts.get(account)?.windows.map(({ usedPercent }) => usedPercent) ?? [];
  const turn = (at: number, promptId: string): void =>
    rig.intake.rows("ccl-1", [promptRow(at, promptId), answerRow(at + 100)]);
  return { ...rig, shows, usedOf, turn, unread, decisions: () => decisions };
}

describe("what a status line shows", () => {
  it("is kept for the account that answered, with its history, and asks for a decision", () => {
    const rig = readingRig();
    rig.turn(0, "p-1");
    rig.shows(400, 40);
    rig.shows(800, 41);
    expect(rig.usedOf("one")).toEqual([41]);
    const samples = rig.store.usage.recent("one", NOW).map((each) => each.usedPercent);
    expect([samples, rig.decisions()]).toEqual([[40, 41], 2]);
    expect(rig.store.sessions.get("ccl-1")?.model).toBe("claude-opus-5-5");
  });

  it("counts when the answer's row is read only now", () => {
    const rig = readingRig();
    rig.unread.push(() => rig.turn(0, "p-1"));
    rig.shows(400, 40);
    expect(rig.usedOf("one")).toEqual([40]);
  });

  it("is nobody's before the session was answered, and in another conversation", () => {
    const rig = readingRig();
    rig.shows(0, 40);
    rig.turn(0, "p-1");
    rig.shows(400, 41, { session_id: "another" });
    rig.fleet.change("ccl-1", {
      live: { state: "idle", sessionId: "another", transcriptPath: null, lastPrompt: null },
    });
    rig.shows(500, 42, { session_id: "another" });
    expect(rig.usedOf("one")).toEqual([]);
  });

  it("is not the new account's after a flip, until that one answered with other numbers", () => {
    const rig = readingRig();
    rig.turn(0, "p-1");
    rig.shows(400, 99);
    rig.store.periods.begin("two", NOW + 1_000);
    rig.shows(1_500, 99);
    // Not of the conversation, so that no row tells of it.
    rig.shows(1_600, 5);
    rig.turn(2_000, "p-2");
    // A sub-agent of before the flip was answered last.
    rig.shows(2_200, 99);
    expect([rig.usedOf("one"), rig.usedOf("two")]).toEqual([[99], []]);
    rig.shows(2_500, 3);
    expect([rig.usedOf("one"), rig.usedOf("two")]).toEqual([[99], [3]]);
  });

  it.each(["overload", "serverBusy", "auth"] as const)(
    "is not the new account's because that one refused for another reason (%s)",
    (reason) => {
      const rig = readingRig();
      rig.turn(0, "p-1");
      rig.intake.rows("ccl-1", [promptRow(500, "p-2"), refusalRow(600)]);
      rig.store.periods.begin("two", NOW + 1_000);
      rig.intake.rows("ccl-1", [promptRow(1_100, "p-3"), refusalRow(1_200, { class: reason })]);
      rig.shows(1_500, 100);
      expect(rig.usedOf("two")).toEqual([]);
    },
  );

  it("neither exhausts an account at 100 % nor frees an exhausted one at 3 %", () => {
    const rig = readingRig();
    rig.turn(0, "p-1");
    rig.shows(400, 100);
    expect(rig.exhaustedUntil("one")).toBeNull();
    rig.intake.rows("ccl-1", [promptRow(1_000, "p-2"), refusalRow(1_100)]);
    rig.shows(1_400, 3);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
    expect(rig.cutOffs).toHaveLength(1);
  });

  it.each([
    ["not of the server's own instant", "row:quotaLimits", RESET + HOUR],
    ["in place of what a text told", "row:rate_limit+text", RESET],
  ])("tells the reset of its window, %s", (_title, pattern, until) => {
    const rig = readingRig();
    rig.turn(0, "p-1");
    rig.shows(400, 99);
    const refusal = refusalRow(1_100, { pattern, resetsAt: RESET + HOUR });
    rig.intake.rows("ccl-1", [promptRow(1_000, "p-2"), refusal]);
    expect(rig.exhaustedUntil("one")).toBe(until);
  });

  it("tells the reset of a spent window that its refusal did not tell", () => {
    const rig = readingRig();
    rig.intake.rows("ccl-1", [promptRow(1_000, "p-1"), refusalRow(1_100, { resetsAt: null })]);
    expect(rig.exhaustedUntil("one")).toBe(NOW + 1_100 + 5 * HOUR);
    rig.shows(1_400, 100);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });
});

describe("the reading of a window", () => {
  const told = { account: "one", window: "fiveHour" } as const;
  const exhausted = { usedPercent: null, resetsAt: 900_000, exhaustedUntil: 900_000 };

  it("counts when it is later, and says something else or the same a minute later", () => {
    const { accounts } = readingStore();
    const read = (usedPercent: number, readAt: number): boolean =>
      accounts.putReading({ ...told, usedPercent, resetsAt: 9, readAt });
    expect([read(40, 1_000), read(40, 2_000), read(41, 2_000)]).toEqual([true, false, true]);
    expect([read(40, 1_500), read(41, 61_000), read(41, 63_000)]).toEqual([false, false, true]);
    expect(accounts.get("one")?.windows).toMatchObject([{ usedPercent: 41, readAt: 63_000 }]);
  });

  it("never frees an exhausted account, nor moves the reset that its refusal told", () => {
    const { accounts } = readingStore();
    accounts.putWindow({ ...told, ...exhausted, observedAt: 10 });
    accounts.putReading({ ...told, usedPercent: 3, resetsAt: 500, readAt: 20 });
    const [after] = accounts.get("one")?.windows ?? [];
    expect(after).toMatchObject({ ...exhausted, usedPercent: 3, observedAt: 10, readAt: 20 });
    accounts.putReading({ ...told, usedPercent: 3, resetsAt: 2_000_000, readAt: 950_000 });
    expect(accounts.get("one")?.windows).toMatchObject([{ resetsAt: 2_000_000 }]);
  });

  it("gives the reset that no refusal told", () => {
    const { accounts } = readingStore();
    accounts.putWindow({ ...told, ...exhausted, resetsAt: null, observedAt: 10 });
    accounts.putReading({ ...told, usedPercent: 100, resetsAt: 500, readAt: 20 });
    expect(accounts.get("one")?.windows).toMatchObject([
      { resetsAt: 500, exhaustedUntil: 900_000 },
    ]);
  });
});

function readingStore(): Store {
  const store = openStore(join(tempDir(), "state.db"), manualClock(NOW));
  onTestFinished(() => store.close());
  return store;
}
