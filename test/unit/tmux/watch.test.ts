import { expect, test } from "vitest";
import { panesShowing, parsePaneIds } from "../../../src/tmux/watch.ts";

test("a pattern cannot end the format it stands in", () => {
  expect(panesShowing("a,b{2}#")).toContain("#{C/ri:a#,b{2#}##}");
});

test("pane ids are read from the value", () => {
  expect(parsePaneIds("%1 %22 ")).toEqual(["%1", "%22"]);
  expect(parsePaneIds("")).toEqual([]);
});
