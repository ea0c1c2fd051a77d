import { describe, expect, test } from "vitest";
import { problemsIn } from "../../support/config-text.ts";

/** Two lines, so that what a test adds begins in line 3. */
const ACCOUNT = "accounts:\n  - { name: a, home: ~/.claude-a }\n";

const TMUX_NAME =
  'use up to 64 letters (a-z), digits, "-" and "_"; tmux gives other characters a meaning';
const AN_ACCOUNT = "list at least one account with a name and a home";
const TOP_KEYS =
  "accounts, slot, shared, claude, tmux, sessions, policy, dispatch, notify, keep, api, log";

type Row = readonly [text: string, ...problems: string[]];

describe("accounts", () => {
  test.each<Row>([
    ["slot: ~/.claude\n", `1:1: accounts is missing; ${AN_ACCOUNT}`],
    ["accounts:\n", `1:1: accounts is empty (null); ${AN_ACCOUNT}`],
    ["accounts: []\n", `1:11: accounts is an empty list; ${AN_ACCOUNT}`],
    ["accounts: { name: a }\n", `1:11: accounts is a map; ${AN_ACCOUNT}`],
    ["accounts: a\n", `1:11: accounts is a text that does not fit; ${AN_ACCOUNT}`],
    [
      "accounts:\n  - name: a\n  - home: ~/.b\n  - b\n",
      "2:5: accounts[0] has no home; name the account's own folder, like ~/.claude-work",
      '3:5: accounts[1] has no name; use up to 32 of a-z, 0-9 and "-", like work-2',
      "4:5: accounts[2] is a text that does not fit; write each account as { name: work, home: ~/.claude-work }",
    ],
    [
      "accounts:\n  - name: a\n    home:\n",
      "3:5: accounts[0].home is empty (null); name the account's own folder, like ~/.claude-work",
    ],
    [
      'accounts:\n  - { name: Compte 1, home: "" }\n',
      '2:13: accounts[0].name is "Compte 1"; use up to 32 of a-z, 0-9 and "-", like work-2',
      "2:29: accounts[0].home is an empty text; name the account's own folder, like ~/.claude-work",
    ],
    [
      `accounts: [{ name: -a, home: /a }, { name: ${"a".repeat(33)}, home: /b }]\n`,
      '1:20: accounts[0].name is "-a"; use up to 32 of a-z, 0-9 and "-", like work-2',
      `1:44: accounts[1].name is "${"a".repeat(33)}"; use up to 32 of a-z, 0-9 and "-", like work-2`,
    ],
    [
      "accounts:\n  - { name: a, home: /a, priority: high, email: me }\n",
      '2:36: accounts[0].priority is "high"; write a whole number from 0 to 1000000',
      '2:49: accounts[0].email is "me"; write an address like me@example.org',
    ],
    [
      "accounts:\n  - { name: a, home: /a, priority: 1.5, ceiling: { fiveHour: 95%, weekly: 101 } }\n",
      "2:36: accounts[0].priority is the number 1.5; write a whole number from 0 to 1000000",
      '2:62: accounts[0].ceiling.fiveHour is "95%"; write a percentage as a number from 1 to 100, without %',
      "2:75: accounts[0].ceiling.weekly is the number 101; write a percentage as a number from 1 to 100, without %",
    ],
    [
      "accounts:\n  - { name: a, home: /a }\n  - { name: a, home: /b }\n",
      '3:13: accounts[1].name is "a", and so is accounts[0].name; give each account its own name',
    ],
    [
      "accounts:\n  - { name: a, home: ~/a }\n  - { name: b, home: /home/op/x/../a/ }\n",
      "3:22: accounts[1].home is the same folder as accounts[0].home; give each account its own home",
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe("homes, slot and shared folders that would fall over each other", () => {
  const OTHER = "name another folder, like ~/.claude-work";
  const home = (path: string) => `accounts:\n  - { name: a, home: ${path} }\n`;
  test.each<Row>([
    [
      home("~/.claude"),
      `2:22: accounts[0].home is the slot, which is a link to the active home; ${OTHER}`,
    ],
    [home("~/.claude/a"), `2:22: accounts[0].home lies inside the slot; ${OTHER}`],
    [home("/home"), `2:22: accounts[0].home contains the slot; ${OTHER}`],
    [
      `${home("/home")}slot: /s\n`,
      `2:22: accounts[0].home contains your whole home folder; ${OTHER}`,
    ],
    [
      home("~/.claude-projects-shared/a"),
      `2:22: accounts[0].home lies in a folder that all accounts share; ${OTHER}`,
    ],
    [
      `${home("/a")}slot: /home/op\n`,
      "3:7: slot contains your whole home folder; name the link to switch, like ~/.claude",
    ],
    [
      `${home("/a")}slot: ~/.claude-projects-shared\n`,
      `3:7: slot lies in a folder that all accounts share; ${OTHER}`,
    ],
    [
      `${home("/a")}slot: ~\n`,
      "3:7: slot is empty (null); name the link to switch, like ~/.claude",
    ],
    [
      `${home("/a")}slot: ~bob/.claude\n`,
      '3:7: slot is "~bob/.claude"; write the path out; only ~/ at its beginning is expanded',
    ],
    [
      home("$HOME/a"),
      '2:22: accounts[0].home is "$HOME/a"; write the path out; only ~/ at its beginning is expanded',
    ],
    [
      `${home("/a")}shared: { root: ~/.claude/x }\n`,
      "3:17: shared.root lies inside the slot; name a folder that stays when the account changes",
    ],
    [
      `${home("/a")}shared: { root: ~ }\n`,
      "3:17: shared.root is empty (null); name a folder, like ~ (in quotes)",
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe("shared links", () => {
  const REQUIRED = "session-env, file-history, projects";
  const links = (list: string) => `${ACCOUNT}shared: { links: ${list} }\n`;
  test.each<Row>([
    [
      links("[]"),
      `3:18: shared.links lacks ${REQUIRED}; add what is lacking: ${REQUIRED} are always shared`,
    ],
    [
      links("[projects, todos]"),
      `3:18: shared.links lacks session-env, file-history; add what is lacking: ${REQUIRED} are always shared`,
    ],
    [
      links("projects"),
      `3:18: shared.links is a text that does not fit; write a list of names, like [${REQUIRED}]`,
    ],
    [
      links(`[${REQUIRED}, todos, todos, 7, ""]`),
      '3:63: shared.links[4] is "todos", and so is shared.links[3]; keep one of them',
      "3:70: shared.links[5] is the number 7; write the name of an entry of an account home, like todos",
      "3:73: shared.links[6] is an empty text; write the name of an entry of an account home, like todos",
    ],
    [
      links(`[${REQUIRED}, .credentials.json, .claude.json, cache, a/b]`),
      '3:56: shared.links[3] is ".credentials.json"; remove it: a login belongs to one account',
      '3:75: shared.links[4] is ".claude.json"; remove it: it says who the account is',
      '3:89: shared.links[5] is "cache"; remove it: a cache belongs to one account',
      '3:96: shared.links[6] is "a/b"; remove it: it is not the name of one entry of a home',
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe("the client", () => {
  test.each<Row>([
    [
      `${ACCOUNT}claude: { command: claude --model opus, args: --model }\n`,
      "3:20: claude.command is not just the name of a program; name the program alone; arguments go to claude.args",
      '3:47: claude.args is a text that does not fit; write a list of arguments, like ["--model", "opus"]',
    ],
    [
      `${ACCOUNT}claude: { args: [--resume, "--settings={}", 5] }\n`,
      "3:18: claude.args[0] is --resume; remove it: claude-failover chooses each session's conversation itself",
      "3:28: claude.args[1] is --settings; remove it: claude-failover passes its own; put yours in the settings.json of the account home",
      '3:45: claude.args[2] is no text; write each argument as text, in quotes where it could be a number, like "--model"',
    ],
    [
      `${ACCOUNT}claude: { env: { A: 1, B-C: x, CLAUDE_CONFIG_DIR: /x, ANTHROPIC_API_KEY: k, __proto__: x } }\n`,
      "3:21: claude.env.A is no text; write text on one line, in quotes where it could be a number, true or null",
      '3:24: claude.env has the name "B-C"; use letters, digits and _',
      "3:32: claude.env sets CLAUDE_CONFIG_DIR; remove it: the slot decides which account a session uses",
      "3:55: claude.env sets ANTHROPIC_API_KEY; remove it: it overrides the login of every account, so a failover would change nothing",
      "3:77: claude.env sets __proto__; remove it: it is no name of a variable",
    ],
    [
      `${ACCOUNT}sessions: { dedicated: [{ name: x, cwd: /x, args: [-c] }] }\n`,
      "3:52: sessions.dedicated[0].args[0] is -c; remove it: claude-failover chooses each session's conversation itself",
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe("sessions and tmux", () => {
  const dedicated = (...items: string[]) =>
    `${ACCOUNT}sessions:\n  dedicated:\n${items.map((item) => `    - { ${item} }\n`).join("")}`;
  const ID = "0b9f1d7e-2c55-4f0a-9d8e-3a1f5c7b2e64";
  test.each<Row>([
    [
      dedicated(
        "name: a.b, cwd: /x",
        "name: 'a:b', cwd: /x",
        'name: "a\\tb", cwd: /x',
        "name: '#(x)', cwd: /x",
      ),
      `5:15: sessions.dedicated[0].name is "a.b"; ${TMUX_NAME}`,
      `6:15: sessions.dedicated[1].name is "a:b"; ${TMUX_NAME}`,
      `7:15: sessions.dedicated[2].name is "a\\tb"; ${TMUX_NAME}`,
      `8:15: sessions.dedicated[3].name is "#(x)"; ${TMUX_NAME}`,
    ],
    [
      dedicated("name: x, cwd: /x", "name: x, cwd: /y", "nme: z"),
      '6:15: sessions.dedicated[1].name is "x", and so is sessions.dedicated[0].name; give each session its own name',
      `7:7: sessions.dedicated[2] has no name; ${TMUX_NAME}`,
      "7:7: sessions.dedicated[2] has no cwd; name the folder the session works in, like ~/src/api",
      '7:9: unknown key "nme" in sessions.dedicated[2]; did you mean name?',
    ],
    [
      dedicated(
        `name: x, cwd: /x, sessionId: ${ID}`,
        `name: y, cwd: /y, sessionId: ${ID.toUpperCase()}`,
      ),
      "6:38: sessions.dedicated[1].sessionId is the same conversation as sessions.dedicated[0].sessionId; give each session its own, or remove the line",
    ],
    [
      dedicated("name: x, cwd: /x, sessionId: last, strategy: hott"),
      '5:38: sessions.dedicated[0].sessionId is "last"; write a uuid like 0b9f1d7e-2c55-4f0a-9d8e-3a1f5c7b2e64, or remove the line',
      '5:54: sessions.dedicated[0].strategy is "hott"; did you mean hot?',
    ],
    [
      `${dedicated("name: w-11, cwd: /x", "name: w-20, cwd: /x", "name: w-10, cwd: /x", "name: w-21, cwd: /x", "name: w-011, cwd: /x")}  pool: { prefix: w-, startIndex: 11, max: 10, cwd: /x }\n`,
      `5:15: sessions.dedicated[0].name is "w-11", one of the pool's names (w-11 to w-20); choose a name outside the pool: tasks are dispatched to those`,
      `6:15: sessions.dedicated[1].name is "w-20", one of the pool's names (w-11 to w-20); choose a name outside the pool: tasks are dispatched to those`,
    ],
    [
      `${dedicated("name: ccl-auto-1, cwd: /x")}  pool: { cwd: /x }\n`,
      `5:15: sessions.dedicated[0].name is "ccl-auto-1", one of the pool's names (ccl-auto-1 to ccl-auto-10); choose a name outside the pool: tasks are dispatched to those`,
    ],
    [
      `${ACCOUNT}sessions: { pool: { prefix: w.1, min: 5, max: 3 } }\n`,
      "3:19: sessions.pool has no cwd; name the folder the pool works in, like ~/src",
      `3:29: sessions.pool.prefix is "w.1"; ${TMUX_NAME}`,
      "3:39: sessions.pool has min 5 above max 3; make min at most max",
    ],
    [
      `${ACCOUNT}sessions: { pool: { cwd: /x, max: 2, capabilities: [{ name: gpu, sessions: [1, 3] }, { name: gpu }] } }\n`,
      "3:80: sessions.pool.capabilities[0].sessions[1] is 3, no session of the pool; the pool is ccl-auto-1 to ccl-auto-2",
      '3:94: sessions.pool.capabilities[1].name is "gpu", and so is sessions.pool.capabilities[0].name; keep one of them, with the sessions of both',
    ],
    [
      `${ACCOUNT}sessions: { pool: { max: 0, startIndex: -1, cwd: /x } }\n`,
      "3:26: sessions.pool.max is the number 0; write a whole number from 1 to 10000",
      "3:41: sessions.pool.startIndex is the number -1; write a whole number from 0 to 1000000",
    ],
    [
      `${ACCOUNT}sessions: { nudge: "go\\non" }\n`,
      '3:20: sessions.nudge is "go\\non"; write one line of text, like continue',
    ],
    [
      `${ACCOUNT}tmux: { socket: a/b, configFile: "" }\n`,
      '3:17: tmux.socket is "a/b"; use up to 64 letters, digits, ".", "-" and "_", or default',
      "3:34: tmux.configFile is an empty text; name a file, or null",
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe("policy, dispatch, API and log", () => {
  const DURATION = "write a duration up to 24d, like 90s, 5m or 1h30m";
  test.each<Row>([
    [
      `${ACCOUNT}policy:\n  cooldwn: 5m\n  cooldown: 300\n  delay: 3m\n  mode: Auto\n  candidate: best\n  failback: { enabled: yes, delay: 25d }\n`,
      '4:3: unknown key "cooldwn" in policy; did you mean cooldown?',
      `5:13: policy.cooldown is the number 300; ${DURATION}`,
      '6:3: unknown key "delay" in policy; did you mean policy.failback.delay?',
      '7:9: policy.mode is "Auto"; did you mean auto?',
      '8:14: policy.candidate is "best"; write one of priority, mostHeadroom, soonestReset',
      '9:24: policy.failback.enabled is "yes"; write true or false',
      `9:36: policy.failback.delay is "25d"; ${DURATION}`,
    ],
    [
      `${ACCOUNT}policy:\n`,
      "3:1: policy is empty (null); write its keys below it (mode, candidate, thresholds, cooldown, failback, confirmTimeout, overage, accountTrouble) or remove the line",
    ],
    [
      `${ACCOUNT}dispatch: { projects: [{ path: ~/a }, { path: ~/a/ }, { priority: 1 }] }\n`,
      "3:13: dispatch.projects is there without sessions.pool; add a pool: tasks are given to its sessions",
      "3:47: dispatch.projects[1].path is the same folder as dispatch.projects[0].path; keep one of them",
      "3:55: dispatch.projects[2] has no path; name the project's folder, like ~/src/api",
    ],
    [
      `${ACCOUNT}sessions: { pool: { cwd: ~/a } }\ndispatch: { projects: [~/web] }\n`,
      "4:24: dispatch.projects[0] is a text that does not fit; write each project as { path: ~/src/api }",
    ],
    [
      `${ACCOUNT}api: { listen: 0.0.0.0:80 }\n`,
      '3:16: api.listen is "0.0.0.0:80"; write a loopback address and port, like 127.0.0.1:8765, or null',
    ],
    [
      `${ACCOUNT}api: { listen: 127.0.0.1:65536 }\n`,
      '3:16: api.listen is "127.0.0.1:65536"; write a loopback address and port, like 127.0.0.1:8765, or null',
    ],
    [
      `${ACCOUNT}log: { level: loud }\n`,
      '3:15: log.level is "loud"; write one of trace, debug, info, warn, error, fatal',
    ],
    [
      `${ACCOUNT}log: debug\n`,
      "3:6: log is a text that does not fit; write its keys below it (level) or remove the line",
    ],
    [`${ACCOUNT}webhook: []\n`, '3:1: unknown key "webhook"; did you mean notify.webhook?'],
    [`${ACCOUNT}proxy: x\n`, `3:1: unknown key "proxy"; known are ${TOP_KEYS}`],
    [`${ACCOUNT}__proto__: x\n`, `3:1: unknown key "__proto__"; known are ${TOP_KEYS}`],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

test("all problems come at once, top to bottom", () => {
  const text = "log: { level: x }\naccounts: [{ nam: a }]\nslto: 1\n";
  expect(problemsIn(text).map((problem) => problem.split(":", 1)[0])).toEqual([
    "1",
    "2",
    "2",
    "2",
    "3",
  ]);
});
