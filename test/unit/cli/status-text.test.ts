import stringWidth from "fast-string-width";
import { describe, expect, it } from "vitest";
import type { AccountJson, SessionJson, StatusJson } from "../../../src/api/contract.ts";
import { statusText } from "../../../src/cli/status-text.ts";
import { accountJson } from "../../support/account-json.ts";
import { HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const at = (ms: number): string => new Date(NOW + ms).toISOString();

const session = (name: string, changes: Partial<SessionJson> = {}): SessionJson => ({
  name,
  kind: "dedicated",
  state: "working",
  slot: "shared",
  account: "compte2",
  nextAccount: null,
  sessionId: "0b0e7a5c-5f1c-4a54-9a4e-3f3c8d7d0a11",
  cwd: "/home/op/src/api",
  pid: 100,
  claudeVersion: "2.1.328",
  model: null,
  strategy: "hot",
  since: at(-2 * HOUR - 5 * MINUTE),
  permissionMode: null,
  pane: "%1",
  draining: false,
  task: null,
  note: null,
  ...changes,
});

const status: StatusJson = {
  schema: 1,
  daemon: { running: true, pid: 4711, version: "1.2.3", paused: false, startedAt: at(-HOUR) },
  client: { version: "2.1.328", verdict: "relaunch", why: "hot: no flip noticed", drilledAt: null },
  activeAccount: "compte2",
  slots: [],
  held: null,
  pinned: null,
  proposal: null,
  accounts: [
    accountJson("compte1", {
      state: "exhausted",
      exhaustedUntil: at(3 * HOUR + 59 * MINUTE),
      limitations: [
        { code: "isActive", text: "not shown" },
        { code: "exhausted", text: "not shown either" },
        { code: "aboveCeiling", text: "to be seen beside it" },
        { code: "linksBroken", text: "projects leads elsewhere" },
      ],
      windows: [
        { window: "fiveHour", usedPercent: 96.4, resetsAt: null, forecast: null },
        { window: "weekly", usedPercent: null, resetsAt: null, forecast: null },
      ],
    }),
    accountJson("compte2", { state: "active" }),
  ],
  sessions: [
    session("ccl-1-api"),
    session("ccl-auto-11", { kind: "pool", state: "limited", sessionId: null, account: null }),
  ],
  decision: { code: "healthy", text: "no refusal stands against compte2", at: at(-90_000) },
  lastSwitchover: {
    id: 3,
    cause: "failover",
    slot: "shared",
    from: "compte1",
    to: "compte2",
    startedAt: at(-30 * HOUR),
    endedAt: at(-30 * HOUR),
    outcome: "committed",
    trigger: null,
    steps: [],
    sessions: [],
  },
};

const plain = (changes: Partial<StatusJson> = {}, columns: number | null = null): string =>
  statusText({ ...status, ...changes }, { color: false, now: NOW, columns });

describe("status for people", () => {
  it("tells of slots of their own where they lead, who uses them and how to answer", () => {
    const slot = { path: "/s", pinned: null, proposal: null, decision: null, sessions: [] };
    const api = { ...slot, name: "api", account: "compte1", sessions: ["ccl-1-api"] };
    const proposal = {
      cause: "failover",
      from: "compte1",
      to: "compte2",
      text: "spent",
      at: at(0),
      until: at(5 * MINUTE),
    } as const;
    const text = plain({
      slots: [
        { ...slot, name: "shared", account: "compte2" },
        { ...api, pinned: "compte1", proposal },
      ],
      sessions: [session("ccl-1-api", { slot: "api", account: "compte1" })],
    });
    expect(text).toContain(
      `active account: compte2
slot api (ccl-1-api): compte1, pinned by hand
failover from compte1 to compte2 is proposed: spent
Answer within 5 min: claude-failover confirm --session ccl-1-api, or claude-failover decline --session ccl-1-api
`,
    );
    expect(text).toContain("compte1 (slot api)");
  });

  it("without a terminal shows everything, and nothing is cut", () => {
    expect(plain()).toBe(
      `daemon runs (pid 4711), active account: compte2

ACCOUNT  STATE      USED           FREE AGAIN     HOME
compte1  exhausted  fiveHour 96 %  in 3 h 59 min  /home/op/.claude-compte1
compte2  active     -              -              /home/op/.claude-compte2
compte1 may not take over: projects leads elsewhere

SESSION      KIND       STATE    SINCE      ACCOUNT  ID
ccl-1-api    dedicated  working  2 h 5 min  compte2  0b0e7a5c-5f1c-4a54-9a4e-3f3c8d7d0a11
ccl-auto-11  pool       limited  2 h 5 min  -        unknown

client: Claude Code 2.1.328, relaunch only: hot: no flip noticed

decision: no refusal stands against compte2 (healthy, 1 min ago)
last: failover 3 from compte1 to compte2, committed (30 h 0 min ago)
`,
    );
  });

  it.each([
    [
      "of a session that moved since its last turn, where its next one goes",
      "compte1",
      "compte1 -> compte2",
    ],
    ["of one that did not, its account", "compte2", "compte2"],
    ["of one that had no turn yet, none", null, "-"],
  ])("tells %s", (_what, account, shown) => {
    const moved = session("ccl-1-api", { account, nextAccount: "compte2" });
    expect(plain({ sessions: [moved] })).toContain(`2 h 5 min  ${shown}  `);
  });

  it("at 80 columns keeps to them: ids lose their end, paths their beginning", () => {
    const text = plain(
      {
        accounts: [
          ...status.accounts,
          accountJson("compte3", { home: `/home/op/${"deep/".repeat(12)}.claude-compte3` }),
        ],
      },
      80,
    );
    const lines = text.split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain("compte2  0b0e7a5c-5f1c-4a54-9a4e-3f…\n");
    expect(text).toMatch(/ …[a-z/]*\.claude-compte3\n/);
    expect(text).toContain("  /home/op/.claude-compte1\n".trimStart());
  });

  it("wraps what is said in sentences, indented and without losing a word", () => {
    const said = "compte2 reached its limit in session ccl-1-api; every account is exhausted";
    const held = {
      code: "CF_SWITCHOVER_HELD",
      message: "Switchover 4 from compte1 to compte2 could not be undone: the link was moved.",
      hint: "Point the slot to /home/op/.claude-compte1. Then run claude-failover recover.",
      since: at(0),
    };
    const text = plain({ decision: { code: "allExhausted", text: said, at: at(0) }, held }, 60);
    const sentences = text.split("\n").filter((line) => !line.includes("  /") && line !== "");
    expect(sentences.filter((line) => line.length > 60 && !line.includes("dedicated"))).toEqual([]);
    const joined = text.replaceAll(/\n {2}(?=\S)/g, " ");
    expect(joined).toContain(`decision: ${said} (allExhausted, 0 s ago)\n`);
    expect(joined).toContain(`HELD since ${held.since}: ${held.message}\n`);
    expect(joined).toContain(`Try: ${held.hint}\n`);
  });

  it("has no escape sequence without colour, and the same words with it", () => {
    const color = statusText(status, { color: true, now: NOW, columns: null });
    expect(plain()).not.toContain("\u001b");
    expect(color).toContain("\u001b[31mexhausted\u001b[0m");
    expect(color).toContain("\u001b[32mactive\u001b[0m ");
    expect(color.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain());
  });

  it.each<readonly [string, Partial<StatusJson>, string]>([
    [
      "that no daemon runs",
      { daemon: { ...status.daemon, running: false, pid: null } },
      "no daemon runs; this is what the disk shows, active account: compte2\n",
    ],
    [
      "that it is paused",
      { daemon: { ...status.daemon, paused: true } },
      "daemon runs (pid 4711), paused: observing only, active account: compte2\n",
    ],
    ["that no account is active", { activeAccount: null }, "active account: none\n"],
    ["that there is no session", { sessions: [] }, "No session is known.\n"],
    [
      "nothing of a decision that was not made",
      { decision: null, lastSwitchover: null },
      "unknown\n",
    ],
  ])("says %s", (_what, changes, words) => {
    expect(plain(changes)).toContain(words);
    expect(plain({ ...changes, decision: null })).not.toContain("decision:");
  });
});

it("keeps columns under their heads whatever is written in them, and to the width in cells", () => {
  const sessions = [
    session("ccl-2-文書"),
    session("ccl-👩‍💻-web", { account: "アカウント" }),
    session("ccl-e\u0301t\u00e9", { sessionId: null }),
  ];
  for (const color of [false, true]) {
    const text = statusText({ ...status, sessions }, { color, now: NOW, columns: 70 });
    const [head = "", ...rows] = text.split("\n").filter((line) => /^(?:SESSION|ccl-)/.test(line));
    const at = stringWidth(head.slice(0, head.indexOf("ID")));
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const id = /(?:0b0e|unknown).*$/.exec(row)?.index ?? 0;
      expect(stringWidth(row.slice(0, id))).toBe(at);
      expect(stringWidth(row)).toBeLessThanOrEqual(70);
    }
  }
  const homes = [accountJson("compte1", { home: `/home/op/${"文書".repeat(30)}` })];
  const wide = plain({ accounts: homes }, 60).split("\n");
  expect(wide.filter((line) => stringWidth(line) > 60 && !line.startsWith("ccl-"))).toEqual([]);
});

