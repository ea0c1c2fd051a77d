import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reconcileMissed, reconcileTranscripts } from "../../../src/daemon/reconcile.ts";
import {
  fleetRig,
  prompted,
  refused,
  SESSION_ID,
  turnEnded,
  type FleetRig,
} from "../../support/fleet-rig.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";
import { tempDir } from "../../support/temp-dir.ts";

const RESET_SECONDS = (NOW + 2 * HOUR) / 1000;

/** The transcript of ccl-1 as the client writes it, below a `projects` directory. */
function transcript(dir: string, project = "-home-op-p") {
  const projectsDir = join(dir, "projects");
  mkdirSync(join(projectsDir, project), { recursive: true });
  const path = join(projectsDir, project, `${SESSION_ID}.jsonl`);
  let count = 0;
  const write = (at: number, fields: Record<string, unknown>): void => {
    count += 1;
    const timestamp = new Date(NOW + at).toISOString();
    const base = { uuid: `u-${count}`, sessionId: SESSION_ID };
    appendFileSync(path, `${JSON.stringify({ ...base, timestamp, ...fields })}\n`);
  };
  const assistant = (at: number, message: object, fields: object = {}): void =>
    write(at, { type: "assistant", message, ...fields });
  return {
    projectsDir,
    path,
    prompt: (at: number, promptId: string) =>
      write(at, { type: "user", promptId, message: { role: "user", content: "do it" } }),
    answer: (at: number, stopReason = "end_turn") =>
      assistant(at, { model: "claude-opus-5-5", stop_reason: stopReason, content: [] }),
    limit: (at: number) =>
      assistant(
        at,
        { model: "<synthetic>", content: [{ type: "text", text: "You've hit your 5-hour limit" }] },
        {
          isApiErrorMessage: true,
          error: "rate_limit",
          apiErrorStatus: 429,
          quotaLimits: {
            status: "rejected",
            resetsAt: RESET_SECONDS,
            rateLimitType: "five_hour",
          },
        },
      ),
    filler: () => write(0, { type: "attachment", text: "x".repeat(300_000) }),
  };
}

/** The rig of a daemon that starts after this one ended. */
function restarted(before: FleetRig): FleetRig {
  before.store.close();
  return fleetRig({ dir: before.dir });
}

describe("after a restart of the daemon", () => {
  it("a turn that was cut off before it is cut off again, by the transcript", () => {
    const first = fleetRig();
    const file = transcript(first.dir);
    first.hook("ccl-1", 0, prompted("p-1"));
    file.prompt(5, "p-1");
    file.limit(1_990);
    first.hook("ccl-1", 2_000, refused("p-1"));
    const rig = restarted(first);
    expect(rig.fleet.get("ccl-1")?.cutOff).toBeNull();
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.cutOffs).toMatchObject([
      { evidence: { channel: "row", account: "one", promptId: "p-1" } },
    ]);
    expect(rig.fleet.get("ccl-1")).toMatchObject({
      cutOff: { observedAt: NOW + 1_990 },
      live: { state: "limited", transcriptPath: file.path },
    });
  });

  it("a limit that was reached while no daemon ran is found, and charged to who was active then", () => {
    const first = fleetRig();
    const file = transcript(first.dir);
    file.prompt(5_000, "p-1");
    file.limit(6_000);
    first.store.periods.begin("two", NOW + 9_000);
    const rig = restarted(first);
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.cutOffs).toMatchObject([{ evidence: { account: "one" } }]);
    expect(rig.exhaustedUntil("one")).toBe(RESET_SECONDS * 1000);
    expect(rig.exhaustedUntil("two")).toBeNull();
  });

  it("what was told before is not told as a new refusal", () => {
    const first = fleetRig();
    const file = transcript(first.dir);
    file.prompt(5, "p-1");
    file.limit(1_990);
    reconcileTranscripts({ ...first, projectsDir: file.projectsDir });
    const events = first.store.events.lastSeq();
    const rig = restarted(first);
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.cutOffs).toHaveLength(1);
    expect(rig.store.events.since(events, 10).map(({ type }) => type)).toEqual([]);
  });

  it.each<readonly [string, (file: ReturnType<typeof transcript>) => void, string]>([
    ["works, after a prompt", (file) => file.prompt(10, "p-2"), "working"],
    ["works, in the middle of its tools", (file) => file.answer(10, "tool_use"), "working"],
    ["works, where the model goes on", (file) => file.answer(10, "pause_turn"), "working"],
    ["is idle, after an answer", (file) => file.answer(10), "idle"],
  ])("a session that was limited and %s, is not cut off any more", (_what, goOn, state) => {
    const rig = fleetRig();
    const file = transcript(rig.dir);
    rig.fleet.setState("ccl-1", "limited");
    file.prompt(0, "p-1");
    file.limit(5);
    goOn(file);
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.cutOffs).toEqual([]);
    expect(rig.fleet.get("ccl-1")).toMatchObject({ cutOff: null, live: { state } });
  });
});

