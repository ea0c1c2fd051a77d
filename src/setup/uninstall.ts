import { rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncDirectory } from "../accounts/adopt/durable.ts";
import { deviceOf } from "../accounts/adopt/device.ts";
import { moveSlotBack } from "../accounts/adopt/swap.ts";
import { entryAt } from "../accounts/entry.ts";
import { effectiveLinks, sharedTarget } from "../accounts/shared-targets.ts";
import type { Config } from "../config/config.ts";
import { FailoverError } from "../errors.ts";
import { replaceLink } from "./replace-link.ts";

/** What makes the slot a plain folder again. Everything is a rename or a link; nothing is copied. */
export interface UninstallPlan {
  readonly slot: string;
  /** The active account's home, which becomes the slot; null where the slot is no link of ours. */
  readonly home: string | null;
  /** Shared folders that go back into that home. */
  readonly unshare: readonly { readonly path: string; readonly target: string }[];
  /** Links of the other homes, which lead there from then on. */
  readonly relink: readonly { readonly path: string; readonly to: string }[];
  readonly problems: readonly string[];
}

/**
 * Looks at what an uninstall would do. Changes nothing.
 *
 * @param begun the home of an uninstall that was begun and not finished, as `setup.jsonl` has it.
 */
export async function planUninstall(config: Config, begun: string | null): Promise<UninstallPlan> {
  const { slot, shared } = config;
  const entry = entryAt(slot);
  const active =
    entry.kind === "link"
      ? homeBehind(config, entry.to)
      : // Killed between the two steps that put the home in the link's place.
        entry.kind === "missing"
        ? begun
        : null;
  if (active === null) {
    const problems =
      entry.kind === "link"
        ? [`${slot} leads to ${entry.to}, which is no configured account's home.`]
        : [];
    return { slot, home: null, unshare: [], relink: [], problems };
  }
  const pairs = effectiveLinks(shared.links).map((link) => ({
    link,
    path: join(active, link),
    target: sharedTarget(shared.root, link),
  }));
  const unshare = [];
  for (const { path, target } of pairs)
    if (await isToUnshare(path, target)) unshare.push({ path, target });
  const relink = [];
  for (const { home } of config.accounts.filter((account) => account.home !== active))
    for (const { link, target } of pairs)
      if (await leadsTo(join(home, link), target))
        relink.push({ path: join(home, link), to: join(slot, link) });
  return {
    slot,
    home: active,
    unshare,
    relink,
    problems: await deviceProblems(active, slot, unshare),
  };
}

function homeBehind(config: Config, to: string): string | null {
  const target = to.startsWith("/") ? to : join(dirname(config.slot), to);
  return config.accounts.find(({ home }) => home === target)?.home ?? null;
}

/** A link to the target, or the gap that a killed uninstall left, while the target is there. */
async function isToUnshare(path: string, target: string): Promise<boolean> {
  const there = entryAt(target);
  if (there.kind !== "directory" && there.kind !== "file") return false;
  return entryAt(path).kind === "missing" || leadsTo(path, target);
}

async function leadsTo(path: string, target: string): Promise<boolean> {
  const entry = entryAt(path);
  return entry.kind === "link" && entry.to === target;
}

/** A rename cannot leave a disk, and a copy could stop half way: then it is a person's work. */
async function deviceProblems(
  home: string,
  slot: string,
  unshare: UninstallPlan["unshare"],
): Promise<string[]> {
  const device = await deviceOf(home);
  const others = [...unshare.map(({ target }) => target), dirname(slot)];
  const problems: string[] = [];
  for (const path of others)
    if ((await deviceOf(path)) !== device)
      problems.push(`${path} is on another disk than ${home}; move it by hand.`);
  return problems;
}

/**
 * Does it, in an order that a killed process may leave anywhere: planned again, the rest is done.
 * The other homes are pointed at the slot first, so that they lead to what is there all the while.
 * Throws CF_ACCOUNT_ADOPT_MEANWHILE when something else came there. Nobody may use the homes.
 */
export async function applyUninstall(
  plan: UninstallPlan,
  onStep: (step: string) => void,
): Promise<void> {
  const { slot, home, unshare, relink } = plan;
  if (home === null) return;
  for (const { path, to } of relink) {
    await replaceLink(path, to);
    onStep("relinked");
  }
  for (const { path, target } of unshare) {
    const entry = entryAt(path);
    if (entry.kind === "link" && entry.to === target) await unlink(path);
    else if (entry.kind !== "missing") throw changed(path);
    await rename(target, path);
    await syncDirectory(dirname(path));
    await syncDirectory(dirname(target));
    onStep("unshared");
  }
  await moveSlotBack({ slot, home, hadEmptyHome: false }, onStep);
}

function changed(path: string): FailoverError {
  return new FailoverError("CF_ACCOUNT_ADOPT_MEANWHILE", `${path} is not what it was.`, {
    details: { path },
  });
}
