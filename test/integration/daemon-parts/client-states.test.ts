import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bringApprovals, keepInStep, trustFolders } from "../../../src/daemon/client-states.ts";
import { parseConfig } from "../../../src/config/parse.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** Two accounts with a login each, `web` on the shared slot, `api` on one of its own. */
function scene() {
  const home = tempDir();
  const text = `
accounts: [{ name: one, home: ~/one }, { name: two, home: ~/two }]
sessions: { dedicated: [{ name: web, cwd: ~/web }, { name: api, cwd: ~/api, slot: own }] }
`;
  const parsed = parseConfig({ text, file: join(home, "c.yaml"), home, realPath: (path) => path });
  if (!parsed.ok) throw new Error("the configuration is wrong");
  const { config } = parsed;
  const [one, two] = config.accounts;
  if (one === undefined || two === undefined) throw new Error("two accounts");
  const fileIn = (folder: string) => join(folder, ".claude.json");
  for (const account of [one, two]) {
    mkdirSync(account.home);
    writeFileSync(fileIn(account.home), JSON.stringify({ oauthAccount: { name: account.name } }));
  }
  const read = (folder: string): unknown => JSON.parse(readFileSync(fileIn(folder), "utf8"));
  const write = (folder: string, state: object): void =>
    writeFileSync(fileIn(folder), JSON.stringify(state));
  return { home, config, one, two, read, write, options: { config, home, platform: "linux" } };
}

it("folders are trusted in the file that their clients read, and in no other", async () => {
  const { home, one, read, options } = scene();
  await trustFolders(options);
  const trusted = { hasTrustDialogAccepted: true };
  const base = { hasCompletedOnboarding: true };
  expect(read(home)).toEqual({ ...base, projects: { [join(home, "web")]: trusted } });
  expect(read(one.home)).toEqual({
    ...base,
    oauthAccount: { name: "one" },
    projects: { [join(home, "api")]: trusted },
  });
});

it("a slot that is new knows what the shared one's clients were told, and every home follows it", async () => {
  const { home, one, two, read, write, options } = scene();
  const told = { projects: { [join(home, "api")]: { enabledMcpjsonServers: ["x"] } } };
  write(home, { ...told, oauthAccount: { name: "shared" } });
  const shared = { name: "shared", account: two, isNew: false };
  await keepInStep([shared, { name: "api", account: one, isNew: true }], options);
  expect(read(one.home)).toEqual({ oauthAccount: { name: "one" }, ...told });
  expect(read(two.home)).toEqual({ oauthAccount: { name: "two" }, ...told });
  expect(read(home)).toEqual({ ...told, oauthAccount: { name: "shared" } });
});

it("a move brings approvals along for a slot of its own, and leaves the shared one's file alone", async () => {
  const { home, one, two, read, write, options } = scene();
  write(one.home, { projects: { [join(home, "api")]: { hasTrustDialogAccepted: true } } });
  const move = { fromHome: one.home, toHome: two.home };
  await bringApprovals("shared", move, options);
  expect(read(two.home)).toEqual({ oauthAccount: { name: "two" } });
  await bringApprovals("api", move, options);
  expect(read(two.home)).toEqual({
    oauthAccount: { name: "two" },
    projects: { [join(home, "api")]: { hasTrustDialogAccepted: true } },
  });
});
