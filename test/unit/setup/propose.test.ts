import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/parse.ts";
import { addAccount, configText, sessionName } from "../../../src/setup/config-text.ts";
import type { FoundHome, ProposedAccount, Surroundings, Wishes } from "../../../src/setup/model.ts";
import { accountName, propose } from "../../../src/setup/propose.ts";

const HOME = "/home/op";
const FILE = "/home/op/.config/claude-failover/config.yaml";
const there = { kind: "there", command: "x", version: "1" } as const;

const parse = (text: string) =>
  parseConfig({ text, file: FILE, home: HOME, realPath: (path) => path });

function home(path: string, changes: Partial<FoundHome> = {}): FoundHome {
  const who = { kind: "unknown", why: "not asked" } as const;
  return { path, inSlot: false, loggedIn: true, who, private: [], stale: [], ...changes };
}

function email(address: string): FoundHome["who"] {
  return { kind: "known", loggedIn: true, email: address, orgId: null, subscription: "max" };
}

function surroundings(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    home: HOME,
    tmux: there,
    client: there,
    slot: { path: `${HOME}/.claude`, kind: "directory", to: null, becomes: null },
    homes: [home(`${HOME}/.claude`, { inSlot: true, private: ["projects"] })],
    users: [],
    config: { file: FILE, text: null, accounts: [] },
    daemonRuns: false,
    ...changes,
  };
}

const WISHES: Wishes = {
  mode: "confirm",
  homes: null,
  names: {},
  add: null,
  session: null,
  adopt: true,
  service: false,
};

const kinds = (found: Surroundings, wishes: Partial<Wishes> = {}): string[] =>
  propose(found, { ...WISHES, ...wishes }).changes.map((change) => change.do);

