import { basename, dirname, join, sep } from "node:path";
import {
  DEFAULT_SHARED_LINKS,
  effectiveLinks,
  refusedLink,
  sharedTarget,
} from "../accounts/shared-targets.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { DEFAULTS } from "./config.ts";
import { pathText, shown, valueAt, type PathStep, type Problem } from "./problem.ts";
import { refusedArgument, refusedVariable } from "./reserved.ts";

/** What a rule may look at. The value is unchecked: a rule passes over what has the wrong type. */
export interface CheckInput {
  readonly value: unknown;
  /** The user's home, absolute. */
  readonly home: string;
  /** A written path made absolute. */
  toPath(text: string): string;
  /** The path with every link on it followed, as far as it exists. */
  realPath(path: string): string;
}

/** What the schema cannot say: everything that concerns more than one value. */
export function checkTogether(input: CheckInput): Problem[] {
  const rules = [
    accountNames,
    homes,
    slot,
    targets,
    sharedLinks,
    sessionNames,
    ownSlots,
    poolSize,
    poolCapabilities,
  ];
  return [
    ...rules,
    sessionIds,
    projects,
    webhooks,
    command,
    clientArguments,
    clientVariables,
  ].flatMap((rule) => rule(input));
}

interface Found<T> {
  readonly path: readonly PathStep[];
  readonly value: T;
}

function texts(value: unknown, list: readonly PathStep[], key?: string): Found<string>[] {
  const items = valueAt(value, list);
  if (!Array.isArray(items)) return [];
  return items.flatMap((_, index) => {
    const path = key === undefined ? [...list, index] : [...list, index, key];
    const found = valueAt(value, path);
    return typeof found === "string" && found !== "" ? [{ path, value: found }] : [];
  });
}

function textAt(value: unknown, path: readonly PathStep[], fallback: string): Found<string> {
  const found = valueAt(value, path);
  return { path, value: typeof found === "string" && found !== "" ? found : fallback };
}

function numberAt(value: unknown, path: readonly PathStep[], fallback: number): number {
  const found = valueAt(value, path);
  return typeof found === "number" ? found : fallback;
}

/** Each value that was there before, with the first of its kind. */
function repeats<T>(
  found: readonly Found<T>[],
  same: (value: T) => string,
): { again: Found<T>; first: Found<T> }[] {
  const seen = new Map<string, Found<T>>();
  return found.flatMap((again) => {
    const first = seen.get(same(again.value));
    if (first !== undefined) return [{ again, first }];
    seen.set(same(again.value), again);
    return [];
  });
}

function accountNames({ value }: CheckInput): Problem[] {
  return repeats(texts(value, ["accounts"], "name"), String).map(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is ${shown(again.value)}, and so is ${pathText(first.path)}`,
    right: "give each account its own name",
  }));
}

function homes(input: CheckInput): Problem[] {
  const found = texts(input.value, ["accounts"], "home");
  const folderOf = (text: string) => input.realPath(input.toPath(text));
  return repeats(found, folderOf).map(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is the same folder as ${pathText(first.path)}`,
    right: "give each account its own home",
  }));
}

