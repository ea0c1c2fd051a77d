import { afterAll, beforeAll, expect, test } from "vitest";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";

let rig: DaemonRig;

beforeAll(async () => {
  rig = await daemonRig();
});

afterAll(async () => rig[Symbol.asyncDispose]());

const wrong: Record<string, { args: string[]; says: RegExp; hint: string }> = {
  "an unknown command": {
    args: ["frobnicate"],
    says: /^There is no command frobnicate\.$/,
    hint: "See claude-failover --help.",
  },
  "a mistyped command": {
    args: ["statsu"],
    says: /^There is no command statsu\. Did you mean status\?$/,
    hint: "See claude-failover --help.",
  },
  "an unknown option": {
    args: ["status", "--verbose"],
    says: /^Unknown option '--verbose'\.$/,
    hint: "See claude-failover status --help.",
  },
  "a mistyped option": {
    args: ["switchover", "--dry-rum"],
    says: /^Unknown option '--dry-rum'\. Did you mean --dry-run\?$/,
    hint: "See claude-failover switchover --help.",
  },
  "an unknown letter": {
    args: ["status", "-x"],
    says: /^Unknown option '-x'\.$/,
    hint: "See claude-failover status --help.",
  },
  "an option without its value": {
    args: ["run", "--config"],
    says: /--config.*argument missing\.$/,
    hint: "See claude-failover run --help.",
  },
  "a value where none belongs": {
    args: ["status", "--json=yes"],
    says: /--json.*does not take an argument\.$/,
    hint: "See claude-failover status --help.",
  },
  "a word too many": {
    args: ["pause", "now"],
    says: /^now is one word too many\.$/,
    hint: "See claude-failover pause --help.",
  },
  "a number that is none": {
    args: ["history", "first"],
    says: /^first is not the number of a switchover\.$/,
    hint: "See claude-failover history --help.",
  },
  "an event that is no number": {
    args: ["events", "--since", "yesterday"],
    says: /^--since takes the number of an event\.$/,
    hint: "See claude-failover events --help.",
  },
  "a configuration that is not there": {
    args: ["status", "--config", "/nowhere/config.yaml"],
    says: /^There is no configuration file \/nowhere\/config\.yaml \(named by --config\)\.$/,
    hint: "Call claude-failover init to make one, or name it with --config.",
  },
};

test.each(Object.entries(wrong))("%s is refused with status 2", async (_, { args, says, hint }) => {
  const { status, stdout, stderr } = await rig.call(args);
  const [sentence = "", advice = "", ...rest] = stderr.split("\n");
  expect(sentence.replace(/^Error: /, "")).toMatch(says);
  expect([advice, rest, stdout, status]).toEqual([`Try: ${hint}`, [""], "", 2]);
});

test("without a command it lists the commands and ends with 2, asked for help with 0", async () => {
  const [bare, asked] = [await rig.call([]), await rig.call(["--help"])];
  expect([bare.status, asked.status]).toEqual([2, 0]);
  expect(bare.stdout).toBe(asked.stdout);
  for (const verb of [
    "run",
    "status",
    "switchover",
    "pause",
    "resume",
    "history",
    "events",
    "demo",
  ])
    expect(asked.stdout).toMatch(new RegExp(`^  ${verb} +\\S`, "m"));
});

test("every command says what it is for, its options and examples", async () => {
  const verbs = [...(await rig.call(["help"])).stdout.matchAll(/^ {2}(\w[\w-]*) {2,}/gm)];
  expect(verbs.length).toBeGreaterThan(7);
  for (const [, verb = ""] of verbs) {
    const { status, stdout } = await rig.call([verb, "--help"]);
    expect([verb, status]).toEqual([verb, 0]);
    expect(stdout).toMatch(new RegExp(`^Usage: claude-failover ${verb}`));
    expect(stdout).toContain("Examples:\n  claude-failover ");
  }
  expect(await rig.call(["help", "status"])).toEqual(await rig.call(["status", "--help"]));
});
