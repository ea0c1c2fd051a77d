import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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
  const values = new Map<string, string>();
  const meta = {
    get: (key: string) => values.get(key) ?? null,
    set: (key: string, value: string) => void values.set(key, value),
    delete: (key: string) => void values.delete(key),
  };
  const options = { config, home, platform: "linux", store: { meta } };
  const remembered = (): string => JSON.stringify([...values]);
  return { home, config, one, two, read, write, remembered, options };
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

/** The servers that each of two homes holds, for every folder and for `api`'s, as its slot moves. */
function serversScene() {
  const { home, one, two, read, write, remembered, options } = scene();
  const folder = join(home, "api");
  const move = (from: { home: string }, to: { home: string }): Promise<void> =>
    bringApprovals("api", { fromHome: from.home, toHome: to.home }, options);
  /** As a client writes them; `null` leaves the scope out. */
  const has = ({ home: at }: { home: string }, all: object | null, own: object | null = {}): void =>
    write(at, {
      ...(all !== null && { mcpServers: all }),
      projects: { [folder]: own === null ? {} : { mcpServers: own } },
    });
  const seen = ({ home: at }: { home: string }): unknown[] => {
    type Scope = { readonly mcpServers?: object };
    const state = read(at) as Scope & { readonly projects?: Record<string, Scope> };
    return [state.mcpServers ?? null, state.projects?.[folder]?.mcpServers ?? null];
  };
  return { one, two, move, has, seen, remembered };
}

const X = { command: "x", env: { TOKEN: "secret" } };
const Y = { command: "y" };

describe("MCP servers of a slot's own homes", () => {
  it("that are removed or changed in one are so in the next, and come back when they are added again", async () => {
    const { one, two, move, has, seen, remembered } = serversScene();
    has(one, { x: X, y: Y }, { z: X });
    await move(one, two);
    expect(seen(two)).toEqual([{ x: X, y: Y }, { z: X }]);
    has(two, { y: X }, {});
    await move(two, one);
    expect(seen(one)).toEqual([{ y: X }, {}]);
    has(one, { x: X, y: X }, {});
    await move(one, two);
    expect(seen(two)).toEqual([{ y: X, x: X }, {}]);
    expect(remembered()).not.toContain("secret");
  });

  it("that are removed in a home that the slot leads to are not brought back from the one it left", async () => {
    const { one, two, move, has, seen } = serversScene();
    has(one, { x: X });
    await move(one, two);
    has(two, {});
    // Moved on by hand, and back: nobody carried anything from there.
    await move(one, two);
    expect(seen(two)).toEqual([{}, {}]);
    await move(two, one);
    expect(seen(one)).toEqual([{}, {}]);
  });

  it.each([
    ["that differ stay as they are in each", { x: Y }, { x: Y }],
    ["that were added there since stay", { x: X, y: Y }, { y: Y }],
  ])("%s", async (_what, there, left) => {
    const { one, two, move, has, seen } = serversScene();
    has(one, { x: X });
    await move(one, two);
    has(two, there);
    has(one, {});
    await move(one, two);
    expect(seen(two)[0]).toEqual(left);
  });

  it("are taken away by no file that never spoke of them, or that was begun anew", async () => {
    const { one, two, move, has, seen } = serversScene();
    has(one, { x: X }, { z: Y });
    await move(one, two);
    has(two, null, null);
    await move(two, one);
    expect(seen(one)).toEqual([{ x: X }, { z: Y }]);
    await move(one, two);
    expect(seen(two)).toEqual([{ x: X }, { z: Y }]);
    const anew = { firstStartTime: "2026-11-28T10:00:00.000Z", mcpServers: {} };
    writeFileSync(join(two.home, ".claude.json"), JSON.stringify(anew));
    await move(two, one);
    expect(seen(one)).toEqual([{ x: X }, { z: Y }]);
  });
});
