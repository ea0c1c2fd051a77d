import { dirname, isAbsolute } from "node:path";
import { describe, expect, test } from "vitest";
import {
  DEFAULT_SHARED_LINKS,
  effectiveLinks,
  refusedLink,
  sharedKind,
  sharedTarget,
} from "../../../src/accounts/shared-targets.ts";

describe("the required shared links", () => {
  test("are these three", () => {
    expect(DEFAULT_SHARED_LINKS).toEqual(["session-env", "file-history", "projects"]);
  });

  test("have absolute, distinct targets under one parent", () => {
    const targets = DEFAULT_SHARED_LINKS.map((link) => sharedTarget("/home/op", link));
    expect(targets).toEqual([
      "/home/op/.claude-session-env-shared",
      "/home/op/.claude-file-history-shared",
      "/home/op/.claude-projects-shared",
    ]);
    expect(targets.every(isAbsolute)).toBe(true);
    expect(new Set(targets).size).toBe(targets.length);
    expect(new Set(targets.map(dirname))).toEqual(new Set(["/home/op"]));
  });

  test("need an absolute root", () => {
    expect(() => sharedTarget("home/op", "projects")).toThrow(
      expect.objectContaining({ code: "CF_ACCOUNT_SHARED_ROOT" }),
    );
  });

  test("come first, and no link comes twice", () => {
    expect(effectiveLinks(["todos", "projects", "todos"])).toEqual([
      ...DEFAULT_SHARED_LINKS,
      "todos",
    ]);
  });
});

describe("a link's name", () => {
  test.each([
    ".credentials.json",
    "credentials",
    ".claude.json",
    ".claude.json.backup",
    "backups",
    ".oauth_refresh.lock",
    "x.lock",
    "cache",
    "stats-cache.json",
    "statsig",
    "policy-limits.json",
    "..",
    ".",
    "",
    "a/b",
    "/etc",
    "a\0b",
    " projects",
    "pro\njects",
  ])("%j is refused", (name) => {
    expect(refusedLink(name)).toMatch(/\w/);
  });

  test.each([
    ...DEFAULT_SHARED_LINKS,
    "sessions",
    "todos",
    "tasks",
    "plans",
    "history.jsonl",
    "settings.json",
    "CLAUDE.md",
    "skills",
    "agents",
    "commands",
  ])("%j may be shared", (name) => {
    expect(refusedLink(name)).toBeNull();
  });

  test.each([
    ["projects", { kind: "directory" }],
    ["history.jsonl", { kind: "file", seed: "" }],
    ["settings.json", { kind: "file", seed: "{}\n" }],
    ["statusline.sh", { kind: "file", seed: null }],
    ["constructor", { kind: "directory" }],
  ])("%j says what its target is", (name, expected) => {
    expect(sharedKind(name)).toEqual(expected);
  });
});
