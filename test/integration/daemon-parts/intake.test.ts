import { describe, expect, it } from "vitest";
import {
  answerRow,
  fleetRig,
  promptRow,
  prompted,
  refusalRow,
  refused,
  started,
  toolResultRow,
  turnEnded,
} from "../../support/fleet-rig.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";

const RESET = NOW + 2 * HOUR;
const flipToTwo = (at: number) => (rig: ReturnType<typeof fleetRig>) =>
  rig.store.periods.begin("two", NOW + at);

describe("a refusal that hook and row tell", () => {
  it("is told once, and the row's reset replaces what the hook had to guess", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 2_000, refused("p-1"));
    expect(rig.exhaustedUntil("one")).toBe(NOW + 2_000 + 5 * HOUR);
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_990)]);
    expect(rig.cutOffs).toMatchObject([
      { session: "ccl-1", evidence: { channel: "hook", account: "one", promptId: "p-1" } },
    ]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
    expect(rig.fleet.get("ccl-1")).toMatchObject({
      cutOff: { channel: "row", refusal: { resetsAt: RESET } },
      live: { state: "limited" },
    });
  });

  it("is told once when the row comes first, and the hook's guess counts for nothing", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_990)]);
    rig.hook("ccl-1", 2_000, refused("p-1"));
    expect(rig.cutOffs).toMatchObject([{ evidence: { channel: "row" } }]);
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });

  it("is kept once per channel, as evidence and as an event", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    for (let again = 0; again < 2; again += 1) {
      rig.hook("ccl-1", 2_000 + again, refused("p-1"));
      rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_990)]);
    }
    const channels = rig.store.evidence.since(0).map(({ channel }) => channel);
    expect(channels.toSorted()).toEqual(["hook", "row"]);
    const events = rig.store.events.since(0, 100).filter(({ type }) => type === "refusal");
    expect(events.map(({ data }) => data)).toMatchObject([
      { session: "ccl-1", class: "usageLimit", account: "one", channel: "hook" },
      { session: "ccl-1", class: "usageLimit", account: "one", channel: "row", window: "fiveHour" },
    ]);
  });

  it("does not cut the session off again when its row comes after the session went on", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 2_000, refused("p-1"));
    rig.hook("ccl-1", 2_080, prompted("p-2", "continue"));
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state: "working" } });
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_990)]);
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state: "working" } });
    expect(rig.cutOffs).toHaveLength(1);
    // The row is the better word about the account all the same.
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });
});

describe("a refusal", () => {
  it("of a sub-agent is not the session's own", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 500, refused("p-1", { agentId: "agent-1" }));
    expect(rig.cutOffs).toEqual([]);
    expect(rig.store.evidence.since(0)).toEqual([]);
    expect(rig.exhaustedUntil("one")).toBeNull();
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state: "working" } });
  });

  it("of the next turn is told again, also when prompt and refusal come in one piece", () => {
    const rig = fleetRig();
    const busy = { class: "serverBusy", window: null, resetsAt: null } as const;
    rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900, busy)]);
    rig.intake.rows("ccl-1", [promptRow(20_000, "p-2"), refusalRow(20_900, busy)]);
    expect(rig.cutOffs.map(({ evidence }) => evidence.promptId)).toEqual(["p-1", "p-2"]);
  });

  it("of one model limits the session and leaves the account free", () => {
    const rig = fleetRig();
    rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900, { window: "model:opus" })]);
    expect(rig.cutOffs).toMatchObject([{ evidence: { refusal: { window: "model:opus" } } }]);
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("limited");
    expect(rig.exhaustedUntil("one")).toBeNull();
  });

  it("of another class leaves the session idle and the account free", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 500, refused("p-1", { error: "server_error", text: "API Error: 529" }));
    expect(rig.cutOffs).toMatchObject([{ evidence: { refusal: { class: "overload" } } }]);
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("idle");
    expect(rig.exhaustedUntil("one")).toBeNull();
  });

  it("of a session that is not ours, or of another conversation, counts for nothing", () => {
    const rig = fleetRig();
    rig.hook("nobody", 0, { ...refused("p-1"), session_id: "x" });
    rig.intake.rows("nobody", [refusalRow(0)]);
    rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900, {}, "another-id")]);
    expect(rig.cutOffs).toEqual([]);
    expect(rig.store.evidence.since(0)).toEqual([]);
  });
});

