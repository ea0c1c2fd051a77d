import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appendLine } from "../accounts/adopt/durable.ts";
import { rfc3339, type Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";

/** One thing that setting up did, so that it can be told and taken back. */
export type SetupFact =
  | { readonly did: "madeDirectory"; readonly path: string }
  | { readonly did: "wroteConfig"; readonly path: string; readonly before: string | null }
  | { readonly did: "relinked"; readonly path: string; readonly to: string }
  | { readonly did: "adopted"; readonly directory: string }
  | { readonly did: "installedService"; readonly path: string }
  /** Written before; with no `uninstalled` after it, it was not finished. */
  | { readonly did: "uninstalling"; readonly home: string }
  | { readonly did: "uninstalled"; readonly home: string };

const FILE = "setup.jsonl";

/** Writes down what was done; durable when this returns. */
export async function recordSetup(stateDir: string, clock: Clock, fact: SetupFact): Promise<void> {
  await appendLine(join(stateDir, FILE), JSON.stringify({ at: rfc3339(clock.now()), ...fact }));
}

/** The home of an uninstall that was begun and not finished, or null. */
export function unfinishedUninstall(stateDir: string): string | null {
  const last = lastUninstall(stateDir);
  return last?.did === "uninstalling" ? last.home : null;
}

/** The home that the last uninstall made a plain folder of, or was about to; null for none. */
export function uninstalledHome(stateDir: string): string | null {
  return lastUninstall(stateDir)?.home ?? null;
}

function lastUninstall(stateDir: string) {
  return readSetup(stateDir).findLast(
    (fact) => fact.did === "uninstalling" || fact.did === "uninstalled",
  );
}

function readSetup(stateDir: string): readonly SetupFact[] {
  try {
    const lines = readFileSync(join(stateDir, FILE), "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as SetupFact);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