it("lets nothing that a session asks move the cursor or break its line", () => {
  const note = { code: "asking", text: "a\u001b[2Jb\nc\u202ed" } as const;
  const text = plain({ sessions: [session("ccl-1-api", { note })] });
  expect(text).toContain("ccl-1-api: a\\u001b[2Jb\\u000ac\\u202ed\n");
});

it.each([
  [-5_000, "0 s"],
  [0, "0 s"],
  [59_400, "59 s"],
  [59_500, "1 min"],
  [HOUR - 1_000, "59 min"],
  [HOUR, "1 h 0 min"],
  [48 * HOUR - 1_000, "47 h 59 min"],
  [48 * HOUR, "2 d 0 h"],
  [170 * HOUR, "7 d 2 h"],
])("%i ms are told as %s", (ms, text) => {
  const accounts = [accountJson("compte1", { exhaustedUntil: at(ms) })];
  expect(plain({ accounts })).toContain(`  in ${text}  `);
});

it("tells where an account's signals differ, in lines that fit", () => {
  const words =
    "Of the refusal of ccl-1 at 2026-11-20T11:00:00.000Z the row says weekly, the hook says fiveHour.";
  const text = plain({ accounts: [accountJson("compte1", { conflicts: [words] })] }, 60);
  expect(text.replaceAll(/\n {2}(?=\S)/g, " ")).toContain(`compte1, signals differ: ${words}\n`);
});

