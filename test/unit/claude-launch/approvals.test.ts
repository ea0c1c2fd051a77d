import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { carryApprovals, withApprovals } from "../../../src/claude/approvals.ts";
import { tempDir } from "../../support/temp-dir.ts";

const FOLDER = "/src/api";
const forgetful = { get: () => null, set: () => undefined };
const carried = (told: object, known: object = {}) =>
  withApprovals({ projects: { [FOLDER]: { ...known } } }, { projects: { [FOLDER]: { ...told } } }, [
    FOLDER,
  ])?.projects?.[FOLDER] ?? null;

describe("what a client was told about a folder", () => {
  it.each<readonly [string, object, object, object | null]>([
    ["trust", { hasTrustDialogAccepted: true }, {}, { hasTrustDialogAccepted: true }],
    ["no distrust", { hasTrustDialogAccepted: false }, { hasTrustDialogAccepted: true }, null],
    [
      "an allowed tool",
      { allowedTools: ["b"] },
      { allowedTools: ["a"] },
      { allowedTools: ["a", "b"] },
    ],
    [
      "an approved server",
      { enabledMcpjsonServers: ["x"], disabledMcpjsonServers: [] },
      { enabledMcpjsonServers: ["own"] },
      { enabledMcpjsonServers: ["own", "x"] },
    ],
    [
      "a server that is refused since",
      { enabledMcpServers: [], disabledMcpServers: ["x"] },
      { enabledMcpServers: ["x", "own"] },
      { enabledMcpServers: ["own"], disabledMcpServers: ["x"] },
    ],
    [
      "a server, but not over one of the same name",
      { mcpServers: { a: { url: "new" }, b: { url: "b" } } },
      { mcpServers: { a: { url: "own" } } },
      { mcpServers: { a: { url: "own" }, b: { url: "b" } } },
    ],
    ["nothing that is empty", { mcpServers: {}, allowedTools: [] }, { lastCost: 3 }, null],
    ["nothing that is only the client's", { lastCost: 3, history: ["x"] }, {}, null],
    ["nothing that is known", { allowedTools: ["b", "a"] }, { allowedTools: ["a", "b"] }, null],
  ])("is carried over: %s", (_what, told, known, expected) => {
    expect(carried(told, known)).toEqual(expected);
  });

  it("counts where it is about a folder that holds it, and about no other", () => {
    const trusted = { hasTrustDialogAccepted: true };
    const told = { projects: { "/src": trusted, "/src/ap": trusted, "/src/api/deep": trusted } };
    expect(withApprovals({}, told, [FOLDER])).toEqual({ projects: { "/src": trusted } });
  });

  it("never brings a login, and takes none away", () => {
    const state = { oauthAccount: { emailAddress: "b@example.org" }, userID: "b" };
    const told = {
      oauthAccount: { emailAddress: "a@example.org" },
      userID: "a",
      primaryApiKey: "k",
      bypassPermissionsModeAccepted: true,
      mcpServers: { s: {} },
    };
    expect(withApprovals(state, told, [FOLDER])).toEqual({
      ...state,
      bypassPermissionsModeAccepted: true,
      mcpServers: { s: {} },
    });
  });
});

it("is brought from file to file, and a file that knows it all is not touched", async () => {
  const dir = tempDir();
  const [from, to] = [join(dir, "a.json"), join(dir, "home", "b.json")];
  mkdirSync(join(dir, "api"));
  const folder = join(dir, "api");
  writeFileSync(from, JSON.stringify({ projects: { [folder]: { hasTrustDialogAccepted: true } } }));
  await carryApprovals({ from, to }, [folder], forgetful);
  expect(JSON.parse(readFileSync(to, "utf8"))).toEqual({
    projects: { [folder]: { hasTrustDialogAccepted: true } },
  });
  expect(statSync(to).mode & 0o777).toBe(0o600);
  const before = statSync(to);
  await carryApprovals({ from, to }, [folder], forgetful);
  expect([statSync(to).mtimeMs, statSync(to).ino]).toEqual([before.mtimeMs, before.ino]);
  await carryApprovals({ from: to, to }, [folder], forgetful);
});
