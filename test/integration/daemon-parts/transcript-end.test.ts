import { describe, expect, it } from "vitest";
import { answerRow, fleetRig, promptRow, prompted, refusalRow } from "../../support/fleet-rig.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";

const RESET = NOW + 2 * HOUR;

describe("the end of a long transcript", () => {
  const past = (days: number): number => -days * 24 * HOUR;

  it("with old refusals that were answered since tells nothing", () => {
    const rig = fleetRig();
    const weekly = { window: "weekly", resetsAt: NOW + 50 * HOUR } as const;
    rig.intake.rows("ccl-1", [
      promptRow(past(3), "p-1"),
      refusalRow(past(3) + 900),
      promptRow(past(2), "p-2"),
      answerRow(past(2) + 900),
      promptRow(past(1), "p-3"),
      refusalRow(past(1) + 900, weekly),
      promptRow(past(1) + 60_000, "p-4"),
      answerRow(past(1) + 70_000),
    ]);
    expect(rig.cutOffs).toEqual([]);
    expect(rig.fleet.get("ccl-1")?.cutOff).toBeNull();
    expect(rig.exhaustedUntil("one") ?? 0).toBeLessThanOrEqual(NOW);
  });

  it("that ends in a refusal tells that one alone", () => {
    const rig = fleetRig();
    rig.intake.rows("ccl-1", [
      promptRow(past(2), "p-1"),
      refusalRow(past(2) + 900),
      promptRow(past(1), "p-2"),
      answerRow(past(1) + 900),
      promptRow(-5_000, "p-3"),
      refusalRow(-4_000),
    ]);
    expect(rig.cutOffs).toMatchObject([{ evidence: { promptId: "p-3", account: "one" } }]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });

  it("keeps what another session was told about the account after that answer", () => {
    const rig = fleetRig();
    rig.join("ccl-2", {
      live: { state: "working", sessionId: "id-2", transcriptPath: null, lastPrompt: null },
    });
    rig.intake.rows("ccl-2", [
      promptRow(-9_000, "q-1", { sessionId: "id-2" }),
      refusalRow(-8_000, {}, "id-2"),
    ]);
    rig.intake.rows("ccl-1", [
      promptRow(-60_000, "p-1"),
      refusalRow(-59_000),
      promptRow(-50_000, "p-2"),
      answerRow(-7_000),
    ]);
    // Its request was made before the other one was refused.
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });

  it("frees the account from the answer on, so that others who wait for it may go on", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(900)]);
    rig.intake.rows("ccl-1", [promptRow(60_000, "p-2"), answerRow(61_000)]);
    expect(rig.exhaustedUntil("one")).toBe(NOW + 61_000);
  });

  it("frees the account by a turn from after the limit, not by what was left of an earlier one", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(900), answerRow(1_000)]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
    rig.intake.rows("ccl-1", [promptRow(60_000, "p-2"), answerRow(61_000)]);
    expect(rig.exhaustedUntil("one")).toBe(NOW + 61_000);
  });

  it("leaves to the next session what it met after the first one went on", () => {
    const rig = fleetRig();
    rig.join("ccl-2", {
      live: { state: "working", sessionId: "id-2", transcriptPath: null, lastPrompt: null },
    });
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(900)]);
    rig.intake.rows("ccl-1", [promptRow(60_000, "p-2"), answerRow(61_000)]);
    rig.intake.rows("ccl-2", [
      promptRow(62_000, "q-1", { sessionId: "id-2" }),
      refusalRow(63_000, {}, "id-2"),
    ]);
    rig.intake.rows("ccl-1", [promptRow(64_000, "p-3"), answerRow(65_000)]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });

  it("does not free an account for an answer that another one gave", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(900)]);
    // The prompt was given before the flip; what it asked for went out after it.
    rig.intake.rows("ccl-1", [promptRow(990, "p-2")]);
    rig.store.periods.begin("two", NOW + 1_000);
    rig.intake.rows("ccl-1", [answerRow(1_900), promptRow(5_000, "p-3"), answerRow(6_000)]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
    expect(rig.exhaustedUntil("two")).toBeNull();
    rig.intake.rows("ccl-1", [promptRow(6_500, "p-4")]);
    rig.store.periods.begin("one", NOW + 7_000);
    rig.intake.rows("ccl-1", [answerRow(7_900)]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });
});
