import { FailoverError } from "../errors.ts";

const PLATFORMS = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
];

interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly isMusl: boolean;
}

/**
 * The npm package that holds the client's program for a machine.
 *
 * @throws CF_DRILL_CLIENT where the vendor publishes none.
 */
export function clientPackage(machine: Machine = thisMachine()): string {
  const name = `${machine.platform}-${machine.arch}${machine.isMusl ? "-musl" : ""}`;
  if (!PLATFORMS.includes(name)) {
    throw new FailoverError("CF_DRILL_CLIENT", `There is no Claude Code package for ${name}.`, {
      hint: "Put claude on the PATH, or use --agent stand-in.",
    });
  }
  return `@anthropic-ai/claude-code-${name}`;
}

/** The first one that is published as a program for each platform. */
const NATIVE_SINCE = "2.1.113";

/** Where a version's program lies: in its platform's package, or before that as a script for Node. */
export function clientProgram(version: string): { package: string; file: string } {
  return newestFirst(version, NATIVE_SINCE) > 0
    ? { package: "@anthropic-ai/claude-code", file: "cli.js" }
    : { package: clientPackage(), file: "claude" };
}

/** Orders versions like 2.1.328 by number, newest first. */
export function newestFirst(left: string, right: string): number {
  return right.localeCompare(left, "en", { numeric: true });
}

function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, isMusl: isMusl() };
}

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}
