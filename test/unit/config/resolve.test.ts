import { describe, expect, test } from "vitest";
import { NOTIFY_EVENTS } from "../../../src/config/config.ts";
import { configFrom } from "../../support/config-text.ts";

const ACCOUNT = "accounts: [{ name: a, home: ~/.claude-a }]\n";

describe("a written path", () => {
  test.each([
    ["~", "/home/op"],
    ["~/x/../y/", "/home/op/y"],
    ["/srv//x/", "/srv/x"],
    ["x/y", "/home/op/conf/x/y"],
    ["./x", "/home/op/conf/x"],
    ["../x y", "/home/op/x y"],
    ["/srv/$x", "/srv/$x"],
  ])("%s becomes %s", (written, absolute) => {
    const config = configFrom(
      `${ACCOUNT}sessions: { pool: { cwd: /w } }\ndispatch: { projects: [{ path: ${JSON.stringify(written)} }] }\n`,
    );
    expect(config.dispatch.projects).toEqual([{ path: absolute, priority: 1 }]);
  });

  test.each([
    ["claude", "claude"],
    ["bin/claude", "/home/op/conf/bin/claude"],
    ["~/bin/claude", "/home/op/bin/claude"],
    ["/opt/my tools/claude", "/opt/my tools/claude"],
  ])("of the client, %s, becomes %s", (written, command) => {
    expect(configFrom(`${ACCOUNT}claude: { command: ${written} }\n`).claude.command).toBe(command);
  });
});

test("an account without priority has its place in the list, without ceiling the policy's", () => {
  const config = configFrom(`
accounts:
  - { name: a, home: ~/.claude-a, email: me@example.org }
  - { name: b, home: ~/.claude-b, ceiling: { weekly: 50.5 } }
policy: { thresholds: { fiveHour: 80 } }
`);
  expect(
    config.accounts.map(({ priority, ceiling, email }) => ({ priority, ceiling, email })),
  ).toEqual([
    { priority: 1, ceiling: { fiveHour: 80, weekly: 95 }, email: "me@example.org" },
    { priority: 2, ceiling: { fiveHour: 80, weekly: 50.5 }, email: null },
  ]);
});

test("a dedicated session keeps its own strategy and id, else takes the common strategy", () => {
  const config = configFrom(
    `${ACCOUNT}
sessions:
  strategy: hot
  dedicated:
    - { name: x, cwd: "~", sessionId: 0B9F1D7E-2C55-4F0A-9D8E-3A1F5C7B2E64, strategy: relaunch }
    - { name: ccl-auto-011, cwd: /y }
  pool: { cwd: /z }
`,
  );
  expect(config.sessions.dedicated).toEqual([
    {
      name: "x",
      cwd: "/home/op",
      args: [],
      sessionId: "0b9f1d7e-2c55-4f0a-9d8e-3a1f5c7b2e64",
      strategy: "relaunch",
      slot: "shared",
    },
    {
      name: "ccl-auto-011",
      cwd: "/y",
      args: [],
      sessionId: null,
      strategy: "hot",
      slot: "shared",
    },
  ]);
  expect(config.sessions.pool).toEqual({
    prefix: "ccl-auto-",
    startIndex: 1,
    min: 1,
    max: 10,
    shrinkAfterMs: 600_000,
    cwd: "/z",
    capabilities: [],
  });
});

test("notifiers are complete: a chat's number is text, no events means all", () => {
  const config = configFrom(`${ACCOUNT}
notify:
  webhook: [{ url: https://example.org/h }, { url: http://example.org/h, events: [held] }]
  telegram: { tokenEnv: TELEGRAM_TOKEN, chatId: -1001234567890 }
  email: { smtpUrlEnv: SMTP_URL, from: a@example.org, to: [b@example.org] }
`);
  expect(config.notify).toMatchObject({
    webhook: [
      { name: "webhook-1", url: "https://example.org/h", format: "auto", events: NOTIFY_EVENTS },
      { name: "webhook-2", url: "http://example.org/h", events: ["held"] },
    ],
    telegram: { tokenEnv: "TELEGRAM_TOKEN", chatId: "-1001234567890", events: NOTIFY_EVENTS },
    email: { from: "a@example.org", to: ["b@example.org"], events: NOTIFY_EVENTS },
  });
});

test.each([
  ["127.0.0.1:8765", "127.0.0.1", 8765],
  ["localhost:0", "localhost", 0],
  ["'[::1]:65535'", "::1", 65_535],
])("listening on %s is host %s and port %d", (listen, host, port) => {
  expect(configFrom(`${ACCOUNT}api: { listen: ${listen} }\n`).api.listen).toEqual({ host, port });
});

test("anchors and aliases work", () => {
  const config = configFrom(`
accounts:
  - { name: a, home: ~/.claude-a, ceiling: &c { fiveHour: 70 } }
  - { name: b, home: ~/.claude-b, ceiling: *c }
`);
  expect(config.accounts[1]?.ceiling).toEqual({ fiveHour: 70, weekly: 95 });
});

test("the configuration cannot be changed", () => {
  const config = configFrom(ACCOUNT);
  expect(() => Object.assign(config.policy.failback, { delayMs: 1 })).toThrow(TypeError);
  expect(() => Object.assign(config.accounts[0] ?? {}, { name: "b" })).toThrow(TypeError);
  expect(() => (config.shared.links as string[]).push("x")).toThrow(TypeError);
});

test("dispatching is complete: durations in milliseconds, capabilities of all sessions or of some", () => {
  const config = configFrom(`${ACCOUNT}
sessions:
  pool: { cwd: /z, capabilities: [{ name: gpu, sessions: [2] }, { name: docker }] }
dispatch:
  projects: [{ path: ~/p }]
  models: { low: haiku }
  timeout: 1h
  stuck: { steps: [nudge, interrupt] }
`);
  expect(config.sessions.pool?.capabilities).toEqual([
    { name: "gpu", sessions: [2] },
    { name: "docker", sessions: null },
  ]);
  expect(config.dispatch).toMatchObject({
    projects: [{ path: "/home/op/p", priority: 1 }],
    models: { low: "haiku" },
    timeoutMs: 3_600_000,
    stuck: { afterMs: 600_000, steps: ["nudge", "interrupt"] },
  });
});
