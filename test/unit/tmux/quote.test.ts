import { expect, test } from "vitest";
import { escapeFormat, quoteArgument, quoteCommand } from "../../../src/tmux/quote.ts";

test.each([
  ["", "''"],
  ["list-panes", "list-panes"],
  ["a b", "'a b'"],
  ["it's", `'it'"'"'s'`],
  ["a\nb", `'a'"\\012"'b'`],
  ["\r\n'", `''"\\015\\012'"''`],
  ["$HOME", "'$HOME'"],
  ["~", "'~'"],
  ["a;", "'a;'"],
  ["{x}", "'{x}'"],
  ['"\\"', `'"\\"'`],
  ["%1", "'%1'"],
  ["\u007f", `''"\\177"''`],
  ["❯ ü", "'❯ ü'"],
])("%j is quoted as %s", (text, quoted) => {
  expect(quoteArgument(text)).toBe(quoted);
});

test("a command is its quoted arguments", () => {
  expect(quoteCommand(["kill-session", "-t", "=a b"])).toBe("kill-session -t '=a b'");
});

test("a NUL is refused", () => {
  expect(() => quoteArgument("a\0b")).toThrow(
    expect.objectContaining({ code: "CF_TMUX_ARGUMENT" }),
  );
});

test.each([
  ["plain", "plain"],
  ["#{pane_id}", "##{pane_id}"],
  ["#S#", "##S##"],
  ["#[bold]", "#[bold]"],
  ["##[x]#", "##[x]##"],
])("the format %j stands for the text itself as %j", (text, escaped) => {
  expect(escapeFormat(text)).toBe(escaped);
});
