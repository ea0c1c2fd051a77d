import { describe, expect, test } from "vitest";
import { judgeAdoptions } from "../../../src/doctor/adoptions.ts";
import { judgePasteFiles } from "../../../src/doctor/paste-files.ts";
import { judgeSpool } from "../../../src/doctor/spool.ts";
import { judgeStrayLinks } from "../../../src/doctor/stray-links.ts";
import { judgeTranscripts } from "../../../src/doctor/transcripts.ts";

describe("transcripts", () => {
  const one = { session: "s", sessionId: "id", prompted: true, isPrivate: false };
  test.each([
    [[], "ok", ""],
    [[{ ...one, paths: ["/a"] }], "ok", ""],
    [[{ ...one, paths: [], prompted: false }], "ok", ""],
    [[{ ...one, paths: [] }], "warn", "cleanupPeriodDays"],
    [[{ ...one, paths: ["/a", "/b"] }], "bad", "keep the longer one"],
    [[{ ...one, paths: ["/a", "/b"], isPrivate: true }], "bad", "claude-failover adopt"],
  ])("%j: %s", (conversations, level, hint) => {
    const [found] = judgeTranscripts(conversations);
    expect(found).toMatchObject({ code: "transcripts", level });
    expect(found?.hint).toContain(hint);
  });
});

test.each([
  [[], ["ok"]],
  [["joining", "done"] as const, ["bad", "warn"]],
  [["undoing", "undone"] as const, ["bad", "warn"]],
  [["committing", "committed"] as const, ["warn", "warn"]],
])("adoptions %j: %j", (phases, levels) => {
  const open = phases.map((phase) => ({ stamp: "20261121T080000000Z", phase }));
  expect(judgeAdoptions(open).map(({ level }) => level)).toEqual(levels);
});

test.each([
  [[], [], ["ok"]],
  [["/a", "/b"], [], ["warn", "warn"]],
  [["/a"], ["/slots/gone"], ["warn", "warn"]],
])("stray links %j, of no slot %j: %j", (paths, unused, levels) => {
  expect(judgeStrayLinks(paths, unused).map(({ level }) => level)).toEqual(levels);
});

test.each([
  [0, true, "ok"],
  [2, false, "ok"],
  [1, true, "warn"],
])("%d paste files, no daemon %j: %s", (count, isDown, level) => {
  expect(judgePasteFiles(count, isDown)).toMatchObject({ code: "pasteFiles", level });
});

describe("the spool", () => {
  const fresh = { name: "ccl-1.Stop.77", ageMs: 10 };
  const late = { name: "ccl-1.Stop.78", ageMs: 60_001 };
  test.each([
    [[], true, "ok"],
    [[fresh], true, "ok"],
    [[fresh, late], true, "warn"],
    [[fresh, late], false, "ok"],
    [[{ name: "notes.txt", ageMs: 10 }], false, "warn"],
  ])("%j, daemon runs %j: %s", (files, runs, level) => {
    expect(judgeSpool(files, runs)).toMatchObject({ code: "spool", level });
  });
});
