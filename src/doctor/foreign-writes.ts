import { join } from "node:path";
import { walkTree, type TreeEntry } from "../accounts/adopt/walk.ts";
import { lstatSync } from "node:fs";
import { rfc3339 } from "../clock.ts";
import type { AccountPeriod } from "../store/account-periods.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";
import { accountsInSlots } from "./slot.ts";

const say = findingsOf("foreignWrites");

/** What somebody wrote into a home while another account was active. */
export interface ForeignWrites {
  readonly account: string;
  readonly home: string;
  /** Since when the home should be at rest, epoch ms. */
  readonly restsSince: number;
  readonly count: number;
  /** The first of them, relative to the home. */
  readonly paths: readonly string[];
  /** The home has more entries than were looked at. */
  readonly isPart: boolean;
}

/** A session that was in the middle of something at a flip may still write for a moment. */
const GRACE_MS = 60_000;
const MOST_ENTRIES = 50_000;
const SHOWN = 3;

/**
 * Whether somebody writes into a home that is not active: a client that was started with it, or a
 * second tool that switches accounts. Shared links are not followed.
 */
export const foreignWritesCheck: Check<Scene> = {
  code: "foreignWrites",
  look: (scene) => {
    const { config, store } = scene;
    const slots = accountsInSlots(scene);
    const periods = slots.flatMap(({ slot }) => store?.periods.of(slot).list() ?? []);
    if (periods.length === 0)
      return [say.unknown("Nothing is recorded yet of which account was active when.")];
    const active = new Set(slots.map(({ account }) => account));
    const resting = config.accounts.filter(({ name }) => !active.has(name));
    return judgeForeignWrites(
      resting.flatMap(({ name, home }) => {
        const restsSince = restingSince(periods, name);
        return restsSince === null ? [] : [lookInto({ account: name, home, restsSince })];
      }),
    );
  },
};

/** Pure. */
export function judgeForeignWrites(homes: readonly ForeignWrites[]): readonly Finding[] {
  const found = homes.filter(({ count }) => count > 0).map(judgeHome);
  if (found.length > 0) return found;
  const part = homes.filter(({ isPart }) => isPart).map(({ home }) => home);
  if (part.length > 0)
    return [say.unknown(`Only the first entries of ${part.join(", ")} were looked at.`)];
  return [say.ok("Nobody wrote into a home that is not active.")];
}

/** Since when an account's home should be at rest, epoch ms; null while it is active. Pure. */
export function restingSince(periods: readonly AccountPeriod[], account: string): number | null {
  const own = periods.filter((period) => period.account === account);
  if (own.some(({ toAt }) => toAt === null)) return null;
  const ends = own.flatMap(({ toAt }) => (toAt === null ? [] : [toAt]));
  // An account that was never active rests since the first record.
  const first = Math.min(...periods.map(({ fromAt }) => fromAt));
  return (ends.length === 0 ? first : Math.max(...ends)) + GRACE_MS;
}

function judgeHome({ account, home, restsSince, count, paths }: ForeignWrites): Finding {
  const files = count === 1 ? "1 file is" : `${count} files are`;
  return say.warn(
    `Account ${account} rests since ${rfc3339(restsSince)}, but ${files} newer in ${home}: ${paths.join(", ")}${count > paths.length ? ", …" : ""}.`,
    `Something uses this home by itself: a client with CLAUDE_CONFIG_DIR=${home}, or a second tool that switches accounts.`,
  );
}

/**
 * What asking a home who it is writes (measured, 2.1.150 to .329), a new login, locks, the originals
 * of an adoption, and what operators write themselves.
 */
const EXPECTED: readonly RegExp[] = [
  /^(\.credentials\.json|\.claude\.json.*|backups|\.oauth_refresh.*|\.claude-adopt-.*)$/,
  /^(settings.*\.json|keybindings\.json|CLAUDE\.md|agents|commands|skills|output-styles)$/,
];

function lookInto(at: { account: string; home: string; restsSince: number }): ForeignWrites {
  const { home, restsSince } = at;
  const paths: string[] = [];
  let count = 0;
  let entries = 0;
  for (const entry of walkTree(home)) {
    entries += 1;
    if (entries > MOST_ENTRIES) return { ...at, count, paths, isPart: true };
    if (!isForeign(home, entry, restsSince)) continue;
    count += 1;
    if (paths.length < SHOWN) paths.push(entry.path);
  }
  return { ...at, count, paths, isPart: false };
}

function isForeign(home: string, { path, facts }: TreeEntry, since: number): boolean {
  const [top = ""] = path.split("/");
  if (facts.kind !== "file" || EXPECTED.some((pattern) => pattern.test(top))) return false;
  const stats = lstatSync(join(home, path), { throwIfNoEntry: false });
  return stats !== undefined && stats.mtimeMs > since;
}
