import { lstatSync } from "node:fs";
import { ensureAll, validateAll, type SharedReport } from "../accounts/shared-links.ts";
import { problemText } from "../accounts/shared-problems.ts";
import { effectiveLinks } from "../accounts/shared-targets.ts";
import type { Config } from "../config/config.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("sharedLinks");

/** Whether every home shares what it must: without it a conversation splits (client facts 5). */
export const sharedLinksCheck: Check<Scene> = {
  code: "sharedLinks",
  look: async ({ config }) => {
    const report = validateAll(sharedHomes(config));
    return judgeSharedLinks(report, {
      homes: config.accounts.map(({ home }) => home),
      links: effectiveLinks(config.shared.links),
    });
  },
  // A home that is missing altogether may be on a disk that is not mounted: it is not made here.
  fix: async ({ config }) => {
    const accounts = config.accounts.filter(({ home }) => isThere(home));
    const { created } = await ensureAll({ ...sharedHomes(config), accounts });
    return created.map((path) => `Made ${path}.`);
  },
};

/** What `validateAll` is asked with. */
export function sharedHomes(config: Config): Parameters<typeof validateAll>[0] {
  return { accounts: config.accounts, root: config.shared.root, links: config.shared.links };
}

/** Pure. `homes` are the accounts' homes, `links` what each of them shares. */
export function judgeSharedLinks(
  { problems, missing }: Pick<SharedReport, "problems" | "missing">,
  { homes, links }: { readonly homes: readonly string[]; readonly links: readonly string[] },
): readonly Finding[] {
  const absent = missing.filter((path) => homes.includes(path));
  const parts = missing.filter((path) => !absent.some((home) => isBelow(path, home)));
  const found = [
    ...problems.map((problem) => say.bad(`${problemText(problem)}.`, problem.hint)),
    ...absent.map((home) =>
      say.warn(
        `The home ${home} is missing.`,
        "If it is on a disk that is not mounted, mount it; else claude-failover run makes it.",
      ),
    ),
    ...(parts.length === 0 ? [] : [judgeMissing(parts)]),
  ];
  if (found.length > 0) return found;
  return [say.ok(`Every home shares ${links.join(", ")}.`)];
}

/** How many paths are named. */
const SHOWN = 6;

function judgeMissing(parts: readonly string[]): Finding {
  const rest = parts.length > SHOWN ? `, and ${parts.length - SHOWN} more` : "";
  return say.warn(
    `Links or targets are missing: ${parts.slice(0, SHOWN).join(", ")}${rest}.`,
    "claude-failover doctor --fix makes them, as does the next start.",
  );
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
