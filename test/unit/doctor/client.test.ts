import { describe, expect, test } from "vitest";
import type { SettingsLayer } from "../../../src/claude/settings-layers.ts";
import { valueInForce, unreadable } from "../../../src/doctor/client-settings.ts";
import { judgeClient } from "../../../src/doctor/client.ts";
import { judgeHooks } from "../../../src/doctor/hooks.ts";
import { judgeOneDriver } from "../../../src/doctor/one-driver.ts";
import { judgeRetention } from "../../../src/doctor/retention.ts";
import { judgeTmuxEnvironment } from "../../../src/doctor/tmux-environment.ts";

function layer(path: string, fields: SettingsLayer["fields"], isManaged = false): SettingsLayer {
  return { path, fields, isManaged };
}

describe("the client", () => {
  test.each([
    [null, null, null, "unknown"],
    ["2.1.328", "hot", null, "ok"],
    ["2.1.328", "hot", "relaunch: it did not come up", "warn"],
    ["2.1.328", "relaunch", "hot: a flip went unnoticed", "warn"],
    ["2.1.328", "broken", "hot: no. relaunch: no.", "bad"],
    ["3.0.0", null, null, "unknown"],
  ] as const)("of version %j with verdict %j (%j) is %s", (version, verdict, why, level) => {
    const finding = judgeClient({ command: "/claude", version, verdict, why });
    expect(finding).toMatchObject({ code: "client", level });
    if (why !== null) expect(finding.text).toContain(why);
  });
});

describe("settings", () => {
  const layers = [
    layer("user", { cleanupPeriodDays: 5, disableAllHooks: "yes" }),
    layer("project", null),
    layer("local", { cleanupPeriodDays: 7 }),
    layer("managed", {}, true),
  ];

  test("are those of the strongest layer that sets them to a value of the kind", () => {
    expect(valueInForce(layers, "cleanupPeriodDays", "number")).toEqual({
      value: 7,
      path: "local",
    });
    expect(valueInForce(layers, "disableAllHooks", "boolean")).toBeNull();
  });

  test("that cannot be read are named once", () => {
    const all = [null, "/src"].map((cwd) => ({ account: "one", cwd, layers }));
    expect(unreadable(all)).toEqual(["project"]);
  });
});

describe("how long transcripts are kept", () => {
  const of = (...days: (number | null)[]) =>
    days.map((each, index) => ({ account: `a${index}`, days: each }));

  test.each([
    [of(null, null), "ok", "for 30 days"],
    [of(null, 30), "ok", "for 30 days"],
    [of(90, 90), "ok", "for 90 days"],
    [of(null, 90), "warn", "(30 days): a0 30 (the default), a1 90."],
    [of(90, 7), "warn", "(7 days): a0 90, a1 7."],
  ])("%j: %s", (accounts, level, text) => {
    const found = judgeRetention(accounts);
    expect(found).toMatchObject({ code: "retention", level });
    expect(found.text).toContain(text);
  });
});

describe("who continues at a reset", () => {
  const of = (...values: (boolean | null)[]) =>
    values.map((value, index) => ({ account: `a${index}`, cwd: null, value }));

  test.each([
    [of(false, false), "ok", "alone"],
    [of(false, null), "warn", "not set, which means on: a1"],
    [of(true, false), "warn", "is on: a0"],
    [of(true, null), "warn", "is on: a0, a1"],
  ])("%j: %s", (all, level, text) => {
    const found = judgeOneDriver(all);
    expect(found).toMatchObject({ code: "oneDriver", level });
    expect(found.text).toContain(text);
  });
});

describe("hooks", () => {
  test.each([
    [[], ["ok"]],
    [
      [layer("u", { disableAllHooks: false }), layer("m", { allowManagedHooksOnly: false }, true)],
      ["ok"],
    ],
    [[layer("u", { disableAllHooks: true }), layer("u", { disableAllHooks: true })], ["bad"]],
    [[layer("m", { disableAllHooks: true }, true)], ["bad"]],
    [[layer("m", { allowManagedHooksOnly: true }, true)], ["bad"]],
    // Honoured in an administrator's settings alone.
    [[layer("u", { allowManagedHooksOnly: true })], ["ok"]],
    [[layer("u", null)], ["ok"]],
  ])("%j: %j", (layers, levels) => {
    expect(judgeHooks(layers).map(({ level }) => level)).toEqual(levels);
  });
});

describe("the environment of the tmux server", () => {
  test.each([
    [null, "ok"],
    [["PATH=/bin", "-CLAUDE_CONFIG_DIR", "CLAUDE_CONFIG_DIRS=/x"], "ok"],
    [["PATH=/bin", "CLAUDE_CONFIG_DIR=/x"], "bad"],
    [["CLAUDE_CONFIG_DIR="], "bad"],
  ])("%j: %s", (lines, level) => {
    expect(judgeTmuxEnvironment(lines, "s")).toMatchObject({ code: "tmuxEnvironment", level });
  });
});
