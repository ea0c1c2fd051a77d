import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configFrom } from "../../support/config-text.ts";

const example = readFileSync(new URL("../../../config.example.yaml", import.meta.url), "utf8");

/** The contract's keys: each must stay in the example and go on loading. */
const CONTRACT = `
accounts accounts[].ceiling accounts[].ceiling.fiveHour accounts[].ceiling.weekly accounts[].home
accounts[].name accounts[].priority api api.listen api.tokenEnv claude claude.args claude.command
claude.env dispatch dispatch.projects dispatch.projects[].path dispatch.projects[].priority log
log.level notify notify.email notify.telegram notify.webhook policy policy.candidate
policy.cooldown policy.failback policy.failback.delay policy.failback.enabled policy.mode
policy.thresholds policy.thresholds.fiveHour policy.thresholds.weekly sessions sessions.dedicated
sessions.dedicated[].args sessions.dedicated[].cwd sessions.dedicated[].name sessions.nudge
sessions.pool sessions.pool.cwd sessions.pool.max sessions.pool.min sessions.pool.prefix
sessions.pool.startIndex sessions.strategy shared shared.links shared.root slot tmux tmux.socket
`;

function keys(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keys(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return [here, ...keys(inner, here)];
  });
}

describe("config.example.yaml", () => {
  test("has exactly the keys of the contract", () => {
    expect([...new Set(keys(parse(example)))].sort()).toEqual(CONTRACT.trim().split(/\s+/).sort());
  });

  test("points editors to the schema of this checkout", () => {
    expect(example).toMatch(/^# yaml-language-server: \$schema=\.\/schema\/config\.schema\.json$/m);
  });

  test("loads as it stands", () => {
    expect(configFrom(example)).toEqual({
      file: "/home/op/conf/config.yaml",
      accounts: [
        {
          name: "compte1",
          home: "/home/op/.claude-compte1",
          priority: 1,
          ceiling: { fiveHour: 95, weekly: 98 },
          email: null,
        },
        {
          name: "compte2",
          home: "/home/op/.claude-compte2",
          priority: 2,
          ceiling: { fiveHour: 95, weekly: 98 },
          email: null,
        },
      ],
      slot: "/home/op/.claude",
      slots: [{ name: "shared", path: "/home/op/.claude", account: null }],
      slotsDir: "/home/op/.local/state/claude-failover/slots",
      shared: { root: "/home/op", links: ["session-env", "file-history", "projects"] },
      claude: { command: "claude", args: [], env: {}, drill: true },
      tmux: { socket: "claude-failover", configFile: null },
      sessions: {
        dedicated: [
          {
            name: "ccl-1-api",
            cwd: "/home/op/src/api",
            args: [],
            sessionId: null,
            strategy: "auto",
            slot: "shared",
          },
        ],
        pool: {
          prefix: "ccl-auto-",
          startIndex: 11,
          min: 2,
          max: 10,
          shrinkAfterMs: 600_000,
          cwd: "/home/op/src",
          capabilities: [],
        },
        nudge: "continue",
        strategy: "auto",
        afterExit: "stay",
        missingFolder: "report",
        resumeOffer: "full",
      },
      policy: {
        mode: "auto",
        candidate: "priority",
        thresholds: { fiveHour: 95, weekly: 98 },
        cooldownMs: 300_000,
        failback: { enabled: true, delayMs: 600_000 },
        confirmTimeoutMs: 600_000,
        overage: "avoid",
        accountTrouble: "failover",
      },
      dispatch: {
        projects: [{ path: "/home/op/src/api", priority: 1 }],
        ageingMs: 1_800_000,
        models: {},
        cooldownMs: 0,
        settleMs: 2_000,
        timeoutMs: null,
        retries: 0,
        retryDelayMs: 30_000,
        stuck: { afterMs: 600_000, steps: ["report"] },
      },
      notify: {
        webhook: [],
        telegram: null,
        email: null,
        desktop: null,
        heartbeatMs: 86_400_000,
        repeatMs: 600_000,
        perMinute: 10,
        templates: {},
      },
      api: { listen: null, tokenEnv: "CLAUDE_FAILOVER_TOKEN" },
      keep: {
        tasksMs: 30 * 86_400_000,
        taskBytes: 500_000_000,
        checkpointsMs: 14 * 86_400_000,
        evidenceMs: 90 * 86_400_000,
        usageMs: 60 * 86_400_000,
        events: 50_000,
        decisions: 10_000,
        databaseBytes: 1_000_000_000,
        logBytes: 50_000_000,
      },
      log: { level: "info" },
    });
  });

  test("shows, but for the pool, the lists and a fixed order of accounts, what is the default anyway", () => {
    const least = configFrom("accounts: [{ name: a, home: ~/.claude-a }]\n");
    const full = configFrom(example);
    expect({ ...full, accounts: [] }).toEqual({
      ...least,
      accounts: [],
      sessions: full.sessions,
      dispatch: full.dispatch,
      policy: { ...least.policy, candidate: "priority", thresholds: { fiveHour: 95, weekly: 98 } },
    });
    expect(least.sessions).toEqual({ ...full.sessions, dedicated: [], pool: null });
  });
});