/** Where the link itself lies, not what it points to. */
function placeOfLink(input: CheckInput, path: string): string {
  return join(input.realPath(dirname(path)), basename(path));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function slot(input: CheckInput): Problem[] {
  const place = (text: string) => placeOfLink(input, input.toPath(text));
  const link = place(textAt(input.value, ["slot"], DEFAULTS.slot).value);
  const userHome = input.realPath(input.home);
  const problems: Problem[] = [];
  const report = (path: readonly PathStep[], what: string, right: string) =>
    problems.push({ path, at: "value", wrong: `${pathText(path)} ${what}`, right });

  if (isWithin(userHome, link)) {
    report(["slot"], "contains your whole home folder", "name the link to switch, like ~/.claude");
    return problems;
  }
  for (const { path, value } of texts(input.value, ["accounts"], "home")) {
    const home = place(value);
    const other = "name another folder, like ~/.claude-work";
    if (home === link) report(path, "is the slot, which is a link to the active home", other);
    else if (isWithin(home, link)) report(path, "lies inside the slot", other);
    else if (isWithin(link, home)) report(path, "contains the slot", other);
    else if (isWithin(userHome, home)) report(path, "contains your whole home folder", other);
  }
  const root = textAt(input.value, ["shared", "root"], DEFAULTS.sharedRoot);
  if (isWithin(place(root.value), link)) {
    report(root.path, "lies inside the slot", "name a folder that stays when the account changes");
  }
  return problems;
}

/** An account home or the slot where a shared target belongs would be shared with all accounts. */
function targets(input: CheckInput): Problem[] {
  const place = (text: string) => placeOfLink(input, input.toPath(text));
  const root = textAt(input.value, ["shared", "root"], DEFAULTS.sharedRoot).value;
  const links = effectiveLinks(texts(input.value, ["shared", "links"]).map((link) => link.value));
  const shared = links.map((link) => sharedTarget(place(root), link));
  const own = [
    ...texts(input.value, ["accounts"], "home"),
    textAt(input.value, ["slot"], DEFAULTS.slot),
  ];
  return own
    .filter(({ value }) => shared.some((target) => isWithin(place(value), target)))
    .map(({ path }) => ({
      path,
      at: "value",
      wrong: `${pathText(path)} lies in a folder that all accounts share`,
      right: "name another folder, like ~/.claude-work",
    }));
}

function sharedLinks({ value }: CheckInput): Problem[] {
  const list = ["shared", "links"];
  if (!Array.isArray(valueAt(value, list))) return [];
  const found = texts(value, list);
  const refused = found.flatMap<Problem>((link) => {
    const why = refusedLink(link.value);
    if (why === null) return [];
    const wrong = `${pathText(link.path)} is ${shown(link.value)}`;
    return [{ path: link.path, at: "value", wrong, right: `remove it: ${why}` }];
  });
  const twice = repeats(found, String).map<Problem>(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is ${shown(again.value)}, and so is ${pathText(first.path)}`,
    right: "keep one of them",
  }));
  const lacking = DEFAULT_SHARED_LINKS.filter((name) => !found.some((link) => link.value === name));
  if (lacking.length === 0) return [...refused, ...twice];
  const wrong = `shared.links lacks ${lacking.join(", ")}`;
  const right = `add what is lacking: ${DEFAULT_SHARED_LINKS.join(", ")} are always shared`;
  return [...refused, ...twice, { path: list, at: "value", wrong, right }];
}

function sessionNames({ value }: CheckInput): Problem[] {
  const found = texts(value, ["sessions", "dedicated"], "name");
  const twice = repeats(found, String).map<Problem>(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is ${shown(again.value)}, and so is ${pathText(first.path)}`,
    right: "give each session its own name",
  }));
  const range = poolRange(value);
  if (range === null) return twice;
  const inPool = found.filter(({ value: name }) => range.includes(name));
  return [
    ...twice,
    ...inPool.map<Problem>(({ path, value: name }) => ({
      path,
      at: "value",
      wrong: `${pathText(path)} is ${shown(name)}, one of the pool's names (${range.text})`,
      right: "choose a name outside the pool: tasks are dispatched to those",
    })),
  ];
}

interface WrittenSlot {
  readonly path: readonly PathStep[];
  readonly name: string | null;
  readonly isOwn: boolean;
  readonly group: string | null;
  readonly account: string | null;
}

function writtenSlots(value: unknown): WrittenSlot[] {
  const list = ["sessions", "dedicated"];
  const items = valueAt(value, list);
  return (Array.isArray(items) ? items : []).map((_, index) => {
    const path = [...list, index];
    const at = (key: string): string | null => textAt(value, [...path, key], "").value || null;
    const isOwn = at("slot") === "own";
    return { path, name: at("name"), isOwn, group: at("group"), account: at("account") };
  });
}

