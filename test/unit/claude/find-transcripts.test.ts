import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  findTranscripts as findOne,
  indexTranscripts,
  isTranscriptName,
} from "../../../src/claude/find-transcripts.ts";
import { tempDir } from "../../support/temp-dir.ts";

const ID = "00000000-0000-4000-8000-00000000000a";

describe.each([
  { how: "one by one", findTranscripts: findOne },
  { how: "in an index", findTranscripts: (dir: string, id: string) => indexTranscripts(dir)(id) },
])("the transcripts of a session, $how", ({ findTranscripts }) => {
  it("are found in whichever project they lie, and a second one is not hidden", () => {
    const projects = tempDir();
    for (const name of ["-b", "-a", "-c"]) mkdirSync(join(projects, name));
    writeFileSync(join(projects, "-b", `${ID}.jsonl`), "");
    writeFileSync(join(projects, "-a", `${ID}.jsonl`), "");
    writeFileSync(join(projects, "notes.txt"), "");

    expect(findTranscripts(projects, ID)).toEqual([
      join(projects, "-a", `${ID}.jsonl`),
      join(projects, "-b", `${ID}.jsonl`),
    ]);
  });

  it("are one where two names lead to one file", () => {
    const projects = tempDir();
    mkdirSync(join(projects, "-a"));
    mkdirSync(join(projects, "-c"));
    writeFileSync(join(projects, "-a", `${ID}.jsonl`), "");
    symlinkSync("-a", join(projects, "-b"));
    linkSync(join(projects, "-a", `${ID}.jsonl`), join(projects, "-c", `${ID}.jsonl`));
    symlinkSync("nowhere", join(projects, "-d"));
    symlinkSync("-e", join(projects, "-e"));

    expect(findTranscripts(projects, ID)).toEqual([join(projects, "-a", `${ID}.jsonl`)]);
  });

  it("are none for an id that is no UUID and for a directory that is not there", () => {
    const projects = tempDir();
    writeFileSync(join(projects, "secret.jsonl"), "");
    mkdirSync(join(projects, "-a"));
    expect(findTranscripts(projects, "../secret")).toEqual([]);
    expect(findTranscripts(projects, "")).toEqual([]);
    expect(findTranscripts(join(projects, "missing"), ID)).toEqual([]);
  });

  it("are an error where the directory is none", () => {
    const root = tempDir();
    writeFileSync(join(root, "file"), "");
    expect(() => findTranscripts(join(root, "file"), ID)).toThrowError(
      expect.objectContaining({ code: "CF_CLIENT_TRANSCRIPTS" }),
    );
  });
});

describe("a transcript's name", () => {
  it.each([
    [`${ID}.jsonl`, true],
    ["agent-a1b2.jsonl", false],
    [`${ID}.json`, false],
    [`${ID}.jsonl.bak`, false],
    [ID, false],
  ])("%s: %s", (name, expected) => {
    expect(isTranscriptName(name)).toBe(expected);
  });
});