describe("the transcripts at start", () => {
  it("say nothing newer than a hook that was written after their last row", () => {
    const rig = fleetRig();
    const file = transcript(rig.dir);
    rig.clock.advance(1_000);
    rig.hook("ccl-1", 0, prompted("p-1"));
    file.prompt(5, "p-1");
    // The answer's row is flushed after the hook that ends the turn.
    rig.hook("ccl-1", 500, turnEnded);
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("idle");
    file.prompt(600, "p-2");
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("working");
  });

  it("are read from their end alone, however long they are", () => {
    const rig = fleetRig();
    const file = transcript(rig.dir);
    file.prompt(-60_000, "p-1");
    file.limit(-59_000);
    file.filler();
    file.prompt(0, "p-2");
    file.answer(900);
    reconcileTranscripts({ ...rig, projectsDir: file.projectsDir });
    expect(rig.store.evidence.since(0)).toEqual([]);
    expect(rig.fleet.get("ccl-1")?.live.state).toBe("idle");
  });

  it("say nothing of a conversation that has two files, or none, or of a session that starts", () => {
    const dir = tempDir();
    const two = fleetRig({ dir });
    for (const project of ["-home-op-p", "-home-op-q"]) {
      const file = transcript(dir, project);
      file.prompt(0, "p-1");
      file.limit(900);
    }
    const projectsDir = join(dir, "projects");
    reconcileTranscripts({ ...two, projectsDir });
    reconcileTranscripts({ ...two, projectsDir: join(dir, "nowhere") });
    expect(two.cutOffs).toEqual([]);
    const starting = fleetRig();
    const file = transcript(starting.dir);
    file.prompt(0, "p-1");
    file.limit(900);
    starting.fleet.setState("ccl-1", "starting");
    reconcileTranscripts({ ...starting, projectsDir: file.projectsDir });
    expect(starting.cutOffs).toEqual([]);
    reconcileMissed(new Set(["ccl-1"]), { ...starting, projectsDir: file.projectsDir });
    expect(starting.cutOffs).toHaveLength(1);
    // Its client is not up because an earlier one wrote that.
    expect(starting.fleet.get("ccl-1")?.live.state).toBe("starting");
  });

  it("are read once more for what was missed, and only for that", () => {
    const rig = fleetRig();
    const file = transcript(rig.dir);
    file.prompt(0, "p-1");
    file.limit(900);
    const missed = new Set<string>();
    reconcileMissed(missed, { ...rig, projectsDir: file.projectsDir });
    expect(rig.cutOffs).toEqual([]);
    missed.add("ccl-1").add("gone");
    reconcileMissed(missed, { ...rig, projectsDir: file.projectsDir });
    expect(rig.cutOffs).toHaveLength(1);
    expect(missed.size).toBe(0);
  });
});
