#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { asFailoverError, EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { generalHelp, verbHelp } from "./help.ts";
import { nearest } from "../config/suggest.ts";
import { COMMON, parseConfigOf, type Call, type Verb } from "./verb.ts";

/** Loaded only when asked for: what `status` does not use, `status` does not pay for. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  run: async () => (await import("./run.ts")).run,
  status: async () => (await import("./status.ts")).status,
  switchover: async () => (await import("./switchover.ts")).switchover,
  pause: async () => (await import("./pause.ts")).pause,
  resume: async () => (await import("./pause.ts")).resume,
  recover: async () => (await import("./recover.ts")).recover,
  history: async () => (await import("./history.ts")).history,
  events: async () => (await import("./events.ts")).events,
  doctor: async () => (await import("./doctor.ts")).doctor,
  adopt: async () => (await import("./adopt.ts")).adopt,
  demo: async () => (await import("./demo.ts")).demo,
};

async function main(argv: readonly string[]): Promise<ExitStatus> {
  const [word, ...rest] = argv;
  if (word === undefined || word === "help" || word === "--help" || word === "-h") {
    const { ownVersion } = await import("../version.ts");
    const verbs = await Promise.all(Object.values(VERBS).map((load) => load()));
    process.stdout.write(generalHelp(verbs, ownVersion()));
    return word === undefined ? EXIT.usage : EXIT.done;
  }
  if (word === "--version" || word === "-V" || word === "version") {
    const { ownVersion } = await import("../version.ts");
    process.stdout.write(`${ownVersion()}\n`);
    return EXIT.done;
  }
  const load = VERBS[word];
  if (load === undefined) throw unknownVerb(word);
  return runVerb(await load(), rest);
}

async function runVerb(verb: Verb, args: readonly string[]): Promise<ExitStatus> {
  const options = { ...verb.options, ...COMMON };
  const { values, positionals } = parse(verb, args, options);
  if (values.help === true) {
    process.stdout.write(verbHelp(verb));
    return EXIT.done;
  }
  if (positionals.length > verb.mostWords)
    throw usage(verb.name, `${positionals[verb.mostWords] ?? ""} is one word too many.`);
  return verb.run({ values: values as Call["values"], words: positionals });
}

function parse(verb: Verb, args: readonly string[], options: Verb["options"]) {
  try {
    return parseArgs({
      args: [...args],
      options: parseConfigOf(options),
      allowPositionals: true,
      strict: true,
    });
  } catch (thrown) {
    const named = args
      .filter((arg) => arg.startsWith("--"))
      .map((arg) => arg.slice(2).split("=")[0] ?? "");
    const wrong = named.find((name) => name !== "" && !(name in options));
    const near = wrong === undefined ? null : nearest(wrong, Object.keys(options));
    const message = thrown instanceof Error ? (thrown.message.split(". ")[0] ?? "") : "";
    throw usage(verb.name, near === null ? `${message}.` : `${message}. Did you mean --${near}?`);
  }
}

function usage(verb: string, message: string): FailoverError {
  return new FailoverError("CF_CLI_USAGE", message, {
    hint: `See claude-failover ${verb} --help.`,
  });
}

function unknownVerb(word: string): FailoverError {
  const near = nearest(word, Object.keys(VERBS));
  const mean = near === null ? "" : ` Did you mean ${near}?`;
  return new FailoverError("CF_CLI_USAGE", `There is no command ${word}.${mean}`);
}

/** Compiled code lies with our other caches, not in the system's temp folder, unless told otherwise. */
function compileCache(env: NodeJS.ProcessEnv): string | undefined {
  const home =
    env.XDG_CACHE_HOME ?? (env.HOME === undefined ? undefined : join(env.HOME, ".cache"));
  return env.NODE_COMPILE_CACHE === undefined && home !== undefined
    ? join(home, "claude-failover", "compiled")
    : undefined;
}

function report(thrown: unknown): ExitStatus {
  const error = asFailoverError(thrown);
  process.stderr.write(`Error: ${error.message}\nTry: ${error.hint}\n`);
  if (error.code === "CF_INTERNAL" && error.cause instanceof Error)
    process.stderr.write(`${error.cause.stack ?? ""}\n`);
  return error.exitStatus;
}

enableCompileCache(compileCache(process.env));
// A reader that went away (`… | head`) is no fault of ours.
process.stdout.on("error", () => process.exit(EXIT.done));
process.exitCode = await main(process.argv.slice(2)).catch(report);
