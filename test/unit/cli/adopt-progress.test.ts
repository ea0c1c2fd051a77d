import { describe, expect, test } from "vitest";
import { progressBar, progressText, ProgressView } from "../../../src/cli/adopt-progress.ts";
import { bytesText } from "../../../src/cli/adopt-text.ts";
import { manualClock } from "../../support/manual-clock.ts";

describe("bytesText", () => {
  test.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [99_949, "99.9 kB"],
    [99_950, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [5_100_000_000, "5.1 GB"],
    [9e15, "9000 TB"],
  ])("%d is %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe("a line of progress", () => {
  const joining = { phase: "joining", done: 450_000, total: 1_000_000, bytes: 2.3e9 } as const;

  test.each([
    [{ phase: "counting", done: 256, total: 0, bytes: 0 } as const, "counting: 256 entries"],
    [joining, "joining: 450,000 of 1,000,000 entries (45 %), 2.3 GB"],
    [
      { phase: "checking", done: 3, total: 2, bytes: 0 } as const,
      "checking: 3 of 2 entries (100 %)",
    ],
  ])("%j", (progress, text) => {
    expect(progressText(progress)).toBe(text);
  });

  test("has a bar where there is room for one", () => {
    expect(progressBar(joining, 100)).toBe(
      "[##########--------------] joining: 450,000 of 1,000,000 entries (45 %), 2.3 GB",
    );
    expect(progressBar(joining, 60)).toBe("joining: 450,000 of 1,000,000 entries (45 %), 2.3 GB");
    expect(progressBar(joining, 20)).toBe("joining: 450,000 of");
  });
});

describe("progress", () => {
  const report = (done: number, phase: "joining" | "checking" = "joining") =>
    ({ phase, done, total: 4, bytes: 0 }) as const;

  function shown(isTTY: boolean) {
    const clock = manualClock();
    const texts: string[] = [];
    const stream = { isTTY, columns: 80, write: (text: string) => texts.push(text) };
    return { clock, texts, view: new ProgressView(stream, clock) };
  }

  test("is redrawn in place on a terminal, ten times a second at most, and wiped at the end", () => {
    const { clock, texts, view } = shown(true);
    view.show(report(1));
    view.show(report(2));
    clock.advance(100);
    view.show(report(3));
    view.end();
    view.end();
    expect(texts.map((text) => text.slice(0, 8))).toEqual(["\r[######", "\r[######", "\r\u001b[K"]);
  });

  test.each([0, undefined])("takes a terminal of width %j for one of 80", (columns) => {
    const texts: string[] = [];
    const stream = { isTTY: true, columns, write: (text: string) => texts.push(text) };
    new ProgressView(stream, manualClock()).show({ ...report(1), total: 0 });
    expect(texts).toEqual(["\rjoining: 1 entries\u001b[K"]);
  });

  test("is a line a phase, and one every ten seconds, elsewhere", () => {
    const { clock, texts, view } = shown(false);
    view.show(report(1));
    clock.advance(9_999);
    view.show(report(2));
    clock.advance(1);
    view.show(report(3));
    view.show(report(4, "checking"));
    view.end();
    expect(texts).toEqual([
      "joining: 1 of 4 entries (25 %)\n",
      "joining: 3 of 4 entries (75 %)\n",
      "checking: 4 of 4 entries (100 %)\n",
    ]);
  });
});