describe("around a flip", () => {
  it("a row of a request from before it is charged to the old account", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_200)]);
    expect(rig.cutOffs).toMatchObject([{ evidence: { account: "one" } }]);
    expect(rig.exhaustedUntil("two")).toBeNull();
    expect(rig.exhaustedUntil("one")).toBe(RESET);
  });

  it("a hook that cannot tell waits for the row, and charges nobody until then", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.hook("ccl-1", 1_200, refused("p-1"));
    expect(rig.intake.isWaiting("ccl-1")).toBe(true);
    expect([rig.cutOffs, rig.store.evidence.since(0)]).toEqual([[], []]);
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_190)]);
    expect(rig.intake.isWaiting("ccl-1")).toBe(false);
    expect(rig.cutOffs).toMatchObject([{ evidence: { channel: "row", account: "one" } }]);
  });

  it("a hook that repeats the limit of the account just left needs no row, and its row corrects it", () => {
    const rig = fleetRig();
    rig.join("ccl-2");
    for (const name of ["ccl-1", "ccl-2"]) rig.hook(name, 0, prompted("p-1"));
    rig.hook("ccl-2", 900, refused("p-1"));
    flipToTwo(1_000)(rig);
    rig.hook("ccl-1", 1_200, refused("p-1"));
    expect(rig.intake.isWaiting("ccl-1")).toBe(false);
    expect(rig.cutOffs.map(({ session, evidence }) => [session, evidence.account])).toEqual([
      ["ccl-2", "one"],
      ["ccl-1", "one"],
    ]);
    rig.intake.rows("ccl-1", [
      promptRow(5, "p-1"),
      answerRow(800, "tool_use"),
      toolResultRow(1_100, "p-1"),
      refusalRow(1_190),
    ]);
    expect(rig.cutOffs.at(-1)).toMatchObject({ session: "ccl-1", evidence: { account: "two" } });
  });

  it("a request that a tool result caused after it is the new account's", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.intake.rows("ccl-1", [
      promptRow(5, "p-1"),
      answerRow(800, "tool_use"),
      toolResultRow(1_100, "p-1"),
      refusalRow(1_300),
    ]);
    expect(rig.cutOffs).toMatchObject([{ evidence: { account: "two", promptId: "p-1" } }]);
    expect(rig.exhaustedUntil("one")).toBeNull();
  });

  it("a hook for a prompt from after it needs no row", () => {
    const rig = fleetRig();
    flipToTwo(-1_000)(rig);
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 500, refused("p-1"));
    expect(rig.cutOffs).toMatchObject([{ evidence: { channel: "hook", account: "two" } }]);
  });

  it("a hook whose row never comes is charged to the account of its own time", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.hook("ccl-1", 1_200, refused("p-1"));
    rig.intake.settle("ccl-1", NOW + 1_200);
    expect(rig.cutOffs).toMatchObject([{ evidence: { channel: "hook", account: "two" } }]);
    expect(rig.intake.isWaiting("ccl-1")).toBe(false);
    rig.intake.settle("ccl-1", NOW + 1_200);
    expect(rig.cutOffs).toHaveLength(1);
  });

  it("a row that comes after all corrects the account, which is told again", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.hook("ccl-1", 1_200, refused("p-1"));
    rig.intake.settle("ccl-1", NOW + 1_200);
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_190)]);
    expect(rig.cutOffs.map(({ evidence }) => evidence.account)).toEqual(["two", "one"]);
    expect(rig.fleet.get("ccl-1")?.cutOff).toMatchObject({ account: "one", channel: "row" });
  });

  it("a hook that waited in vain does not cut off a turn that was begun meanwhile", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.hook("ccl-1", 1_200, refused("p-1"));
    rig.hook("ccl-1", 1_500, prompted("p-2"));
    rig.intake.settle("ccl-1", NOW + 1_200);
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state: "working" } });
    expect(rig.cutOffs).toEqual([]);
    expect([rig.exhaustedUntil("one"), rig.exhaustedUntil("two")]).toEqual([null, null]);
  });

  it.each([1_250, 1_350])("a hook of a turn that was continued by then charges nobody", (at) => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    flipToTwo(1_000)(rig);
    rig.intake.rows("ccl-1", [promptRow(5, "p-1"), refusalRow(1_190), promptRow(1_300, "p-2")]);
    rig.hook("ccl-1", at, refused("p-1"));
    expect(rig.intake.isWaiting("ccl-1")).toBe(false);
    expect(rig.store.evidence.since(0).map(({ account }) => account)).toEqual(["one"]);
    expect(rig.exhaustedUntil("two")).toBeNull();
  });

  it("a second refusal, of the other account, is told as well", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 500, refused("p-1"));
    flipToTwo(600)(rig);
    rig.hook("ccl-1", 700, prompted("p-2", "continue"));
    rig.hook("ccl-1", 900, refused("p-2"));
    expect(rig.cutOffs.map(({ evidence }) => evidence.account)).toEqual(["one", "two"]);
  });
});

