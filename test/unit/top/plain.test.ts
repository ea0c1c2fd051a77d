import { expect, it } from "vitest";
import { plainLines } from "../../../src/top/plain.ts";
import { LIVE, PROPOSAL, STATUS } from "../../support/top-samples.ts";

it("tells everything at first, in sentences", () => {
  const lines = plainLines(null, LIVE);
  expect(lines).toContain("The active account is work-1.");
  expect(lines).toContain("Session ccl-auto-11 is limited on work-1.");
  expect(lines).toContain("Decision: no refusal stands against work-1.");
  expect(lines.find((line) => line.startsWith("Account work-1"))).toMatch(
    /^Account work-1 is active; five hours 83 percent used, resets \S+; week 31 percent used, resets \S+\.$/,
  );
  for (const line of lines) expect(line).toMatch(/\.$/);
});

it("tells nothing when nothing changed", () => {
  expect(plainLines(LIVE, LIVE)).toEqual([]);
});

it("tells only what changed", () => {
  const [first, ...others] = STATUS.sessions;
  const after = {
    ...LIVE,
    status: {
      ...STATUS,
      activeAccount: "work-2",
      sessions: [
        ...(first === undefined ? [] : [{ ...first, state: "limited" as const }]),
        ...others.slice(1),
      ],
    },
  };
  expect(plainLines(LIVE, after)).toEqual([
    "The active account is work-2.",
    "Session ccl-1-api is limited on work-1.",
    "Session ccl-2-文書 is gone.",
  ]);
});

it("says that the daemon is gone, and that it is back", () => {
  const status = { ...STATUS, daemon: { ...STATUS.daemon, running: false } };
  const connection = { kind: "down", message: "No daemon listens.", hint: "Start it." } as const;
  const down = { ...LIVE, status, connection };
  expect(plainLines(LIVE, down)).toEqual(["No daemon listens. Start it."]);
  expect(plainLines(down, LIVE)).toEqual(["The daemon runs, process 4711."]);
});

it("tells when it is paused, and when that is over", () => {
  const daemon = { ...STATUS.daemon, paused: true };
  const paused = { ...LIVE, status: { ...STATUS, daemon } };
  expect(plainLines(LIVE, paused)).toEqual(["It is paused and only observes."]);
  expect(plainLines(paused, LIVE)).toEqual(["It is not paused."]);
});

it("tells what is held and what to do, and when that is over", () => {
  const message = "Switchover 4 could not be undone.";
  const hint = "Look at the link, then claude-failover recover.";
  const held = { code: "CF_SWITCHOVER_HELD", message, hint, since: "2026-11-28T04:00:00.000Z" };
  const holding = { ...LIVE, status: { ...STATUS, held } };
  expect(plainLines(LIVE, holding)).toEqual([`Held: ${message} ${hint}`]);
  expect(plainLines(holding, LIVE)).toEqual(["Nothing is held."]);
});

it("tells what waits for an answer, and when it no longer does", () => {
  const proposing = { ...LIVE, status: { ...STATUS, proposal: PROPOSAL } };
  expect(plainLines(LIVE, proposing)).toEqual([
    "Proposed: failover from work-1 to work-2: it reached its limit. Answer with claude-failover confirm, or claude-failover decline, until 2026-11-20T12:12:00.000Z.",
  ]);
  expect(plainLines(proposing, LIVE)).toEqual(["Nothing is proposed."]);
});

it("tells what is pinned, and when it no longer is", () => {
  const pinned = { ...LIVE, status: { ...STATUS, pinned: "work-1" } };
  expect(plainLines(LIVE, pinned)).toEqual([
    "work-1 is pinned by hand, until it is exhausted or claude-failover failback.",
  ]);
  expect(plainLines(pinned, LIVE)).toEqual(["No account is pinned."]);
});

it("names the window of a model, and when a spent account is free again", () => {
  const [line = ""] = plainLines(null, LIVE).filter((each) => each.startsWith("Account private"));
  expect(line).toMatch(
    /^Account private is exhausted; free again \S+Z; model opus 64 percent used\.$/,
  );
});
