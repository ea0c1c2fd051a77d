import fc from "fast-check";
import { expect, test } from "vitest";
import { ControlParser, type ControlEvent } from "../../src/tmux/control-parser.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }).map((line) => line.replaceAll(/[\n\r]/g, " ")),
  fc.constantFrom("", "%end 1 2 1", "%begin 9 9 9", "%error 7 7 1", "%exit", "❯ ü"),
);
const block = fc
  .record({
    number: fc.nat(),
    flags: fc.constantFrom(0, 1),
    ok: fc.boolean(),
    lines: fc.array(text, { maxLength: 5 }),
  })
  .map(({ number, flags, ok, lines }) => {
    const guard = `1795247057 ${number} ${flags}`;
    return [`%begin ${guard}`, ...lines, `%${ok ? "end" : "error"} ${guard}`].join("\n");
  });
const notification = fc.constantFrom("%sessions-changed", "%window-close @1", "%exit", "stray");
const stream = fc
  .array(fc.oneof(block, notification), { maxLength: 10 })
  .map((parts) => Buffer.from(parts.map((part) => `${part}\n`).join("")));

function parseAll(chunks: readonly Buffer[]): ControlEvent[] {
  const parser = new ControlParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  sorted.sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

test("any cut of the stream yields the same events", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (bytes, places) => {
      expect(parseAll(cut(bytes, places))).toEqual(parseAll([bytes]));
    }),
  );
});

test("byte by byte yields the same events", () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const single = [...bytes].map((byte) => Buffer.from([byte]));
      expect(parseAll(single)).toEqual(parseAll([bytes]));
    }),
  );
});

test("a reply has the lines that were put into its block", () => {
  fc.assert(
    fc.property(fc.array(text), (lines) => {
      const bytes = Buffer.from(["%begin 5 6 1", ...lines, "%end 5 6 1", ""].join("\n"));
      const [event] = parseAll([bytes]);
      const found = event?.kind === "reply" ? event.lines.map(String) : null;
      expect(found).toEqual(lines.map((line) => Buffer.from(line).toString()));
    }),
  );
});
