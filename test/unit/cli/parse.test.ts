import { describe, expect, it } from "vitest";
import { hintingAt, parseCall, unknownVerb } from "../../../src/cli/parse.ts";
import { COMMON, type Verb } from "../../../src/cli/verb.ts";
import { VERBS } from "../../../src/cli/verbs.ts";
import { FailoverError } from "../../../src/errors.ts";

const verb: Verb = {
  name: "move",
  summary: "Move it.",
  operands: "[account]",
  mostWords: 1,
  options: {
    "dry-run": { type: "boolean", help: "change nothing" },
    follow: { type: "boolean", short: "f", help: "go on" },
    since: { type: "string", value: "SEQ", help: "only later ones" },
    way: { type: "string", value: "WAY", choices: ["fast", "slow"], help: "how" },
  },
  examples: ["claude-failover move"],
  run: async () => Promise.resolve(0),
};

function errorOf(...args: string[]): { message: string; hint: string; exitStatus: number } {
  try {
    parseCall(verb, args);
  } catch (thrown) {
    if (thrown instanceof FailoverError) return thrown;
  }
  throw new Error("it was no usage error");
}

describe("a call", () => {
  it.each<readonly [readonly string[], object, readonly string[]]>([
    [[], {}, []],
    [["two"], {}, ["two"]],
    [["two", "--dry-run"], { "dry-run": true }, ["two"]],
    [["-f", "--since", "7"], { follow: true, since: "7" }, []],
    [["--since=7"], { since: "7" }, []],
    [["--config", "/c.yaml", "two"], { config: "/c.yaml" }, ["two"]],
    [["--", "--dry-run"], {}, ["--dry-run"]],
  ])("%j is parsed", (args, values, words) => {
    const call = parseCall(verb, args);
    expect(call === "help" ? call : { values: { ...call.values }, words: call.words }).toEqual({
      values,
      words,
    });
  });

  it.each([["--help"], ["-h"], ["two", "three", "--help"]])("%s asks for help", (...args) => {
    expect(parseCall(verb, args)).toBe("help");
  });

  it.each<readonly [string, readonly string[], string]>([
    ["an unknown option", ["--verbose"], "Unknown option '--verbose'."],
    ["a mistyped one", ["--dry-rum"], "Unknown option '--dry-rum'. Did you mean --dry-run?"],
    [
      "a mistyped one with a value",
      ["--sinc=47114711"],
      "Unknown option '--sinc'. Did you mean --since?",
    ],
    ["a mistyped common one", ["--hlep"], "Unknown option '--hlep'. Did you mean --help?"],
    [
      "one that is right before one that is not",
      ["-f", "--confg", "x"],
      "Unknown option '--confg'. Did you mean --config?",
    ],
    [
      "a name that every object has",
      ["--constructor", "--sinc"],
      "Unknown option '--constructor'.",
    ],
    ["an unknown letter", ["-x"], "Unknown option '-x'."],
    ["a value that is missing", ["--since"], "Option '--since <value>' argument missing."],
    [
      "a value that is no use",
      ["--follow=yes"],
      "Option '-f, --follow' does not take an argument.",
    ],
    [
      "a value that is none of its own",
      ["--way", "fsat"],
      "--way takes fast or slow, not fsat. Did you mean fast?",
    ],
    ["a word too many", ["two", "three", "four"], "three is one word too many."],
  ])("with %s is refused", (_what, args, message) => {
    expect(errorOf(...args)).toMatchObject({
      code: "CF_CLI_USAGE",
      message,
      hint: "See claude-failover move --help.",
      exitStatus: 2,
    });
  });

  it("is refused in one sentence, without the parser's advice", () => {
    expect(errorOf("--verbose").message).not.toContain("positional");
  });
});

describe("the first word of a verb that takes only some", () => {
  const choosy = { ...verb, choices: ["show", "cancel", "retry"], unoffered: ["names"] };
  it.each([[], ["show"], ["names"]])("may be %s", (...args) => {
    expect(parseCall(choosy, args)).toMatchObject({ words: args });
  });

  it.each([
    ["shwo", "move takes show, cancel or retry, not shwo. Did you mean show?"],
    ["frobnicate", "move takes show, cancel or retry, not frobnicate."],
  ])("may not be %s", (word, message) => {
    expect(() => parseCall(choosy, [word])).toThrow(message);
  });
});

describe("an error of a verb", () => {
  it("hints at the help of its verb when it is one of usage without a hint of its own", () => {
    const hintOf = (error: FailoverError): string =>
      (hintingAt("move", error) as FailoverError).hint;
    expect(hintOf(new FailoverError("CF_CLI_USAGE", "No."))).toBe(
      "See claude-failover move --help.",
    );
    expect(hintOf(new FailoverError("CF_CLI_USAGE", "No.", { hint: "Say b." }))).toBe("Say b.");
    expect(hintOf(new FailoverError("CF_DAEMON_DOWN", "No."))).toContain("claude-failover run");
  });

  it("that the daemon told ends the call as it would have ended without a daemon", () => {
    const told = (code: string) =>
      new FailoverError("CF_DAEMON_ERROR", "No.", { details: { code } });
    expect(told("CF_API_REQUEST").exitStatus).toBe(2);
    expect(told("CF_INTERNAL").exitStatus).toBe(1);
    expect(told("CF_OF_A_LATER_VERSION").exitStatus).toBe(1);
  });
});

describe("a verb that does not exist", () => {
  const names = ["run", "status", "switchover", "pause", "resume"];
  it.each([
    ["statsu", "There is no command statsu. Did you mean status?"],
    ["swichover", "There is no command swichover. Did you mean switchover?"],
    ["STATUS", "There is no command STATUS. Did you mean status?"],
    ["frobnicate", "There is no command frobnicate."],
    ["--json", "There is no command --json."],
    ["x".repeat(100), `There is no command ${"x".repeat(100)}.`],
  ])("%s suggests the nearest one, if one is near", (word, message) => {
    expect(unknownVerb(word, names)).toMatchObject({ message, exitStatus: 2 });
  });
});

describe("a slip in any verb or option", () => {
  /** A letter left out, one twice, two swapped. */
  const slips = (word: string): string[] => [
    word.slice(0, 2) + word.slice(3),
    word.slice(0, 1) + word,
    word.slice(0, 1) + word.charAt(2) + word.charAt(1) + word.slice(3),
  ];

  it.each(Object.keys(VERBS))("%s is what was meant by words one slip away", (name) => {
    for (const slip of slips(name).filter((each) => !Object.hasOwn(VERBS, each))) {
      const meant = /Did you mean (\S+)\?/.exec(unknownVerb(slip, Object.keys(VERBS)).message)?.[1];
      // No slip of today's verbs is as near to another one; a tie would be told here.
      expect([slip, meant]).toEqual([slip, name]);
    }
  });

  it.each(Object.entries(VERBS))("%s names the option that was meant", async (_name, load) => {
    const own = await load();
    for (const option of Object.keys({ ...own.options, ...COMMON })) {
      const call = (): unknown => parseCall(own, [`--${option.slice(0, 1)}${option}`]);
      expect(call).toThrow(`Did you mean --${option}?`);
    }
  });
});
