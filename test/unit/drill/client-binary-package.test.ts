import { expect, it } from "vitest";
import {
  clientPackage,
  clientProgram,
  newestFirst,
} from "../../../src/drill/client-binary-package.ts";

it.each([
  ["linux", "x64", false, "@anthropic-ai/claude-code-linux-x64"],
  ["linux", "arm64", true, "@anthropic-ai/claude-code-linux-arm64-musl"],
  ["darwin", "arm64", false, "@anthropic-ai/claude-code-darwin-arm64"],
])("names the package for %s %s (musl %s)", (platform, arch, isMusl, name) => {
  expect(clientPackage({ platform, arch, isMusl })).toBe(name);
});

it("says so where the vendor publishes no package", () => {
  expect(() => clientPackage({ platform: "sunos", arch: "x64", isMusl: false })).toThrow(
    "There is no Claude Code package for sunos-x64.",
  );
});

it("orders versions by number, newest first", () => {
  expect(["2.1.9", "2.1.100", "2.0.400"].toSorted(newestFirst)).toEqual([
    "2.1.100",
    "2.1.9",
    "2.0.400",
  ]);
});

it("a version before the programs were published is a script for Node", () => {
  expect(clientProgram("2.1.112")).toEqual({
    package: "@anthropic-ai/claude-code",
    file: "cli.js",
  });
  expect(clientProgram("2.1.113").file).toBe("claude");
});