/** What belongs to an own slot only, and which sessions share one. */
function ownSlots({ value }: CheckInput): Problem[] {
  const found = writtenSlots(value);
  const known = texts(value, ["accounts"], "name").map((account) => account.value);
  const alone = found.filter(({ isOwn, group }) => isOwn && group === null);
  const startOf = (group: string) =>
    found.find((each) => each.isOwn && each.group === group && each.account !== null);
  return found.flatMap<Problem>(({ path, name, isOwn, group, account }) => {
    const problems: Problem[] = [];
    const report = (key: string, what: string, right: string) => {
      const at = [...path, key];
      problems.push({ path: at, at: "value", wrong: `${pathText(at)} ${what}`, right });
    };
    if (!isOwn) {
      const right = "write slot: own beside it, or remove the line";
      if (group !== null) report("group", "is there without slot: own", right);
      if (account !== null) report("account", "is there without slot: own", right);
      return problems;
    }
    if ((group ?? name) === SHARED_SLOT)
      report(group === null ? "name" : "group", "is the name of the shared slot", "choose another");
    if (group !== null && alone.some((each) => each.name === group))
      report("group", `is ${shown(group)}, a session with a slot of its own`, "choose another");
    if (account !== null && known.length > 0 && !known.includes(account))
      report("account", `is ${shown(account)}`, `write one of ${known.join(", ")}`);
    const start = group === null ? undefined : startOf(group)?.account;
    if (account !== null && start !== undefined && account !== start)
      report("account", `is ${shown(account)}, but its group starts at ${start}`, "write one");
    return problems;
  });
}

interface PoolRange {
  readonly text: string;
  includes(name: string): boolean;
  has(index: number): boolean;
}

function poolRange(value: unknown): PoolRange | null {
  const pool = ["sessions", "pool"];
  const written = valueAt(value, pool);
  if (typeof written !== "object" || written === null) return null;
  const prefix = textAt(value, [...pool, "prefix"], DEFAULTS.pool.prefix).value;
  const start = numberAt(value, [...pool, "startIndex"], DEFAULTS.pool.startIndex);
  const end = start + numberAt(value, [...pool, "max"], DEFAULTS.pool.max) - 1;
  const has = (index: number) => index >= start && index <= end;
  const includes = (name: string) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    return /^(0|[1-9]\d*)$/.test(number) && has(Number(number));
  };
  return { text: `${prefix}${start} to ${prefix}${end}`, includes, has };
}

function poolSize({ value }: CheckInput): Problem[] {
  const pool = ["sessions", "pool"];
  if ((valueAt(value, pool) ?? null) === null) return [];
  const min = numberAt(value, [...pool, "min"], DEFAULTS.pool.min);
  const max = numberAt(value, [...pool, "max"], DEFAULTS.pool.max);
  if (min <= max) return [];
  const key = valueAt(value, [...pool, "min"]) === undefined ? "max" : "min";
  const wrong = `sessions.pool has min ${min} above max ${max}`;
  return [{ path: [...pool, key], at: "value", wrong, right: "make min at most max" }];
}

function poolCapabilities({ value }: CheckInput): Problem[] {
  const list = ["sessions", "pool", "capabilities"];
  const found = texts(value, list, "name");
  const twice = repeats(found, String).map<Problem>(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is ${shown(again.value)}, and so is ${pathText(first.path)}`,
    right: "keep one of them, with the sessions of both",
  }));
  const range = poolRange(value);
  const strays = found.flatMap<Problem>((_, index) => {
    const path = [...list, index, "sessions"];
    const numbers = valueAt(value, path);
    if (range === null || !Array.isArray(numbers)) return [];
    const at = numbers.findIndex((each) => typeof each === "number" && !range.has(each));
    if (at < 0) return [];
    const wrong = `${pathText([...path, at])} is ${String(numbers[at])}, no session of the pool`;
    return [{ path: [...path, at], at: "value", wrong, right: `the pool is ${range.text}` }];
  });
  return [...twice, ...strays];
}

function sessionIds({ value }: CheckInput): Problem[] {
  const found = texts(value, ["sessions", "dedicated"], "sessionId");
  return repeats(found, (id) => id.toLowerCase()).map(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is the same conversation as ${pathText(first.path)}`,
    right: "give each session its own, or remove the line",
  }));
}

