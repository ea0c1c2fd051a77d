import { describe, expect, it } from "vitest";
import { generalHelp, verbHelp } from "../../../src/cli/help.ts";
import { parseCall } from "../../../src/cli/parse.ts";
import { VERB_GROUPS, VERBS as TABLE } from "../../../src/cli/verbs.ts";

const VERBS = new Map(
  await Promise.all(
    Object.entries(TABLE).map(async ([name, load]) => [name, await load()] as const),
  ),
);

it("there are verbs, each under its own name", () => {
  expect(VERBS.size).toBeGreaterThanOrEqual(9);
  for (const [name, verb] of VERBS) expect(verb.name).toBe(name);
});

it("every verb is in one group of the help", () => {
  expect(Object.values(VERB_GROUPS).flat().toSorted()).toEqual([...VERBS.keys()].toSorted());
});

describe.each([...VERBS.values()])("the help of $name", (verb) => {
  const text = verbHelp(verb);

  it("says how it is called, what it does, and every option it takes", () => {
    const usage = `Usage: claude-failover ${verb.name}${verb.operands === "" ? "" : ` ${verb.operands}`} [options]`;
    expect(text.split("\n")[0]).toBe(usage);
    expect(text.replaceAll(/\n(?=\S)/g, " ")).toContain(verb.summary);
    const options = Object.entries({ ...verb.options, config: null, help: null });
    for (const [name] of options) expect(text).toMatch(new RegExp(`--${name}\\b`));
    for (const [, option] of Object.entries(verb.options))
      expect(option.type === "string").toBe(option.value !== undefined);
  });

  it("has examples, and each can be called as it is written", () => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const example of verb.examples) {
      expect(text).toContain(`  ${example}\n`);
      const [program, name, ...args] = (example.split(" > ")[0] ?? "").split(" ");
      expect([program, name]).toEqual(["claude-failover", verb.name]);
      expect(parseCall(verb, args)).toBeTruthy();
    }
  });

  it("fits a terminal of 80 columns, but for what is copied", () => {
    const lines = text.split("\n").filter((line) => !line.startsWith("  claude-failover "));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("is one sentence about it and ends with a line end", () => {
    expect(verb.summary).toMatch(/^[A-Z].*\.$/);
    expect(text.endsWith("\n")).toBe(true);
  });
});

it("the list of verbs names each with what it does, the version, and every exit status", () => {
  const text = generalHelp([...VERBS.values()], VERB_GROUPS, "1.2.3");
  expect(text).toMatch(/^claude-failover 1\.2\.3\n/);
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  for (const verb of VERBS.values())
    expect(text).toMatch(new RegExp(`^  ${verb.name} +${verb.summary.slice(0, 20)}`, "m"));
  for (const status of ["0 done", "1 fault", "2 usage", "3 nothing to do", "4 refused", "5 held"])
    expect(text).toContain(status);
});
