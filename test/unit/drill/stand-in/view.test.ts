import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { limitMenu, trustMenu } from "../../../../src/drill/stand-in/menus.ts";
import { draw, drawTrust, wordWrap } from "../../../../src/drill/stand-in/view.ts";
import type { View } from "../../../../src/drill/stand-in/view.ts";

const empty: View = {
  columns: 60,
  rows: 16,
  blocks: [],
  running: null,
  queued: [],
  draft: "",
  placeholder: null,
  menu: null,
  notice: null,
  armedUntil: null,
  statusLine: null,
  mode: "auto mode on",
  hint: null,
};

function shown(view: Partial<View>): { lines: string[]; cursor: { row: number; column: number } } {
  const frame = draw({ ...empty, ...view });
  return { ...frame, lines: frame.lines.map((line) => stripVTControlCharacters(line)) };
}

describe("draw", () => {
  it("fills the screen exactly, whatever is on it", () => {
    const blocks = Array.from({ length: 30 }, (_, index) => ({
      kind: "answer" as const,
      text: `answer ${index}`,
    }));
    for (const view of [{}, { blocks }, { blocks, armedUntil: "9am", statusLine: "SL" }]) {
      expect(shown(view).lines).toHaveLength(16);
    }
  });

  it("shows the end of a conversation, its last thing at the bottom", () => {
    const blocks = [2, 20, 1].map((count, index) => ({
      kind: "plain" as const,
      text: Array.from({ length: count }, (_, line) => `${index}.${line}`).join("\n"),
    }));
    const { lines } = shown({ blocks });
    const [above] = [
      lines.slice(
        0,
        lines.findIndex((line) => line.startsWith("─")),
      ),
    ];
    expect(above.slice(-4)).toEqual(["1.19", "", "2.0", ""]);
    expect(above[0]).toBe(`1.${19 - (above.length - 4)}`);
  });

  it("puts the cursor behind the draft, and keeps a placeholder dim", () => {
    const drafted = shown({ draft: "one\ntwo" });
    expect(drafted.lines[drafted.cursor.row]).toBe("  two");
    expect(drafted.cursor.column).toBe(5);
    const frame = draw({ ...empty, placeholder: "Resend" });
    expect(frame.lines[frame.cursor.row]).toContain("\u001b[7mR\u001b[0;2mesend");
    expect(frame.cursor.column).toBe(2);
  });

  it("says how to interrupt while a turn runs and nothing is typed", () => {
    const running = { text: "", spinner: "· Thinking…" };
    expect(shown({ running }).lines.join("\n")).toContain("esc to interrupt");
    expect(shown({ running, draft: "x" }).lines.join("\n")).not.toContain("esc to interrupt");
  });

  it("shows a menu in place of the composer", () => {
    const { lines } = shown({ menu: limitMenu("9am") });
    expect(lines).toContain("  ❯ 1. Stop and wait for limit to reset");
    expect(lines.some((line) => line.startsWith("❯"))).toBe(false);
  });
});

it("asks for trust with No as the default", () => {
  const frame = drawTrust({ columns: 60, cwd: "/x", menu: trustMenu("/x") });
  expect(stripVTControlCharacters(frame.lines[frame.cursor.row] ?? "")).toBe(" ❯ No, exit");
});

it("breaks lines at words, and words only when they must", () => {
  expect(wordWrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wordWrap("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
  expect(wordWrap("", 3)).toEqual([""]);
});
