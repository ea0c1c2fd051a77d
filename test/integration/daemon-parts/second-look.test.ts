import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLiveSessions } from "../../../src/claude/session-files.ts";
import { SecondLook } from "../../../src/daemon/second-look.ts";
import { SESSION_OPTION, type PaneRow } from "../../../src/tmux/formats.ts";
import { fleetRig, prompted, SESSION_ID, turnEnded } from "../../support/fleet-rig.ts";
import { NOW } from "../../support/policy-samples.ts";

const RULE = "─".repeat(40);
const COMPOSER = [RULE, "❯ ", RULE];
const QUESTION = [RULE, "Do you want to proceed?", "❯ 1. Yes", "  2. No", "Esc to cancel"];

/** `ccl-1` in a pane whose program is this process; client files as they are written. */
function scene() {
  const rig = fleetRig();
  const folder = join(rig.dir, "slot", "sessions");
  mkdirSync(folder, { recursive: true });
  const pane = { paneId: "%ccl-1", panePid: process.pid, sessionName: "ccl-1", dead: false };
  const screen = { lines: [] as string[] };
  const look = new SecondLook({
    ...rig,
    sessionFiles: () => readLiveSessions(folder),
    panes: {
      listPanes: async () =>
        Promise.resolve([
          { ...pane, options: { [SESSION_OPTION]: "ccl-1" } } as unknown as PaneRow,
        ]),
      capture: async () => Promise.resolve(screen.lines),
    },
  });
  const told = () => {
    const events = rig.store.events.since(0, 100);
    return events.map(({ type, data }) => ({ type, ...(data as object) }));
  };
  return {
    ...rig,
    screen,
    told,
    look: async () => look.look(),
    client: (at: number, changes: Record<string, unknown> = {}) => {
      const file = { pid: process.pid, sessionId: SESSION_ID, status: "idle", startedAt: NOW };
      const all = { ...file, kind: "interactive", statusUpdatedAt: NOW + at, ...changes };
      writeFileSync(join(folder, `${all.pid}.json`), JSON.stringify(all));
    },
    gone: (pid: number) => rmSync(join(folder, `${pid}.json`)),
    state: () => rig.fleet.get("ccl-1")?.live.state,
    note: () => rig.store.sessionCare.get("ccl-1"),
  };
}

describe("a turn whose end no hook told", () => {
  it("is over when the client has said for a while that it is idle, and that is told", async () => {
    const { clock, client, hook, look, state, told } = scene();
    hook("ccl-1", 0, prompted("p-1"));
    client(-10);
    clock.advance(8_000);
    await look();
    expect(state(), "idle before the prompt").toBe("working");
    client(4_000);
    await look();
    expect(state(), "its hook may come").toBe("working");
    clock.advance(2_000);
    client(4_000, { status: "busy" });
    await look();
    expect(state(), "busy").toBe("working");
    client(4_000);
    await look();
    expect(state()).toBe("idle");
    expect(told()).toContainEqual({ type: "session.foundIdle", session: "ccl-1", by: "status" });
  });

  it("is over by its last rows where the client tells no status", async () => {
    const { clock, client, dir, fleet, hook, look, state } = scene();
    hook("ccl-1", 0, prompted("p-1"));
    const live = fleet.get("ccl-1")?.live;
    const transcriptPath = join(dir, `${SESSION_ID}.jsonl`);
    if (live !== undefined) fleet.change("ccl-1", { live: { ...live, transcriptPath } });
    const answer = (stop_reason: string, at: number): void => {
      const row = { type: "assistant", uuid: `u-${at}`, sessionId: SESSION_ID };
      const timestamp = new Date(NOW + at).toISOString();
      const message = { model: "claude-opus-5-5", stop_reason, content: [] };
      appendFileSync(transcriptPath, `${JSON.stringify({ ...row, timestamp, message })}\n`);
    };
    client(0, { status: null });
    answer("tool_use", 1_000);
    clock.advance(40_000);
    await look();
    expect(state(), "its tool runs").toBe("working");
    answer("end_turn", 5_000);
    await look();
    expect(state()).toBe("idle");
  });
});

describe("a session of which it cannot be told which conversation it has", () => {
  it.each<readonly [string, (parts: ReturnType<typeof scene>) => void, RegExp]>([
    [
      "open in another client too",
      ({ client }) => client(0, { pid: process.ppid }),
      /open in several clients: processes \d+, \d+/,
    ],
    [
      "not the one that its hooks told",
      ({ client }) => client(900, { sessionId: "id-9" }),
      /its pane runs conversation id-9/,
    ],
  ])("is left alone while it is %s, from the second look on", async (_what, cause, why) => {
    const parts = scene();
    const { client, clock, fleet, gone, hook, look, note, told } = parts;
    clock.advance(1_000);
    hook("ccl-1", 500, turnEnded);
    client(400);
    cause(parts);
    await look();
    expect(fleet.whyLeftAlone("ccl-1")).toBeNull();
    await look();
    expect(fleet.whyLeftAlone("ccl-1")).toMatch(why);
    expect(note().doubt).toMatch(why);
    client(400);
    if (_what.startsWith("open")) gone(process.ppid);
    await look();
    expect([fleet.whyLeftAlone("ccl-1"), note().doubt]).toEqual([null, null]);
    const types = told().map(({ type }) => type);
    expect(types.filter((type) => /ambiguous|known/.test(type))).toEqual([
      "session.ambiguous",
      "session.known",
    ]);
  });
});

describe("a session at a dialog", () => {
  it("says what it asks, and works again when the composer is back", async () => {
    const { client, hook, look, note, screen, state, told } = scene();
    hook("ccl-1", 0, prompted("p-1"));
    const asked = { hook_event_name: "Notification", notification_type: "permission_prompt" };
    hook("ccl-1", 10, { ...asked, message: "Claude needs your permission to use Bash" });
    hook("ccl-1", 20, { ...asked, message: "Claude needs your permission to use Bash" });
    client(0, { status: "busy" });
    screen.lines = QUESTION;
    await look();
    expect([state(), note().asks]).toEqual(["asking", "Claude needs your permission to use Bash"]);
    screen.lines = ["an unknown screen"];
    await look();
    expect(state()).toBe("asking");
    screen.lines = COMPOSER;
    await look();
    expect([state(), note().asks]).toEqual(["working", null]);
    expect(told().filter(({ type }) => type === "session.asking")).toHaveLength(1);
  });

  it("says which dialog it is where its hook does not", async () => {
    const { hook, look, note, screen } = scene();
    const asked = { hook_event_name: "Notification", notification_type: "permission_prompt" };
    hook("ccl-1", 10, asked);
    screen.lines = QUESTION;
    await look();
    expect(note().asks).toBe("a dialog waits: permission");
  });
});