describe("what is proposed", () => {
  it("makes the folder in the slot the first account, named after who it is", () => {
    const slot = home(`${HOME}/.claude`, { inSlot: true, who: email("Anna.B@example.org") });
    const { accounts, changes } = propose(surroundings({ homes: [slot] }), WISHES);
    expect(accounts).toMatchObject([
      { name: "anna-b", home: `${HOME}/.claude-anna-b`, from: `${HOME}/.claude` },
    ]);
    expect(changes.map((change) => change.do)).toEqual(["writeConfig", "adopt"]);
  });

  it("takes homes with a login, by their own names, and leaves others out", () => {
    const homes = [
      home(`${HOME}/.claude-Work 1`),
      home(`${HOME}/.claude-old`, { loggedIn: false }),
    ];
    const slot = { path: `${HOME}/.claude`, kind: "missing", to: null, becomes: null } as const;
    const { accounts } = propose(surroundings({ homes, slot }), WISHES);
    expect(accounts.map(({ name }) => name)).toEqual(["work-1"]);
  });

  it("gives no two accounts one name", () => {
    const homes = [
      home(`${HOME}/.claude-a_b`),
      home(`${HOME}/.claude-a-b`),
      home(`${HOME}/.claude-a.b`),
    ];
    const { accounts } = propose(surroundings({ homes }), WISHES);
    expect(accounts.map(({ name }) => name)).toEqual(["a-b", "a-b-2", "a-b-3"]);
  });

  it("moves nothing while a process uses a home, and says what is to be done then", () => {
    const found = surroundings({ users: ["process 7 (claude) works there."] });
    const { changes, next } = propose(found, WISHES);
    expect(changes.map((change) => change.do)).toEqual(["writeConfig"]);
    expect(next[0]).toMatchObject({ command: "claude-failover adopt" });
  });

  it("makes the home of a new account, and asks for its login", () => {
    const { changes, next } = propose(surroundings(), { ...WISHES, add: "second" });
    expect(changes[1]).toMatchObject({ do: "makeDirectory", path: `${HOME}/.claude-second` });
    expect(next.map(({ command }) => command)).toContain(
      `CLAUDE_CONFIG_DIR=${HOME}/.claude-second claude auth login`,
    );
  });

  it("says what one account alone is missing, and of two nothing", () => {
    const commands = (add: string | null) =>
      propose(surroundings(), { ...WISHES, add }).next.map(({ command }) => command);
    expect(commands(null)).toContain("claude-failover init --add second");
    expect(commands("second")).not.toContain("claude-failover init --add second");
  });

  it("asks for the login of a home with a blank in its path as a shell takes it", () => {
    const path = `${HOME}/.claude-Work 1`;
    const config = { file: FILE, text: "accounts: []", accounts: [{ name: "work-1", home: path }] };
    const homes = [home(path, { loggedIn: false })];
    const { next } = propose(surroundings({ homes, config }), WISHES);
    expect(next.map(({ command }) => command)).toContain(
      `CLAUDE_CONFIG_DIR='${path}' claude auth login`,
    );
  });

  it("only adds to a configuration that is there, and leads stale links back first", () => {
    const stale = [{ path: `${HOME}/.claude-b/projects`, to: `${HOME}/.claude-projects-shared` }];
    const text = "# mine\naccounts:\n  - { name: a, home: ~/.claude-a } # preferred\n";
    const a = `${HOME}/.claude-a`;
    const found = surroundings({
      slot: { path: `${HOME}/.claude`, kind: "directory", to: null, becomes: a },
      homes: [home(`${HOME}/.claude`, { inSlot: true }), home(`${HOME}/.claude-b`, { stale })],
      config: { file: FILE, text, accounts: [{ name: "a", home: a }] },
    });
    expect(kinds(found)).toEqual(["relink", "adopt"]);
    const busy = propose({ ...found, users: ["process 7 (claude) works there."] }, WISHES);
    expect(busy.changes).toEqual([]);
    expect(busy.next[0]?.command).toBe("claude-failover init");
    const [write] = propose(found, { ...WISHES, add: "b" }).changes;
    expect(write).toMatchObject({ do: "writeConfig", replaces: true });
    expect(write?.do === "writeConfig" && write.content).toMatch(/^# mine\n.*# preferred\n/s);
  });

  it("takes the folder in the slot for the home that it is, whichever account's", () => {
    const accounts = ["a", "b"].map((name) => ({ name, home: `${HOME}/.claude-${name}` }));
    const found = surroundings({
      slot: { path: `${HOME}/.claude`, kind: "directory", to: null, becomes: `${HOME}/.claude-b` },
      homes: [home(`${HOME}/.claude`, { inSlot: true }), home(`${HOME}/.claude-a`)],
      config: { file: FILE, text: "accounts: []", accounts },
    });
    const proposal = propose(found, WISHES);
    expect(proposal.accounts.map(({ from }) => from)).toEqual([null, `${HOME}/.claude`]);
    expect(proposal.problems).toEqual([]);
    expect(proposal.changes).toMatchObject([
      { do: "adopt", text: expect.stringContaining(`to ${HOME}/.claude-b and`) as unknown },
    ]);
    const unknown = { ...found, slot: { ...found.slot, becomes: null } };
    expect(propose(unknown, WISHES).problems).toMatchObject([
      { hint: expect.stringContaining("Move it to the home of its account") as unknown },
    ]);
    // Nothing is moved while a session runs, so that nothing is in the way of the rest.
    expect(propose({ ...unknown, users: ["One."] }, WISHES).problems).toEqual([]);
  });

  it("gives the folder in the slot no name whose home is another's", () => {
    const slot = home(`${HOME}/.claude`, { inSlot: true, who: email("a@example.org") });
    const { accounts } = propose(
      surroundings({ homes: [slot, home(`${HOME}/.claude-a`)] }),
      WISHES,
    );
    expect(accounts).toMatchObject([
      { name: "a-2", home: `${HOME}/.claude-a-2` },
      { name: "a", home: `${HOME}/.claude-a` },
    ]);
  });

  it("is nothing when everything is there", () => {
    const found = surroundings({
      slot: { path: `${HOME}/.claude`, kind: "link", to: `${HOME}/.claude-a`, becomes: null },
      homes: [home(`${HOME}/.claude-a`, { inSlot: true })],
      config: {
        file: FILE,
        text: "accounts: []",
        accounts: [{ name: "a", home: `${HOME}/.claude-a` }],
      },
    });
    expect(kinds(found)).toEqual([]);
    expect(kinds(found, { service: true })).toEqual(["installService"]);
  });

  it.each<readonly [string, Surroundings, Partial<Wishes>, RegExp]>([
    [
      "no tmux",
      surroundings({ tmux: { kind: "missing", message: "No tmux.", hint: "" } }),
      {},
      /No tmux/,
    ],
    ["no account", surroundings({ homes: [] }), {}, /no account/],
    ["a name that is none", surroundings(), { add: "Über" }, /cannot be an account's name/],
    ["a name twice", surroundings(), { add: "main" }, /Two accounts/],
    [
      "a file for a slot",
      surroundings({ slot: { path: "/s", kind: "other", to: null, becomes: null } }),
      {},
      /neither/,
    ],
  ])("cannot be done with %s", (_what, found, wishes, text) => {
    const { problems } = propose(found, { ...WISHES, ...wishes });
    expect(problems.map((problem) => problem.text).join(" ")).toMatch(text);
  });
});

describe("the configuration that is written", () => {
  const folder = fc
    .array(fc.string({ minLength: 1, maxLength: 12, unit: "grapheme-ascii" }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.map((part) => part.replaceAll(/[/\s]/g, "_")).join("/"))
    .filter((path) => !/(^|\/)\.{1,2}(\/|$)/.test(path));

  it("is shown on a terminal of 80 columns without a line broken", () => {
    const lines = configText({
      home: HOME,
      slot: "~/.claude",
      accounts: [],
      mode: "auto",
      session: null,
    });
    expect(lines.split("\n").filter((line) => line.length > 76)).toEqual([]);
  });

  it("is read back as it was meant, whatever the names", { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(fc.string(), folder, folder, (text, account, session) => {
        const accounts: ProposedAccount[] = [
          {
            name: accountName(text),
            home: `${HOME}/.h/${account}`,
            from: null,
            email: null,
            loggedIn: true,
          },
        ];
        const slot = `${HOME}/.claude`;
        const written = configText({
          home: HOME,
          slot,
          accounts,
          mode: "auto",
          session: `/s/${session}`,
        });
        const parsed = parse(written);
        expect(parsed).toMatchObject({ ok: true });
        if (!parsed.ok) return;
        expect(parsed.config.accounts[0]).toMatchObject({
          name: accountName(text),
          home: `${HOME}/.h/${account}`,
        });
        expect(parsed.config.sessions.dedicated[0]).toMatchObject({ cwd: `/s/${session}` });
        expect(parsed.config.slot).toBe(slot);
      }),
    );
  });

  it("takes one more account, and what was there stays", () => {
    const accounts: ProposedAccount[] = [
      { name: "a", home: `${HOME}/.claude-a`, from: null, email: "a@example.org", loggedIn: true },
    ];
    const slot = `${HOME}/.claude`;
    const first = configText({ home: HOME, slot, accounts, mode: "notify", session: null });
    const more: ProposedAccount = {
      name: "b",
      home: "/srv/b",
      from: null,
      email: null,
      loggedIn: false,
    };
    const text = addAccount(first, more, HOME);
    const parsed = parse(text);
    expect(parsed.ok && parsed.config.accounts).toMatchObject([
      { name: "a", email: "a@example.org" },
      { name: "b", home: "/srv/b" },
    ]);
    for (const line of first.split("\n").filter((each) => each.includes("#")))
      expect(text).toContain(line.trim());
  });

  it("leaves what is no list of accounts for the check to name", () => {
    const more: ProposedAccount = {
      name: "b",
      home: "/b",
      from: null,
      email: null,
      loggedIn: false,
    };
    expect(addAccount("just text", more, HOME)).toBe("just text");
  });

  it("names a session after its folder, as tmux allows", () => {
    expect(sessionName("/home/op/src/my.api: v2")).toBe("my-api-v2");
    expect(sessionName("/…/")).toBe("session");
  });
});
