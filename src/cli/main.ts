#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { asFailoverError, EXIT, type ExitStatus } from "../errors.ts";
import { hintingAt, parseCall, unknownVerb } from "./parse.ts";
import type { Verb } from "./verb.ts";
import { allVerbs, VERB_GROUPS, VERBS } from "./verbs.ts";

async function main(argv: readonly string[]): Promise<ExitStatus> {
  const [word, ...rest] = argv;
  if (word === "help" && rest[0] !== undefined) return main([rest[0], "--help"]);
  if (word === undefined || word === "help" || word === "--help" || word === "-h") {
    const { generalHelp } = await import("./help.ts");
    const { ownVersion } = await import("../version.ts");
    process.stdout.write(generalHelp(await allVerbs(), VERB_GROUPS, ownVersion()));
    return word === undefined ? EXIT.usage : EXIT.done;
  }
  if (word === "--version" || word === "-V" || word === "version") {
    const { ownVersion } = await import("../version.ts");
    process.stdout.write(`${ownVersion()}\n`);
    return EXIT.done;
  }
  const load = Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
  if (load === undefined) throw unknownVerb(word, Object.keys(VERBS));
  return runVerb(await load(), rest);
}

async function runVerb(verb: Verb, args: readonly string[]): Promise<ExitStatus> {
  const call = parseCall(verb, args);
  if (call === "help") {
    const { verbHelp } = await import("./help.ts");
    process.stdout.write(verbHelp(verb));
    return EXIT.done;
  }
  return verb.run(call).catch((thrown: unknown) => {
    throw hintingAt(verb.name, thrown);
  });
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