function projects(input: CheckInput): Problem[] {
  const found = texts(input.value, ["dispatch", "projects"], "path");
  const folderOf = (text: string) => input.realPath(input.toPath(text));
  const list = ["dispatch", "projects"];
  const isForNobody =
    found.length > 0 && (valueAt(input.value, ["sessions", "pool"]) ?? null) === null;
  const wrong = "dispatch.projects is there without sessions.pool";
  const right = "add a pool: tasks are given to its sessions";
  return [
    ...(isForNobody ? [{ path: list, at: "key" as const, wrong, right }] : []),
    ...repeats(found, folderOf).map<Problem>(({ again, first }) => ({
      path: again.path,
      at: "value",
      wrong: `${pathText(again.path)} is the same folder as ${pathText(first.path)}`,
      right: "keep one of them",
    })),
  ];
}

function webhooks({ value }: CheckInput): Problem[] {
  const list = ["notify", "webhook"];
  const found = valueAt(value, list);
  if (!Array.isArray(found)) return [];
  const twice = repeats(texts(value, list, "name"), String).map<Problem>(({ again, first }) => ({
    path: again.path,
    at: "value",
    wrong: `${pathText(again.path)} is ${shown(again.value)}, and so is ${pathText(first.path)}`,
    right: "give each webhook its own name",
  }));
  const wrongs = found.flatMap<Problem>((_, index) => {
    const path = [...list, index];
    const given = ["url", "urlEnv"].filter((key) => valueAt(value, [...path, key]) !== undefined);
    if (given.length === 1) return [];
    const wrong = `${pathText(path)} has ${given.length === 0 ? "no address" : "two addresses"}`;
    return [{ path, at: "value", wrong, right: "write url, or urlEnv and a variable's name" }];
  });
  return [...twice, ...wrongs];
}

function command({ value }: CheckInput): Problem[] {
  const found = valueAt(value, ["claude", "command"]);
  if (typeof found !== "string" || found.includes("/") || !/\s|^-/.test(found)) return [];
  const wrong = "claude.command is not just the name of a program";
  const right = "name the program alone; arguments go to claude.args";
  return [{ path: ["claude", "command"], at: "value", wrong, right }];
}

function clientArguments({ value }: CheckInput): Problem[] {
  const dedicated = valueAt(value, ["sessions", "dedicated"]);
  const lists = (Array.isArray(dedicated) ? dedicated : []).map((_, index) => [
    "sessions",
    "dedicated",
    index,
    "args",
  ]);
  return [["claude", "args"], ...lists]
    .flatMap((list) => texts(value, list))
    .flatMap<Problem>(({ path, value: argument }) => {
      const refused = refusedArgument(argument);
      if (refused === null) return [];
      const wrong = `${pathText(path)} is ${refused.flag}`;
      return [{ path, at: "value", wrong, right: `remove it: ${refused.why}` }];
    });
}

function clientVariables({ value }: CheckInput): Problem[] {
  const env = valueAt(value, ["claude", "env"]);
  if (typeof env !== "object" || env === null || Array.isArray(env)) return [];
  return Object.keys(env).flatMap<Problem>((name) => {
    // The schema library leaves this one name out without a word.
    const why = name === "__proto__" ? "it is no name of a variable" : refusedVariable(name);
    if (why === null) return [];
    const path = ["claude", "env", name];
    return [{ path, at: "key", wrong: `claude.env sets ${name}`, right: `remove it: ${why}` }];
  });
}