describe("a turn that was cut off", () => {
  it("is over with the next answer, but not with one that was written before", () => {
    const rig = fleetRig();
    rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900)]);
    rig.intake.rows("ccl-1", [answerRow(800)]);
    expect(rig.fleet.get("ccl-1")?.cutOff).not.toBeNull();
    rig.intake.rows("ccl-1", [answerRow(1_000)]);
    expect(rig.fleet.get("ccl-1")?.cutOff).toBeNull();
  });

  it("is over with the next prompt, but not with the row of its own", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 900, refused("p-1"));
    rig.intake.rows("ccl-1", [promptRow(5, "p-1")]);
    expect(rig.fleet.get("ccl-1")?.cutOff).not.toBeNull();
    rig.intake.rows("ccl-1", [promptRow(1_000, "p-2")]);
    expect(rig.fleet.get("ccl-1")?.cutOff).toBeNull();
  });

  it("is over with its end by hook", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 900, refused("p-1"));
    rig.hook("ccl-1", 1_000, turnEnded);
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state: "idle" } });
  });

  it("is over when the operator begins another conversation, not when the same one is resumed", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1"));
    rig.hook("ccl-1", 900, refused("p-1"));
    rig.hook("ccl-1", 1_000, started(rig.fleet.get("ccl-1")?.live.sessionId ?? "", "resume"));
    expect(rig.fleet.get("ccl-1")?.cutOff).not.toBeNull();
    rig.hook("ccl-1", 2_000, started("00000000-0000-4000-8000-0000000000ff", "clear"));
    expect(rig.fleet.get("ccl-1")?.cutOff).toBeNull();
  });

  it("without hooks shows by its rows that it works again, and that it is done", () => {
    const rig = fleetRig();
    rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900)]);
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("limited");
    rig.intake.rows("ccl-1", [promptRow(1_000, "p-2")]);
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("working");
  });
});

describe("a prompt", () => {
  it("is a receipt by hook and by row", () => {
    const rig = fleetRig();
    rig.hook("ccl-1", 0, prompted("p-1", "continue"));
    rig.intake.rows("ccl-1", [promptRow(5, "p-1", { text: "continue" })]);
    const receipt = { session: "ccl-1", text: "continue", promptId: "p-1" };
    expect(rig.taken).toEqual([
      { ...receipt, channel: "hook", at: NOW },
      { ...receipt, channel: "row", at: NOW + 5 },
    ]);
  });
});

describe("what is taken in quietly", () => {
  it("is told only at the end, and only if it still counts then", () => {
    const rig = fleetRig();
    rig.join("ccl-2", {
      live: { state: "working", sessionId: "id-2", transcriptPath: null, lastPrompt: null },
    });
    rig.intake.quietly(() => {
      rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900)]);
      rig.intake.rows("ccl-1", [refusalRow(901)]);
      rig.hook("ccl-2", 0, prompted("q-1"));
      rig.hook("ccl-2", 900, refused("q-1"));
      rig.hook("ccl-2", 2_000, prompted("q-2"));
      expect(rig.cutOffs).toEqual([]);
    });
    expect(rig.cutOffs.map(({ session }) => session)).toEqual(["ccl-1"]);
  });

  it("is told also when something in it throws", () => {
    const rig = fleetRig();
    const fail = (): void =>
      rig.intake.quietly(() => {
        rig.intake.rows("ccl-1", [promptRow(0, "p-1"), refusalRow(900)]);
        throw new Error("broken");
      });
    expect(fail).toThrow("broken");
    rig.intake.rows("ccl-1", [promptRow(2_000, "p-2"), refusalRow(2_900)]);
    expect(rig.cutOffs.length).toBeGreaterThan(0);
  });
});