it("tells that a window is too full for a move where that decides, not of the active account", () => {
  const limitations = [{ code: "aboveCeiling", text: "its window is at 96 %" }] as const;
  const accounts = ["compte1", "compte2"].map((name) => accountJson(name, { limitations }));
  const lines = plain({ accounts }).split("\n");
  expect(lines.filter((line) => line.includes("may not take over"))).toEqual([
    "compte1 may not take over: its window is at 96 %",
  ]);
});

it("tells when a window is full at its pace, in lines that fit, and nothing where it is not", () => {
  const at40 = { percentPerHour: 57, limitAt: at(40 * MINUTE) };
  const windows: AccountJson["windows"] = [
    { window: "fiveHour", usedPercent: 62, resetsAt: at(3 * HOUR), forecast: at40 },
    { window: "weekly", usedPercent: 30, resetsAt: null, forecast: { ...at40, limitAt: null } },
    {
      window: "model:opus",
      usedPercent: 99.6,
      resetsAt: null,
      forecast: { ...at40, limitAt: at(0) },
    },
    { window: "unknown", usedPercent: 5, resetsAt: null, forecast: null },
  ];
  const text = plain({ accounts: [accountJson("compte2", { state: "active", windows })] }, 80);
  expect(text.split("\n").filter((line) => line.includes("limit "))).toEqual([
    "compte2: 5-hour 62 %, limit in about 40 min",
    "compte2: opus 100 %, limit about now",
  ]);
});
