import { lstatSync, realpathSync } from "node:fs";
import { slotOwnerFirst } from "../accounts/adopt/slot-owner.ts";
import type { AdoptRequest } from "../accounts/adopt/survey.ts";
import type { Config } from "../config/config.ts";
import { absolutePath } from "../config/places.ts";
import { FailoverError } from "../errors.ts";

/**
 * What an adoption is asked for. Words are names of accounts, or paths of their homes or of the
 * slot; without words every home that is there is meant, and the slot while it is a directory.
 * Throws CF_ACCOUNT_ADOPT_HOME for a path that is no account's home: its `projects/` is not ours.
 */
export function adoptRequest(options: {
  readonly config: Config;
  readonly words: readonly string[];
  readonly home: string;
  readonly cwd: string;
  /** The home that an uninstall made the folder in the slot of, or null. */
  readonly left: string | null;
}): AdoptRequest {
  const { config, words, home, cwd, left } = options;
  const accounts = slotOwnerFirst(config.accounts, left);
  const named = words.map((word) => homeOf({ word, config, home, cwd }));
  return {
    accounts: accounts.map((account) => ({ name: account.name, home: account.home })),
    homes: words.length === 0 ? everyHome(config) : [...new Set(named)],
    slot: config.slot,
    root: config.shared.root,
    links: config.shared.links,
  };
}

function homeOf(at: { word: string; config: Config; home: string; cwd: string }): string {
  const { word, config, home, cwd } = at;
  const byName = config.accounts.find(({ name }) => name === word);
  if (byName !== undefined) return byName.home;
  const path = absolutePath({ text: word, home, base: cwd });
  const known = [...config.accounts.map((account) => account.home), config.slot];
  const found = known.find((each) => each === path) ?? known.find((each) => isSame(each, path));
  if (found !== undefined) return found;
  throw new FailoverError(
    "CF_ACCOUNT_ADOPT_HOME",
    `${path} is neither the home of a configured account nor the slot.`,
    { details: { path } },
  );
}

function everyHome(config: Config): string[] {
  const homes = config.accounts.map(({ home }) => home).filter(isThere);
  return isDirectory(config.slot) ? [...new Set([config.slot, ...homes])] : homes;
}

function isSame(one: string, other: string): boolean {
  const real = realPath(one);
  return real !== null && real === realPath(other);
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
