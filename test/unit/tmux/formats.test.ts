import { expect, test } from "vitest";
import { paneFormat, parsePanes } from "../../../src/tmux/formats.ts";

const ROW = "a \\$1 @2 %3 4711 /dev/pts/1 0   0 2 5 200 50 node /tmp 1795247057 ";

test("a row is read field by field", () => {
  expect(parsePanes([`${ROW}1795247057438 api |`], ["@cf_session"])).toEqual([
    {
      sessionName: "a",
      sessionId: "$1",
      windowId: "@2",
      paneId: "%3",
      panePid: 4711,
      tty: "/dev/pts/1",
      dead: false,
      deadStatus: null,
      deadSignal: null,
      inMode: false,
      cursorX: 2,
      cursorY: 5,
      width: 200,
      height: 50,
      command: "node",
      cwd: "/tmp",
      startedAt: 1795247057438,
      options: { "@cf_session": "api" },
    },
  ]);
});

test("without our own time the session's creation counts, and unset options are absent", () => {
  const [row] = parsePanes([`${ROW}  |`], ["@cf_session"]);
  expect(row).toMatchObject({ startedAt: 1795247057000, options: {} });
});

test("a dead pane has a status or a signal", () => {
  const dead = (status: string, signal: string): string =>
    `${ROW.replace(" 0   0 ", ` 1 ${status} ${signal} 1 `)} |`;
  const rows = parsePanes([dead("7", ""), dead("", "9"), dead("", "")], []);
  expect(rows.map(({ dead, deadStatus, deadSignal }) => [dead, deadStatus, deadSignal])).toEqual([
    [true, 7, null],
    [true, null, 9],
    [true, null, null],
  ]);
  expect(rows.every(({ inMode }) => inMode)).toBe(true);
});

test("spaces, bars, backslashes and line breaks in a value belong to it", () => {
  const lines = `${ROW.replace("/tmp", "/a\\ b|c\\\\d\n\ne")}  |\n${ROW} |`
    .replace("b|c", "b\\|c")
    .replace("  |", " |")
    .split("\n");
  const cwds = ["/tmp", "/a b|c\\d\n\ne", "/tmp"];
  expect(parsePanes([`${ROW} |`, ...lines], []).map(({ cwd }) => cwd)).toEqual(cwds);
});

test.each([
  ["3.3a", String.raw`/\\\$X\$`, String.raw`/\$X$`],
  ["3.4", String.raw`/\\\\$X\$`, String.raw`/\$X$`],
])("a dollar is read as tmux %s prints it", (_version, printed, cwd) => {
  expect(parsePanes([`${ROW.replace("/tmp", () => printed)} |`], [])).toMatchObject([{ cwd }]);
});

test("a row that cannot be read is left out", () => {
  expect(parsePanes(["usage: |", `${ROW} |`], [])).toHaveLength(1);
});

test("the format asks for every option after the fixed fields", () => {
  expect(paneFormat(["@x"])).toMatch(/^#\{q:session_name\} .* #\{q:@x\} \|$/);
});
