import { describe, expect, test } from "vitest";
import { find, plain, read, tableRows } from "./read-docs.ts";

/**
 * Types that are no literal where they are emitted, by the words of that place. Whoever adds one
 * writes its values here.
 */
const COMPUTED: Readonly<Record<string, readonly string[]>> = {
  // daemon/continuer.ts
  type: ["session.continued", "session.notContinued"],
  // daemon/controller.ts: every kind of SwitchoverResult
  "`switchover.${result.kind}`": [
    "switchover.committed",
    "switchover.refused",
    "switchover.rolledBack",
    "switchover.held",
  ],
  // daemon/proposals.ts: how a proposal ended
  "`proposal.${how}`": [
    "proposal.confirmed",
    "proposal.declined",
    "proposal.expired",
    "proposal.withdrawn",
  ],
};

interface Emit {
  readonly file: string;
  /** The first argument as it is written. */
  readonly type: string;
  /** The keys of the second, null where they are not written there. */
  readonly keys: readonly string[] | null;
}

const emits = find("src/**/*.ts").flatMap((file) => emitsOf(file, read(file)));
const emitted = new Set(emits.flatMap(({ type }) => valuesOf(type) ?? []));
const rows = tableRows(read("docs/events.md")).map(([type = "", data = ""]) => ({
  type: plain(type),
  keys: [...data.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ""),
}));

describe("docs/events.md", () => {
  test("knows how to read the type of every event that src emits", () => {
    const unknown = emits.filter(({ type }) => valuesOf(type) === null);
    const say = "write the values of this first argument into COMPUTED of this test";
    expect(unknown.map(({ file, type }) => `${file}: ${type}: ${say}`)).toEqual([]);
    expect(
      Object.keys(COMPUTED).filter((type) => !emits.some((each) => each.type === type)),
    ).toEqual([]);
  });

  test("explains every event that is emitted", () => {
    const missing = [...emitted].filter((type) => !rows.some((row) => row.type === type));
    const say = "add a row to docs/events.md with its data's keys and when it happens";
    expect(missing.map((type) => `${type}: ${say}`)).toEqual([]);
  });

  test("explains no event that nothing emits, and none twice", () => {
    const types = rows.map(({ type }) => type);
    expect(types.filter((type) => !emitted.has(type))).toEqual([]);
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
  });

  test("names the keys that are emitted", () => {
    const told = emits.flatMap(({ file, type, keys }) =>
      (valuesOf(type) ?? []).map((value) => ({
        place: `${file}: ${value}`,
        emitted: keys?.toSorted(),
        written: rows.find((row) => row.type === value)?.keys.toSorted(),
      })),
    );
    const known = told.filter(({ emitted: keys }) => keys !== undefined);
    expect(known.length).toBeGreaterThan(10);
    expect(known.map(({ place, written }) => ({ place, keys: written }))).toEqual(
      known.map(({ place, emitted: keys }) => ({ place, keys })),
    );
  });
});

function emitsOf(file: string, source: string): Emit[] {
  return [...source.matchAll(/\bstore\.emit\(/g)].map((match) => {
    const [type = "", data = ""] = argumentsAt(source, match.index + match[0].length);
    return { file, type, keys: keysOf(data) };
  });
}

/** `"a"`, or `x ? "a" : "b"`, or one that COMPUTED knows; null for anything else. */
function valuesOf(type: string): readonly string[] | null {
  const literals = [...type.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  if (literals.length > 0) return literals;
  return COMPUTED[type] ?? null;
}

/** The arguments of the call whose bracket was opened before `from`, as they are written. */
function argumentsAt(source: string, from: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < source.length; at++) {
    const letter = source[at] ?? "";
    const ends = depth === 0 && ")]}".includes(letter);
    if (ends || (depth === 0 && letter === ",")) {
      found.push(source.slice(start, at).trim());
      start = at + 1;
    }
    if (ends) break;
    if ("([{".includes(letter)) depth++;
    if (")]}".includes(letter)) depth--;
  }
  return found;
}

function keysOf(data: string): string[] | null {
  if (data === "null") return [];
  if (!data.startsWith("{") || data.includes("...")) return null;
  return argumentsAt(data, 1)
    .filter((part) => part !== "")
    .map((part) => part.split(":")[0]?.trim() ?? "");
}
