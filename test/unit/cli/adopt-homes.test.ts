import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adoptRequest } from "../../../src/cli/adopt-homes.ts";
import { parseConfig } from "../../../src/config/parse.ts";
import { tempDir } from "../../support/temp-dir.ts";

const TEXT = `
accounts:
  - { name: work, home: ~/.claude-work, priority: 2 }
  - { name: home, home: ~/.claude-home, priority: 1 }
shared: { links: [session-env, file-history, projects, todos] }
`;

function asked(
  words: readonly string[],
  make: (home: string) => void = () => undefined,
  left: string | null = null,
) {
  const home = tempDir();
  const file = join(home, "config.yaml");
  const parsed = parseConfig({ text: TEXT, file, home, realPath: (path) => path });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  make(home);
  const request = adoptRequest({
    config: parsed.config,
    words,
    home,
    cwd: join(home, "src"),
    left: left === null ? null : join(home, left),
  });
  return { ...request, homes: request.homes.map((path) => path.slice(home.length + 1)) };
}

const folder = (name: string) => (home: string) => mkdirSync(join(home, name));

describe("the homes that are adopted", () => {
  test("are those that are there, without words", () => {
    expect(asked([], folder(".claude-work")).homes).toEqual([".claude-work"]);
  });

  test("are the slot too while it is a directory", () => {
    expect(asked([], folder(".claude")).homes).toEqual([".claude"]);
    const linked = asked([], (home) => {
      mkdirSync(join(home, ".claude-home"));
      symlinkSync(join(home, ".claude-home"), join(home, ".claude"));
    });
    expect(linked.homes).toEqual([".claude-home"]);
  });

  test.each([
    ["work", ".claude-work"],
    ["~/.claude-work", ".claude-work"],
    ["../.claude-work/", ".claude-work"],
    ["~/.claude", ".claude"],
  ])("are named by %s", (word, home) => {
    expect(asked([word]).homes).toEqual([home]);
  });

  test("are recognised by another path that leads there", () => {
    const { homes } = asked(["~/other/.claude-work", "work"], (home) => {
      mkdirSync(join(home, ".claude-work"));
      symlinkSync(home, join(home, "other"));
    });
    expect(homes).toEqual([".claude-work"]);
  });

  test("are nobody else's folders", () => {
    expect(() => asked(["~/src"], folder("src"))).toThrow(
      expect.objectContaining({ code: "CF_ACCOUNT_ADOPT_HOME" }),
    );
  });

  test("come with the preferred account first, and the configured links", () => {
    const { accounts, links } = asked([]);
    expect(accounts.map(({ name }) => name)).toEqual(["home", "work"]);
    expect(links).toContain("todos");
  });

  test("come with the account first whose home an uninstall took, until it is back", () => {
    const first = (make?: (home: string) => void): string | undefined =>
      asked([], make, ".claude-work").accounts[0]?.name;
    expect(first()).toBe("work");
    expect(first(folder(".claude-work"))).toBe("work");
    expect(first((home) => mkdirSync(join(home, ".claude-work/it"), { recursive: true }))).toBe(
      "home",
    );
  });
});
