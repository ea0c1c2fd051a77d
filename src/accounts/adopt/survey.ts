import { lstatSync, realpathSync } from "node:fs";
import { statfs, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { FailoverError } from "../../errors.ts";
import { entryAt, entryText } from "../entry.ts";
import { effectiveLinks, sharedKind, sharedTarget } from "../shared-targets.ts";
import type { AdoptPair, AdoptPlan, AdoptProblem, OnProgress, SlotMove } from "./model.ts";
import { countPairs } from "./count.ts";
import { deviceOf, nearestExisting } from "./device.ts";
import { isFree } from "./slot-owner.ts";
import { walkTree } from "./walk.ts";

export interface AdoptRequest {
  /** Every configured account; the first one's home is the slot while that is a directory. */
  readonly accounts: readonly { readonly name: string; readonly home: string }[];
  /** The homes to adopt, absolute; the slot counts as one while it is a directory. */
  readonly homes: readonly string[];
  readonly slot: string;
  readonly root: string;
  readonly links: readonly string[];
}

/**
 * Looks at the homes and says what an adoption would do. Changes nothing. Everything that stands in
 * the way is a problem value; all of them are reported.
 */
export async function surveyAdopt(
  request: AdoptRequest,
  onProgress: OnProgress = () => undefined,
): Promise<AdoptPlan> {
  const slot = await surveySlot(request);
  const homes = await Promise.all(
    homesOf(request, slot.move).map((home) => surveyHome(home, request)),
  );
  const pairs = homes.flatMap((home) => home.pairs);
  const problems = [...slot.problems, ...homes.flatMap((home) => home.problems)];
  if (problems.length === 0 && pairs.length === 0 && slot.move === null) {
    const text = "Nothing private is left there: every shared link is in place or missing.";
    problems.push({ code: "nothingToAdopt", path: request.homes.join(", "), text });
  }
  const plan = { root: request.root, slotMove: slot.move, pairs };
  if (problems.length > 0) return { ...plan, counts: [], problems };
  return await counted(plan, onProgress);
}

async function counted(
  plan: Omit<AdoptPlan, "counts" | "problems">,
  onProgress: OnProgress,
): Promise<AdoptPlan> {
  try {
    const counts = await countPairs({ ...plan, onProgress });
    const copyBytes = counts.reduce((sum, count) => sum + count.copyBytes, 0);
    return { ...plan, counts, problems: await spaceProblems(plan.root, copyBytes) };
  } catch (thrown) {
    if (!(thrown instanceof FailoverError)) throw thrown;
    const path = String(thrown.details["path"] ?? plan.root);
    const text = `${thrown.message} ${thrown.hint}`;
    return { ...plan, counts: [], problems: [{ code: "unreadable", path, text }] };
  }
}

async function spaceProblems(root: string, bytes: number): Promise<AdoptProblem[]> {
  if (bytes === 0) return [];
  const { bavail, bsize } = await statfs(await nearestExisting(root));
  if (bavail * bsize > bytes * 1.05) return [];
  const text = `${bytes} bytes must be copied to another disk, and ${bavail * bsize} are free there.`;
  return [{ code: "noSpace", path: root, text }];
}

type Survey = { pairs: AdoptPair[]; problems: AdoptProblem[] };
/** A home under its future name, and where it lies now. */
type HomePlace = { home: string; now: string };

function homesOf(request: AdoptRequest, move: SlotMove | null): HomePlace[] {
  const future = request.homes.map((home) =>
    move !== null && home === move.slot ? move.home : linkedHome(home),
  );
  return [...new Set(future)].map((home) => ({
    home,
    now: move !== null && home === move.home ? move.slot : home,
  }));
}

/** A home that is named through a link, as the slot is, is meant itself. */
function linkedHome(home: string): string {
  try {
    return lstatSync(home).isSymbolicLink() ? realpathSync(home) : home;
  } catch {
    return home;
  }
}

async function surveySlot(
  request: AdoptRequest,
): Promise<{ move: SlotMove | null; problems: AdoptProblem[] }> {
  const { slot, homes, accounts } = request;
  const first = accounts[0];
  const none = { move: null, problems: [] };
  if (first === undefined || !(homes.includes(slot) || homes.includes(first.home))) return none;
  if (entryAt(slot).kind !== "directory" || slot === first.home) return none;
  const home = entryAt(first.home);
  const move = { slot, home: first.home, hadEmptyHome: home.kind === "directory" };
  const problem = (
    code: AdoptProblem["code"],
    text: string,
  ): { move: null; problems: AdoptProblem[] } => ({
    move: null,
    problems: [{ code, path: first.home, text }],
  });
  if (!isFree(first.home)) {
    if (!homes.includes(slot)) return none;
    return problem(
      "slotAndHome",
      `${slot} is a directory and ${first.home} holds something too: which of them is account ` +
        `${first.name}? Move the other one away, or give the account another home.`,
    );
  }
  if ((await deviceOf(slot)) !== (await deviceOf(dirname(first.home)))) {
    return problem(
      "slotOtherDevice",
      `${first.home} is on another disk than ${slot}; choose a home beside it.`,
    );
  }
  const leading = dirname(slot) === dirname(first.home) ? null : linkThatLeadsOut(slot);
  if (leading !== null) {
    return problem(
      "slotRelativeLink",
      `${leading} is a relative link that leads out of ${slot} and would break; choose a home in ${dirname(slot)}.`,
    );
  }
  return { move, problems: [] };
}

function linkThatLeadsOut(tree: string): string | null {
  for (const entry of walkTree(tree)) {
    if (entry.facts.kind !== "link" || isAbsolute(entry.facts.to)) continue;
    const at = join(tree, entry.path);
    if (relative(tree, resolve(dirname(at), entry.facts.to)).startsWith("..")) return at;
  }
  return null;
}

async function surveyHome(place: HomePlace, request: AdoptRequest): Promise<Survey> {
  const { home, now } = place;
  const entry = entryAt(now);
  if (entry.kind === "missing" || !(await isDirectory(now))) {
    const text = `${home} is ${entryText(entry)}; name the home of an account.`;
    return { pairs: [], problems: [{ code: "homeUnusable", path: home, text }] };
  }
  const label = request.accounts.find((account) => account.home === home)?.name ?? basename(home);
  const looks = await Promise.all(
    effectiveLinks(request.links).map((link) => surveyLink({ place, label, link, request })),
  );
  return {
    pairs: looks.flatMap((look) => look.pairs),
    problems: looks.flatMap((look) => look.problems),
  };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function surveyLink(at: {
  place: HomePlace;
  label: string;
  link: string;
  request: AdoptRequest;
}): Promise<Survey> {
  const { place, label, link, request } = at;
  const { kind } = sharedKind(link);
  const path = join(place.home, link);
  const now = join(place.now, link);
  const target = sharedTarget(request.root, link);
  const problem = (code: AdoptProblem["code"], text: string): Survey => ({
    pairs: [],
    problems: [{ code, path, text }],
  });
  const entry = entryAt(now);
  if (entry.kind === "missing") return { pairs: [], problems: [] };
  if (entry.kind === "link") {
    if (await leadsTo(now, entry.to, target)) return { pairs: [], problems: [] };
    const text = `${path} is a link to ${entry.to}, not to ${target}. Put what it holds into the home, or correct the link.`;
    return problem("linkElsewhere", text);
  }
  if (entry.kind !== kind) {
    return problem("unreadable", `${path} is ${entryText(entry)}, not a ${kind}.`);
  }
  const there = entryAt(target);
  if (there.kind !== "missing" && there.kind !== kind) {
    return problem("targetUnusable", `${target} is ${entryText(there)}, not a ${kind}.`);
  }
  if ((await deviceOf(now)) !== (await deviceOf(place.now))) {
    return problem("mountPoint", `${path} is a disk of its own and cannot be moved away.`);
  }
  return { pairs: [{ label, home: place.home, link, kind, path, target }], problems: [] };
}

async function leadsTo(path: string, text: string, target: string): Promise<boolean> {
  const pointed = resolve(dirname(path), text);
  if (pointed === target) return true;
  const [one, other] = await Promise.all(
    [pointed, target].map((each) => realpath(each).catch(() => null)),
  );
  return one !== null && one === other;
}
