import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { readLast, TranscriptTail } from "../../../src/claude/transcript-tail.ts";
import type { TranscriptRow } from "../../../src/claude/transcript.ts";
import { transcriptLine } from "../../support/transcript-line.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MIB = 1024 * 1024;

function texts(rows: readonly TranscriptRow[]): string[] {
  return rows.map((row) => (row.kind === "prompt" ? row.text : row.kind));
}

function emptyTail(from: "start" | "end" = "end") {
  const path = join(tempDir(), "t.jsonl");
  writeFileSync(path, "");
  const tail = new TranscriptTail({ path, from });
  return { path, tail, append: (text: string) => appendFileSync(path, text) };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
}

describe("a tail", () => {
  it("gives what is appended, once", () => {
    const { tail, append } = emptyTail();
    append(transcriptLine("one") + transcriptLine("two"));
    expect(texts(tail.readNew())).toEqual(["one", "two"]);
    expect(tail.readNew()).toEqual([]);
    append(transcriptLine("three"));
    expect(texts(tail.readNew())).toEqual(["three"]);
  });

  it("gives a line when it is whole, even if it is cut inside a character", () => {
    const { path, tail } = emptyTail();
    const bytes = Buffer.from(transcriptLine("grüß dich 漢字"));
    const cut = bytes.indexOf(Buffer.from("漢")) + 1;
    appendFileSync(path, bytes.subarray(0, cut));
    expect(tail.readNew()).toEqual([]);
    appendFileSync(path, bytes.subarray(cut, -1));
    expect(tail.readNew()).toEqual([]);
    appendFileSync(path, "\n");
    expect(texts(tail.readNew())).toEqual(["grüß dich 漢字"]);
  });

  it("begins at the end of what is there, with the line that was half written then", () => {
    const path = join(tempDir(), "t.jsonl");
    const half = transcriptLine("half");
    writeFileSync(path, transcriptLine("old") + half.slice(0, 30));
    const tail = new TranscriptTail({ path, from: "end" });
    expect(tail.readNew()).toEqual([]);
    appendFileSync(path, half.slice(30) + transcriptLine("new"));
    expect(texts(tail.readNew())).toEqual(["half", "new"]);
  });

  it("begins at the start if told so, and in a file that is not there yet", () => {
    const path = join(tempDir(), "t.jsonl");
    const early = new TranscriptTail({ path, from: "end" });
    expect(early.readNew()).toEqual([]);
    writeFileSync(path, transcriptLine("one"));
    expect(texts(early.readNew())).toEqual(["one"]);
    expect(texts(new TranscriptTail({ path, from: "start" }).readNew())).toEqual(["one"]);
  });

  it("starts over in a file that was cut, replaced, or made anew", () => {
    const { path, tail, append } = emptyTail();
    append(transcriptLine("one") + transcriptLine("two"));
    tail.readNew();
    truncateSync(path);
    append(transcriptLine("cut"));
    expect(texts(tail.readNew())).toEqual(["cut"]);

    writeFileSync(`${path}.new`, transcriptLine("replaced") + transcriptLine("and longer"));
    renameSync(`${path}.new`, path);
    expect(texts(tail.readNew())).toEqual(["replaced", "and longer"]);

    rmSync(path);
    expect(tail.readNew()).toEqual([]);
    writeFileSync(path, transcriptLine("anew") + transcriptLine("2") + transcriptLine("3"));
    expect(texts(tail.readNew())).toEqual(["anew", "2", "3"]);
  });

  it("notices other content of the same inode that is longer than before", () => {
    const { path, tail, append } = emptyTail();
    append(transcriptLine("one"));
    tail.readNew();
    writeFileSync(path, transcriptLine("other") + transcriptLine("content"));
    expect(texts(tail.readNew())).toEqual(["other", "content"]);
  });

  it("keeps a half line apart from the file that replaces it", () => {
    const { path, tail, append } = emptyTail();
    append(transcriptLine("never finished").slice(0, 40));
    tail.readNew();
    truncateSync(path);
    append(transcriptLine("fresh"));
    expect(texts(tail.readNew())).toEqual(["fresh"]);
  });

  it("skips a line longer than 8 MiB and goes on with the next, also when begun inside it", () => {
    const { path, tail, append } = emptyTail();
    const huge = transcriptLine("x".repeat(9 * MIB));
    append(huge.slice(0, -10));
    const late = new TranscriptTail({ path, from: "end" });
    expect(tail.readNew()).toEqual([]);
    append(huge.slice(-10) + transcriptLine("next"));
    expect(texts(tail.readNew())).toEqual(["next"]);
    expect(texts(late.readNew())).toEqual(["next"]);
  });

  it("gives a line of 7 MiB whole", () => {
    const { tail, append } = emptyTail();
    append(transcriptLine("x".repeat(7 * MIB)));
    expect(texts(tail.readNew())[0]).toHaveLength(7 * MIB);
  });

  it("keeps next to nothing of a transcript in memory, of which there are thousands", () => {
    const path = join(tempDir(), "t.jsonl");
    writeFileSync(path, transcriptLine("x".repeat(MIB / 64)).repeat(2));
    const held = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    const tails = Array.from({ length: 1_000 }, () => new TranscriptTail({ path, from: "end" }));
    for (const tail of tails) tail.readNew();
    expect((held() - before) / tails.length).toBeLessThan(1_000);
  });

  it("is an error where the path is no file", () => {
    const tail = new TranscriptTail({ path: tempDir(), from: "start" });
    expect(() => tail.readNew()).toThrowError(
      expect.objectContaining({ code: "CF_CLIENT_TRANSCRIPTS" }),
    );
  });
});

describe("the last rows", () => {
  it("are those of the end, without the line that is cut by the bound", () => {
    const path = join(tempDir(), "t.jsonl");
    const lines = ["one", "two", "three"].map((text) => transcriptLine(text));
    writeFileSync(path, lines.join(""));
    const two = lines.slice(1).join("").length;
    expect(texts(readLast(path))).toEqual(["one", "two", "three"]);
    expect(texts(readLast(path, two))).toEqual(["two", "three"]);
    expect(texts(readLast(path, two - 1))).toEqual(["three"]);
    expect(texts(readLast(path, two + 1))).toEqual(["two", "three"]);
    expect(texts(readLast(path, 10))).toEqual([]);
  });

  it("leave out a line that is being written", () => {
    const path = join(tempDir(), "t.jsonl");
    writeFileSync(path, transcriptLine("one") + transcriptLine("two").slice(0, 50));
    expect(texts(readLast(path))).toEqual(["one"]);
  });

  it("are none of a missing or an empty file", () => {
    const path = join(tempDir(), "t.jsonl");
    expect(readLast(path)).toEqual([]);
    writeFileSync(path, "");
    expect(readLast(path)).toEqual([]);
  });
});
