import { randomUUID } from "node:crypto";
import { link, mkdir, symlink, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "../errors.ts";
import { syncDirectory, writeNewFile } from "./adopt/durable.ts";
import { entryAt } from "./entry.ts";
import {
  inspectHome,
  NOTHING,
  type MissingPart,
  type SharedInspection,
  type SharedPlace,
} from "./shared-inspect.ts";
import type { SharedProblem, SharedWarning } from "./shared-problems.ts";

/** An account as far as its shared links go. */
export interface AccountHome {
  readonly name: string;
  readonly home: string;
}

/** What a check of one or several homes found, and what it created. */
export interface SharedReport {
  readonly problems: readonly SharedProblem[];
  readonly warnings: readonly SharedWarning[];
  /** Paths that were created, in order. */
  readonly created: readonly string[];
  /** Paths that are missing and may be created; empty after a successful ensure. */
  readonly missing: readonly string[];
}

export interface SharedHomes {
  readonly accounts: readonly AccountHome[];
  /** Configured links, in addition to the required ones. */
  readonly links: readonly string[];
  /** Absolute directory that holds the shared targets. */
  readonly root: string;
}

/**
 * Makes what is missing of one home: the home (0700), shared targets (0700, files 0600) and links
 * (absolute, one hop). A problem anywhere in the home leaves all of it as it was. Safe against
 * others who create or replace the same things: what was made is looked at again at the end.
 *
 * Throws only for faults that no path explains; everything the disk says is a problem value.
 */
export async function ensureHome(options: {
  home: string;
  links: readonly string[];
  root: string;
  account?: string;
}): Promise<SharedReport> {
  const place: SharedPlace = { ...options, account: options.account ?? "" };
  const before = inspectHome(place);
  if (before.problems.length > 0 || before.missing.length === 0) return report([before], []);
  const created: string[] = [];
  for (const part of before.missing) {
    const failed = await create({ part, place, created });
    if (failed !== null) return report([{ ...before, problems: [failed] }], created);
  }
  const after = inspectHome(place);
  return report(
    [{ ...after, problems: [...after.problems, ...moved(place, before, after)] }],
    created,
  );
}

/** Looks at every home and reports every problem of all of them. Changes nothing. */
export function validateAll(homes: SharedHomes): SharedReport {
  return report(inspectAll(homes), []);
}

/**
 * Makes what is missing of every home, but only when no home has a problem: otherwise every problem
 * of every home is reported and nothing is touched.
 */
export async function ensureAll(homes: SharedHomes): Promise<SharedReport> {
  const look = validateAll(homes);
  if (look.problems.length > 0 || look.missing.length === 0) return look;
  const reports: SharedReport[] = [];
  for (const { name, home } of homes.accounts) {
    const { links, root } = homes;
    reports.push(await ensureHome({ home, links, root, account: name }));
  }
  return {
    problems: reports.flatMap((one) => one.problems),
    warnings: distinctWarnings(reports.flatMap((one) => one.warnings)),
    created: reports.flatMap((one) => one.created),
    missing: [...new Set(reports.flatMap((one) => one.missing))],
  };
}

function inspectAll({ accounts, links, root }: SharedHomes): SharedInspection[] {
  const looks = accounts.map(({ name, home }) => inspectHome({ account: name, home, links, root }));
  return [
    ...looks,
    { ...NOTHING, problems: [...noAccounts(accounts), ...sameHomes(accounts, looks)] },
  ];
}

function noAccounts(accounts: readonly AccountHome[]): SharedProblem[] {
  if (accounts.length > 0) return [];
  return [
    {
      code: "noAccount",
      account: "",
      path: "accounts",
      found: "none",
      expected: "at least one account",
      hint: "Configure an account with a home.",
    },
  ];
}

/** Two accounts in one home share one login: the second of each pair is a problem. */
function sameHomes(
  accounts: readonly AccountHome[],
  looks: readonly SharedInspection[],
): SharedProblem[] {
  const seen = new Map<string, string>();
  return accounts.flatMap(({ name, home }, index): SharedProblem[] => {
    const key = looks[index]?.homeId ?? home;
    const first = seen.get(key);
    if (first === undefined || home === "") {
      seen.set(key, name);
      return [];
    }
    const found = `the home of account ${first}`;
    const hint = "Give every account a home of its own.";
    return [{ code: "sameHome", account: name, path: home, found, expected: "its own home", hint }];
  });
}

async function create(options: {
  part: MissingPart;
  place: SharedPlace;
  created: string[];
}): Promise<SharedProblem | null> {
  const { part, place, created } = options;
  try {
    await createPart(part);
    await syncDirectory(dirname(part.path));
    created.push(part.path);
    return null;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    // Somebody else was faster; the look at the end judges what they made.
    if (errno === "EEXIST") return null;
    return {
      code: "cannotCreate",
      account: place.account,
      path: part.path,
      found: `nothing, and it cannot be created (${errno})`,
      expected: part.part === "link" ? `a link to ${part.to}` : `the ${part.part}`,
      hint: "Check owner and mode of its directory, free space, and that the disk is writable.",
    };
  }
}

async function createPart(part: MissingPart): Promise<void> {
  if (part.part === "link") return await symlink(part.to, part.path);
  if (part.part === "home" || part.seed === null) return await createDirectory(part.path);
  await createFile(part.path, part.seed);
}

/**
 * With the directories above it. Not by Node's `recursive`, which never ends where a directory is
 * there and nothing can be made in it (as below /proc).
 */
async function createDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT" || entryAt(dirname(path)).kind !== "missing") {
      throw thrown;
    }
    await createDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

/** The file appears whole or not at all, and never in place of another one. */
async function createFile(path: string, seed: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`;
  await writeNewFile(draft, seed);
  try {
    await link(draft, path);
  } finally {
    await unlink(draft);
  }
}

/** The home that was looked at must be the home in which links were made. */
function moved(
  place: SharedPlace,
  before: SharedInspection,
  after: SharedInspection,
): SharedProblem[] {
  if (before.homeId === null || before.homeId === after.homeId) return [];
  return [
    {
      code: "changedMeanwhile",
      account: place.account,
      path: place.home,
      found: "another directory than a moment ago",
      expected: "a home that stays in place while it is prepared",
      hint: "Find out what replaces the home, then try again.",
    },
  ];
}

function report(looks: readonly SharedInspection[], created: readonly string[]): SharedReport {
  return {
    problems: looks.flatMap((look) => look.problems),
    warnings: distinctWarnings(looks.flatMap((look) => look.warnings)),
    created,
    missing: [...new Set(looks.flatMap((look) => look.missing.map((part) => part.path)))],
  };
}

/** Shared targets are seen once per home; one warning a path is enough. */
function distinctWarnings(warnings: readonly SharedWarning[]): SharedWarning[] {
  return [...new Map(warnings.map((warning) => [warning.path, warning])).values()];
}
