import { expect, it } from "vitest";
import { parseFlags } from "../../../../src/drill/stand-in/flags.ts";

it.each([
  [["--version"], "version"],
  [["auth", "status", "--json"], "authStatus"],
  [[], "session"],
])("reads %j", (argv, kind) => {
  expect(parseFlags(argv).kind).toBe(kind);
});

it("reads what a session is started with, and skips what it does not know", () => {
  const argv = ["--settings", "s.json", "--resume=id", "--add-dir", "/x", "--verbose", "do it"];
  expect(parseFlags([...argv, "--stand-in-refresh", "300"])).toEqual({
    kind: "session",
    flags: {
      sessionId: null,
      resume: "id",
      settings: "s.json",
      model: "claude-opus-5-5",
      permissionMode: "auto",
      refreshMs: 300,
      prompt: "do it",
    },
  });
});
