import { describe, expect, test } from "vitest";
import { parseTaskFile, parseTaskRequest } from "../../../src/dispatch/parse-task.ts";

const file = (text: string) => parseTaskFile(Buffer.from(text));
const task = (text: string) => {
  const parsed = file(text);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.task;
};
const why = (parsed: ReturnType<typeof parseTaskFile>) => (parsed.ok ? "" : parsed.why);

describe("a task file", () => {
  test("without front matter is all prompt, with defaults", () => {
    expect(task("# Tidy up\n\nthe folder\n")).toEqual({
      title: null,
      prompt: "# Tidy up\n\nthe folder",
      priority: "normal",
      tags: [],
      capabilities: [],
      model: null,
      cwd: null,
      timeoutMs: null,
      retries: null,
      dedupe: null,
      after: [],
    });
  });

  test("says everything in its front matter", () => {
    const text = `---
title: Build it
priority: high
tags: [api, ci]
capabilities: [gpu, docker, gpu]
model: opus
cwd: packages/api
timeout: 1h30m
retries: 2
dedupe: build-api
after: [17, lint.md, lint]
---
Build it.
---
A line of its own further down is text.
`;
    expect(task(text)).toEqual({
      title: "Build it",
      prompt: "Build it.\n---\nA line of its own further down is text.",
      priority: "high",
      tags: ["api", "ci"],
      capabilities: ["docker", "gpu"],
      model: "opus",
      cwd: "packages/api",
      timeoutMs: 5_400_000,
      retries: 2,
      dedupe: "key:build-api",
      after: ["17", "lint"],
    });
  });

  test("with lines that end in CR LF, a byte order mark and an empty front matter is read", () => {
    expect(task("\uFEFF---\r\n---\r\none\r\ntwo\r\n").prompt).toBe("one\ntwo");
  });

  test("goes by its text where dedupe is true", () => {
    const key = (body: string) => task(`---\ndedupe: true\n---\n${body}`).dedupe;
    expect(key("a")).toBe(key("a\n"));
    expect(key("a")).not.toBe(key("b"));
    expect(key("a")).toMatch(/^sha256:/);
  });

  test.each([
    ["", "It has no prompt: write below the front matter what is to be done."],
    [
      "---\ntitle: x\n---\n \n",
      "It has no prompt: write below the front matter what is to be done.",
    ],
    ["---\ntitle: x\n", "Its front matter does not end: write --- on a line of its own below it."],
    ["---", "Its front matter does not end: write --- on a line of its own below it."],
    [
      "---\npriority: urgent\nafter: build\nretrys: 1\n---\nx",
      'Its front matter is wrong: line 2: priority is "urgent"; write one of critical, high, normal, low; line 3: after is a text that does not fit; write the number of a task, or the name of a task file of the same project, in a list like [17, build]; line 4: unknown key "retrys"; did you mean retries?',
    ],
    [
      "---\n- a\n---\nx",
      "Its front matter is wrong: line 2: the front matter is a list; write keys and values, like priority: high.",
    ],
    ["---\ntitle: {\n---\nx", "Its front matter is wrong: line"],
    [
      "a\u001b[201~b",
      "Its prompt holds the control character 0x1b, which a terminal would act on.",
    ],
    [
      "/exit",
      "Its prompt begins with /, which the client takes for a command: put words before it.",
    ],
    [
      "!rm x",
      "Its prompt begins with !, which the client takes for a command: put words before it.",
    ],
  ])("%j is refused with a sentence", (text, sentence) => {
    expect(why(file(text)).startsWith(sentence)).toBe(true);
  });

  test("of bytes that are no text, or of too many, is refused with a sentence", () => {
    expect(why(parseTaskFile(Uint8Array.of(0x78, 0xff, 0xfe)))).toBe(
      "It is no text: it holds bytes that are not UTF-8.",
    );
    expect(why(file("x\u0000y"))).toContain("control character 0x00");
    expect(why(parseTaskFile(Buffer.alloc(10 * 1024 * 1024, "x")))).toBe(
      "It is 10.0 MiB long; a prompt has 1 MiB at most.",
    );
    expect(why(file("x".repeat(1024 * 1024 + 1)))).toContain("a prompt has 1 MiB at most");
    expect(task("x".repeat(1024 * 1024)).prompt).toHaveLength(1024 * 1024);
    expect(why(file(`---\n#${"x".repeat(65 * 1024)}\n---\nx`))).toBe(
      "Its front matter is longer than 64 KiB.",
    );
  });
});

test("a request is checked as a file's front matter is", () => {
  expect(
    parseTaskRequest({ priority: "low", timeout: "90s" }, { prompt: "do it\n" }),
  ).toMatchObject({
    ok: true,
    task: { priority: "low", timeoutMs: 90_000, prompt: "do it" },
  });
  expect(why(parseTaskRequest({ priority: 3 }, { prompt: "x" }))).toBe(
    "The task is wrong: priority is the number 3; write one of critical, high, normal, low.",
  );
  const file = "---\npriority: low\nretries: 2\n---\ndo it";
  expect(parseTaskRequest({ priority: "high" }, { file })).toMatchObject({
    ok: true,
    task: { priority: "high", retries: 2, prompt: "do it" },
  });
});
