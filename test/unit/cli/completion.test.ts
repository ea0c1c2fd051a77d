import { expect, it } from "vitest";
import { bashCompletion } from "../../../src/cli/completion-bash.ts";
import { fishCompletion } from "../../../src/cli/completion-fish.ts";
import { optionsOf } from "../../../src/cli/completion-model.ts";
import { zshCompletion } from "../../../src/cli/completion-zsh.ts";
import { manPage } from "../../../src/cli/man.ts";
import type { Verb } from "../../../src/cli/verb.ts";
import { allVerbs } from "../../../src/cli/verbs.ts";

const VERBS = await allVerbs();
const PAGE = manPage(VERBS, { version: "1.2.3", date: "2026-11-28" });

it.each(VERBS)("bash completes $name and each of its options", (verb) => {
  const lines = bashCompletion(VERBS).split("\n");
  expect(lines.find((line) => line.includes(" help --help --version"))).toMatch(
    new RegExp(`[ ']${verb.name} `),
  );
  const options = lines.find((line) => line.includes(`    ${verb.name}:-*)`)) ?? "";
  for (const [name, { type }] of optionsOf(verb)) {
    expect(options.replace("'", " ").split(/[ ']/)).toContain(`--${name}`);
    const value = lines.filter((line) => new RegExp(`^ {4}${verb.name}:--${name}[ )]`).test(line));
    expect(value).toHaveLength(type === "string" ? 1 : 0);
  }
});

it.each(VERBS)("zsh completes $name and each of its options", (verb) => {
  const lines = zshCompletion(VERBS).split("\n");
  expect(lines.filter((line) => line.startsWith(`    '${verb.name}:`))).toHaveLength(1);
  const spec = lines.find((line) => line.startsWith(`        ${verb.name}) _arguments`)) ?? "";
  for (const [name, { type }] of optionsOf(verb))
    expect(spec).toContain(`'--${name}${type === "string" ? "=" : ""}[`);
});

it.each(VERBS)("fish completes $name and each of its options", (verb) => {
  const lines = fishCompletion(VERBS).split("\n");
  expect(lines.filter((line) => line.includes(` -a ${verb.name} -d '`))).toHaveLength(1);
  const own = lines.filter((line) => line.includes(`_is ${verb.name}'`));
  for (const [name] of optionsOf(verb))
    expect(own.filter((line) => line.includes(`-l ${name} `))).toHaveLength(1);
});

it.each(VERBS)("the man page has $name, each of its options and its examples", (verb) => {
  const bare = PAGE.replaceAll("\\-", "-").replaceAll(/\\f[IR]/g, "");
  const section = bare
    .split("\n.S")
    .find((part) => part.startsWith(`S claude-failover ${verb.name}`));
  for (const [name] of optionsOf(verb))
    expect(section).toMatch(new RegExp(`^\\.B .*--${name}`, "m"));
  for (const example of verb.examples)
    expect(section).toContain(`\n${example.replaceAll("\\", "\\e")}\n`);
});

it("offers names for operands, words for choices, and quotes what a shell would read", () => {
  const verb: Verb = {
    name: "move",
    summary: "Move: the 'fleet' [now].",
    operands: "[account]",
    mostWords: 1,
    options: {
      way: {
        type: "string",
        short: "w",
        value: "WORD",
        choices: ["hot", "cold"],
        help: "it's how",
      },
    },
    examples: ["claude-failover move"],
    run: async () => Promise.resolve(0),
  };
  const bash = bashCompletion([verb]);
  expect(bash).toContain("move:--way | move:-w) _claude_failover_words 'hot cold'; return ;;");
  expect(bash).toContain("move:*) _claude_failover_names accounts ;;");
  const zsh = zshCompletion([verb]);
  expect(zsh).toContain(`'move:Move, the '\\''fleet'\\'' now'`);
  expect(zsh).toContain(`'--way=[it'\\''s how]:WORD:(hot cold)'`);
  expect(zsh).toContain("'*:account:{_claude_failover_names accounts}'");
  const fish = fishCompletion([verb]);
  expect(fish).toContain(`-s w -l way -x -a 'hot cold' -d 'it\\'s how'`);
});

it("no text of the man page becomes a request of its formatter", () => {
  const requests = PAGE.split("\n").filter((line) => /^[.']/.test(line));
  for (const line of requests) expect(line).toMatch(/^\.(TH|SH|SS|TP|PP|RS|RE|nf|fi|B|I)\b/);
});

it("fish goes by the first word, as a later one may be called as another command is", () => {
  const told = fishCompletion(VERBS).split("\n");
  const conditions = told.flatMap((line) => / -n '(\S+)/.exec(line)?.[1] ?? []);
  expect(new Set(conditions)).toEqual(new Set(["__claude_failover_is"]));
  expect(told).toContain('  test "$words[2]" = "$argv[1]"');
});

it("help is followed by a command in every shell", () => {
  const [bash, zsh, fish] = [bashCompletion, zshCompletion, fishCompletion].map((of) => of(VERBS));
  expect(bash).toMatch(/^ {4}help:\*\) _claude_failover_words 'run status /m);
  expect(zsh).toMatch(/^ {8}help\) _describe -t commands command verbs ;;$/m);
  expect(fish).toMatch(/ -n '__claude_failover_is help' -a 'run status /);
});
