import { expect, test } from "vitest";
import { ControlParser, type ControlEvent } from "../../../src/tmux/control-parser.ts";

function parse(text: string): ControlEvent[] {
  return new ControlParser().push(Buffer.from(text));
}

function lines(event: ControlEvent | undefined): string[] {
  return event?.kind === "reply" ? event.lines.map(String) : [];
}

test("a block becomes one reply with its lines", () => {
  const [reply] = parse("%begin 17 5 1\nfirst\n\nthird\n%end 17 5 1\n");
  expect(reply).toMatchObject({ kind: "reply", number: 5, ours: true, ok: true });
  expect(lines(reply)).toEqual(["first", "", "third"]);
});

test("a failed command is a reply that is not ok", () => {
  expect(parse("%begin 17 5 1\nno such thing\n%error 17 5 1\n")).toMatchObject([{ ok: false }]);
});

test("blocks without the control flag are not ours", () => {
  expect(parse("%begin 17 4 0\n%end 17 4 0\n")).toMatchObject([{ ours: false }]);
});

test.each(["%end 17 6 1", "%end 18 5 1", "%error 17 5 0", "%end", "%begin 17 5 1", "%exit"])(
  "%s inside another block is text",
  (text) => {
    const events = parse(`%begin 17 5 1\n${text}\n%end 17 5 1\n`);
    expect(events).toHaveLength(1);
    expect(lines(events[0])).toEqual([text]);
  },
);

test("notifications carry their name and the rest of the line", () => {
  expect(
    parse("%sessions-changed\n%session-changed $1 my session\n%exit\n%window-close @3\n"),
  ).toEqual([
    { kind: "notification", name: "sessions-changed", text: "" },
    { kind: "notification", name: "session-changed", text: "$1 my session" },
    { kind: "notification", name: "exit", text: "" },
    { kind: "notification", name: "window-close", text: "@3" },
  ]);
});

test("other text outside a block is passed on as stray", () => {
  expect(parse("No such file\n")).toEqual([{ kind: "stray", line: Buffer.from("No such file") }]);
});

test("bytes that are no text come through unchanged", () => {
  const bytes = Buffer.from([0x00, 0xff, 0xc3, 0x0d, 0x1b]);
  const parser = new ControlParser();
  const stream = [Buffer.from("%begin 1 2 1\n"), bytes, Buffer.from("\n%end 1 2 1\n")];
  const [reply] = parser.push(Buffer.concat(stream));
  expect(reply).toMatchObject({ lines: [bytes] });
});

test("an unfinished line waits for its end", () => {
  const parser = new ControlParser();
  expect(parser.push(Buffer.from("%sessions-ch"))).toEqual([]);
  expect(parser.push(Buffer.from("anged\n"))).toHaveLength(1);
});

test("a chunk may be reused after it was pushed", () => {
  const parser = new ControlParser();
  const chunk = Buffer.from("%exit");
  parser.push(chunk);
  chunk.fill(0);
  expect(parser.push(Buffer.from("\n"))).toMatchObject([{ name: "exit" }]);
});
