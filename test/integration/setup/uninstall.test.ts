import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { applyUninstall, planUninstall } from "../../../src/setup/uninstall.ts";
import { makeTree } from "../../support/private-homes.ts";
import { tempDir } from "../../support/temp-dir.ts";

function sharedHomes() {
  const home = tempDir();
  const link = (name: string): string => `-> ${join(home, `.claude-${name}-shared`)}`;
  const links = (of: string) =>
    Object.fromEntries(
      ["session-env", "file-history", "projects"].map((name) => [`${of}/${name}`, link(name)]),
    );
  makeTree(home, {
    ".claude-projects-shared/-p/one.jsonl": "1\n",
    ".claude-file-history-shared/": "",
    ".claude-session-env-shared/": "",
    ".claude-a/.credentials.json": "a",
    ...links(".claude-a"),
    ".claude-b/.credentials.json": "b",
    ...links(".claude-b"),
    ".claude": `-> ${join(home, ".claude-a")}`,
    "config.yaml":
      "accounts:\n  - { name: a, home: ~/.claude-a }\n  - { name: b, home: ~/.claude-b }\n",
  });
  return { home, config: loadConfig({ path: join(home, "config.yaml"), env: {}, home }) };
}

function isPlain(home: string): boolean {
  const transcript = (of: string): string =>
    readFileSync(join(home, of, "projects", "-p", "one.jsonl"), "utf8");
  return (
    lstatSync(join(home, ".claude")).isDirectory() &&
    lstatSync(join(home, ".claude", "projects")).isDirectory() &&
    readFileSync(join(home, ".claude", ".credentials.json"), "utf8") === "a" &&
    readlinkSync(join(home, ".claude-b", "projects")) === join(home, ".claude", "projects") &&
    transcript(".claude") === "1\n" &&
    transcript(".claude-b") === "1\n"
  );
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "an uninstall that ends after its step %i is finished by the next one",
  async (step) => {
    const { home, config } = sharedHomes();
    let steps = 0;
    const dies = (): void => {
      steps += 1;
      if (steps === step) throw new Error("killed");
    };
    await applyUninstall(await planUninstall(config, null), dies).catch(() => undefined);
    expect(steps).toBe(step);
    // Whatever was done: the other account still reaches every conversation.
    const begun = join(home, ".claude-a");
    const isBetween = lstatSync(config.slot, { throwIfNoEntry: false }) === undefined;
    expect(isBetween).toBe(step === 7);
    if (!isBetween)
      expect(readFileSync(join(home, ".claude-b/projects/-p/one.jsonl"), "utf8")).toBe("1\n");
    await applyUninstall(await planUninstall(config, begun), () => undefined);
    expect(isPlain(home)).toBe(true);
    expect((await planUninstall(config, begun)).home).toBeNull();
  },
);

test("a link that leads to no configured account is left alone", async () => {
  const { home, config } = sharedHomes();
  const others = { ...config, accounts: config.accounts.filter(({ name }) => name === "b") };
  const plan = await planUninstall(others, null);
  expect(plan).toMatchObject({ home: null, unshare: [], relink: [] });
  expect(plan.problems[0]).toContain("no configured account's home");
  expect(readlinkSync(join(home, ".claude"))).toBe(join(home, ".claude-a"));
});
