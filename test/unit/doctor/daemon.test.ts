import { describe, expect, test } from "vitest";
import { judgeClock } from "../../../src/doctor/clock-sane.ts";
import { judgeConfig } from "../../../src/doctor/config.ts";
import { judgeDaemon } from "../../../src/doctor/daemon.ts";
import { judgeDiskRoom } from "../../../src/doctor/disk-space.ts";
import { judgeJournal } from "../../../src/doctor/journal.ts";
import { judgeStateModes } from "../../../src/doctor/state-modes.ts";
import { judgeStore } from "../../../src/doctor/store.ts";

const NOW = 1_700_000_000_000;

describe("the configuration", () => {
  test("is bad with the loader's own words where it cannot be read", () => {
    const problem = { message: "The configuration has 1 problem:\nx", hint: "Correct it." };
    expect(judgeConfig(null, problem)).toEqual({
      code: "config",
      level: "bad",
      text: problem.message,
      hint: problem.hint,
    });
    expect(judgeConfig({ file: "/c", accounts: [{ name: "a" }] }, null)).toMatchObject({
      level: "ok",
      text: "/c is right; its accounts: a.",
    });
  });
});

describe("the daemon", () => {
  test.each([
    [{ kind: "running", pid: 7, version: "1.2.3" } as const, "ok", "version 1.2.3 answers (pid 7)"],
    [{ kind: "down" } as const, "warn", "No daemon listens on /s"],
    [{ kind: "silent", why: "it is asleep" } as const, "bad", "cannot be asked: it is asleep"],
  ])("%j", (daemon, level, text) => {
    const found = judgeDaemon(daemon, "/s");
    expect(found).toMatchObject({ code: "daemon", level });
    expect(found.text).toContain(text);
  });
});

describe("the state file", () => {
  test.each([
    [true, null, "ok"],
    [false, null, "ok"],
    [false, { message: "It is damaged.", hint: "Move it aside." }, "bad"],
  ])("there %j, problem %j: %s", (isThere, problem, level) => {
    const found = judgeStore({ isThere, problem, file: "/state.db" });
    expect(found).toMatchObject({ code: "store", level, ...(problem && { hint: problem.hint }) });
  });
});

describe("the journal", () => {
  const open = { id: 4, stage: "flipped", from: "a", to: "b" } as const;
  const held = {
    code: "CF_SWITCHOVER_HELD",
    message: "stuck",
    hint: "Mend it.",
    since: 0,
    switchoverId: 4,
  } as const;

  test.each([
    [{ held: null, open: null, runs: false }, "ok"],
    [{ held: null, open, runs: true }, "ok"],
    [{ held: null, open, runs: false }, "bad"],
    [{ held, open, runs: true }, "bad"],
  ])("%j: %s", (at, level) => {
    expect(judgeJournal(at)).toMatchObject({ code: "journal", level });
  });
});

describe("the clock", () => {
  test.each([
    [null, "unknown"],
    [NOW, "ok"],
    [NOW - 1, "ok"],
    [NOW + 1, "bad"],
  ])("with the last event at %j: %s", (last, level) => {
    expect(judgeClock(last, NOW)).toMatchObject({ code: "clock", level });
  });
});

describe("our own files", () => {
  test.each([
    [[], ["ok"]],
    [[{ path: "/s", mode: 0o700, uid: 1 }], ["ok"]],
    [[{ path: "/s", mode: 0o710, uid: 1 }], ["bad"]],
    [[{ path: "/s", mode: 0o604, uid: 1 }], ["bad"]],
    [[{ path: "/s", mode: 0o600, uid: 2 }], ["bad"]],
    [[{ path: "/s", mode: 0o777, uid: 2 }], ["bad", "bad"]],
  ])("%j: %j", (paths, levels) => {
    expect(judgeStateModes(paths, 1).map(({ level }) => level)).toEqual(levels);
  });
});

describe("room on a disk", () => {
  test.each([
    [2e9, 1e6, "ok"],
    [2e9, null, "ok"],
    [1e9 - 1, 1e6, "warn"],
    [2e9, 19_999, "warn"],
    [64e6 - 1, 1e6, "bad"],
    [2e9, 999, "bad"],
  ])("%d bytes and %j files: %s", (freeBytes, freeFiles, level) => {
    expect(judgeDiskRoom({ path: "/", freeBytes, freeFiles })).toMatchObject({
      code: "diskSpace",
      level,
    });
  });
});
