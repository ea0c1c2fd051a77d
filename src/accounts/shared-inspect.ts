import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, resolve } from "node:path";
import { errnoOf } from "../errors.ts";
import { entryAt, entryText, type Entry } from "./entry.ts";
import type { SharedProblem, SharedProblemCode, SharedWarning } from "./shared-problems.ts";
import { effectiveLinks, refusedLink, sharedKind, sharedTarget } from "./shared-targets.ts";

/** One account home and what it must share. `links` are added to the required ones. */
export interface SharedPlace {
  readonly account: string;
  readonly home: string;
  readonly links: readonly string[];
  readonly root: string;
}

/** What a look at one home found; a look changes nothing. */
export interface SharedInspection {
  readonly problems: readonly SharedProblem[];
  readonly warnings: readonly SharedWarning[];
  readonly missing: readonly MissingPart[];
  /** Device and inode of the home, null when it is missing or no directory. */
  readonly homeId: string | null;
  /** The home with every link resolved, null as above. */
  readonly realHome: string | null;
}

/** A part that may be created, in the order in which it must be. */
export type MissingPart =
  | { readonly part: "home"; readonly path: string }
  | { readonly part: "target"; readonly path: string; readonly seed: string | null }
  | { readonly part: "link"; readonly path: string; readonly to: string };

/** Looks at a home, its shared links and their targets, without changing anything. */
export function inspectHome(place: SharedPlace): SharedInspection {
  const home = inspectDirectory(place);
  if (home.problems.length > 0) return home;
  const looks = effectiveLinks(place.links).map((link) => inspectLink({ place, link, home }));
  return {
    ...home,
    problems: looks.flatMap((look) => look.problems),
    warnings: [...home.warnings, ...looks.flatMap((look) => look.warnings)],
    missing: [...home.missing, ...looks.flatMap((look) => look.missing)],
  };
}

function inspectDirectory(place: SharedPlace): SharedInspection {
  const { account, home } = place;
  const expected = "a directory";
  const problem = (code: SharedProblemCode, found: string, hint: string): SharedInspection => ({
    ...NOTHING,
    problems: [{ code, account, path: home, found, expected, hint }],
  });
  if (home === "") return problem("noHome", "no home", "Give the account a home.");
  if (!isAbsolute(home)) {
    return problem("homeRelative", "a relative path", "Give the home as an absolute path.");
  }
  const entry = entryAt(home);
  if (entry.kind === "missing") return { ...NOTHING, missing: [{ part: "home", path: home }] };
  if (entry.kind !== "directory" && entry.kind !== "link") {
    const code = entry.kind === "unreadable" ? "unreadable" : "homeNotDirectory";
    return problem(code, entryText(entry), "Move it away, or name another home.");
  }
  try {
    const realHome = realpathSync.native(home);
    const stats = statSync(home, { bigint: true });
    if (!stats.isDirectory()) {
      return problem("homeNotDirectory", entryText(entry), "Name a home that is a directory.");
    }
    // One problem of the home, not one of each link in it.
    accessSync(home, constants.R_OK | constants.X_OK);
    const warnings = modeWarnings({ account, path: home, mode: Number(stats.mode) });
    return { ...NOTHING, realHome, warnings, homeId: `${stats.dev}:${stats.ino}` };
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    const found = `${entryText(entry)} (${errno})`;
    const code = entry.kind === "link" && errno !== "EACCES" ? "homeDangling" : "unreadable";
    return problem(code, found, "Mend the link, or check owner and mode of its directories.");
  }
}

/** Nothing was found, and nothing is missing. */
export const NOTHING: SharedInspection = {
  problems: [],
  warnings: [],
  missing: [],
  homeId: null,
  realHome: null,
};

type Look = Pick<SharedInspection, "problems" | "warnings" | "missing">;
type LookInput = { place: SharedPlace; link: string; home: SharedInspection };
type ProblemInput = { code: SharedProblemCode; found: string; expected: string; hint: string };

function inspectLink({ place, link, home }: LookInput): Look {
  const path = join(place.home, link);
  const { account } = place;
  const problem = (at: string, input: ProblemInput): Look => ({
    problems: [{ account, path: at, ...input }],
    warnings: [],
    missing: [],
  });
  const refused = refusedLink(link);
  if (refused !== null) {
    return problem(path, {
      code: "linkRefused",
      found: `the shared link ${JSON.stringify(link)}`,
      expected: `a name that may be shared: ${refused}`,
      hint: "Take it out of shared.links.",
    });
  }
  const target = sharedTarget(place.root, link);
  const expected = `a link to ${target}`;
  const entry: Entry = home.realHome === null ? { kind: "missing" } : entryAt(path);
  const state = inspectTarget({ account, link, target });
  if (entry.kind === "missing") {
    const missing: MissingPart = { part: "link", path, to: target };
    return { ...state, missing: [...state.missing, missing] };
  }
  if (entry.kind === "unreadable") {
    const hint = "Check owner and mode of the home.";
    return problem(path, { code: "unreadable", found: entryText(entry), expected, hint });
  }
  if (entry.kind !== "link") {
    const hint = `claude-failover adopt ${place.home} makes it shared and loses nothing.`;
    return problem(path, { code: "linkOccupied", found: entryText(entry), expected, hint });
  }
  if (!sameEntry(resolve(home.realHome ?? place.home, entry.to), target)) {
    const hint = `Put what it leads to in its place and adopt ${place.home}, or correct the link.`;
    return problem(path, { code: "linkElsewhere", found: entryText(entry), expected, hint });
  }
  if (state.missing.length > 0) {
    const found = `${entryText(entry)}, where nothing is`;
    const hint = `If ${target} is on a disk that is not mounted, mount it; if it is gone, create it with mode 700.`;
    return problem(path, { code: "linkDangling", found, expected, hint });
  }
  return state;
}

function inspectTarget(at: { account: string; link: string; target: string }): Look {
  const { account, link, target: path } = at;
  const wanted = sharedKind(link);
  const entry = entryAt(path);
  const expected = `a ${wanted.kind}`;
  const found = entryText(entry);
  const problem = (code: SharedProblemCode, hint: string): Look => ({
    problems: [{ code, account, path, found, expected, hint }],
    warnings: [],
    missing: [],
  });
  if (entry.kind === "missing") {
    if (wanted.kind === "file" && wanted.seed === null) {
      return problem("targetMissing", "Create it with the content it should have.");
    }
    const seed = wanted.kind === "file" ? wanted.seed : null;
    return { problems: [], warnings: [], missing: [{ part: "target", path, seed }] };
  }
  if (entry.kind === "unreadable") return problem("unreadable", "Check owner and mode.");
  if (entry.kind === "link") {
    return problem("linkToLink", "A shared link must reach its target in one hop.");
  }
  if (entry.kind !== wanted.kind) return problem("targetWrongKind", "Move it away.");
  const warnings = modeWarnings({ account, path, mode: Number(entry.stats.mode) });
  return { problems: [], warnings, missing: [] };
}

function modeWarnings(at: { account: string; path: string; mode: number }): SharedWarning[] {
  const mode = at.mode & 0o7777;
  if ((mode & 0o077) === 0) return [];
  return [{ code: "openMode", account: at.account, path: at.path, mode }];
}

/** Whether two absolute paths name the same entry of the same directory, the entry not followed. */
function sameEntry(left: string, right: string): boolean {
  if (normalize(left) === normalize(right)) return true;
  if (basename(left) !== basename(right)) return false;
  try {
    return realpathSync.native(dirname(left)) === realpathSync(dirname(right));
  } catch {
    return false;
  }
}
