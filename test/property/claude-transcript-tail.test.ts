import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { readLast, TranscriptTail } from "../../src/claude/transcript-tail.ts";
import { transcriptLine } from "../support/transcript-line.ts";

const folder = mkdtempSync(join(tmpdir(), "cf-tail-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), {
  minLength: 1,
  maxLength: 8,
});

it("gives the same rows however the bytes arrive", () => {
  fc.assert(
    fc.property(words, fc.array(fc.nat(400), { maxLength: 12 }), fc.nat(3), (said, sizes, old) => {
      const path = join(folder, "pieces.jsonl");
      const lines = said.map((text) => Buffer.from(transcriptLine(text)));
      writeFileSync(path, Buffer.concat(lines.slice(0, old)));
      const tail = new TranscriptTail({ path, from: "end" });
      let rest = Buffer.concat(lines.slice(old));
      const found = [];
      for (const size of [...sizes, rest.length]) {
        appendFileSync(path, rest.subarray(0, size));
        rest = rest.subarray(size);
        found.push(...tail.readNew());
      }
      expect(found.map((row) => (row.kind === "prompt" ? row.text : row.kind))).toEqual(
        said.slice(old),
      );
    }),
    { numRuns: 200 },
  );
});

it("gives whole rows of the end only, whatever the bound", () => {
  fc.assert(
    fc.property(words, fc.nat(3000), (said, bound) => {
      const path = join(folder, "last.jsonl");
      const lines = said.map((text) => transcriptLine(text));
      writeFileSync(path, lines.join(""));
      let fits = 0;
      let bytes = 0;
      for (const line of lines.toReversed()) {
        bytes += Buffer.byteLength(line);
        if (bytes > bound) break;
        fits += 1;
      }
      const rows = readLast(path, bound);
      expect(rows.map((row) => (row.kind === "prompt" ? row.text : row.kind))).toEqual(
        fits === 0 ? [] : said.slice(-fits),
      );
    }),
    { numRuns: 200 },
  );
});
