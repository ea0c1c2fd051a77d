import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import { shown, type PathStep, type PlacedProblem } from "./problem.ts";
import { syntaxProblem } from "./yaml-errors.ts";

/** The content of a YAML text, and where each part of it stands. */
export interface YamlContent {
  readonly value: unknown;
  /** Problems that leave the content readable, like a key that is there twice. */
  readonly problems: readonly PlacedProblem[];
  /** Line and column (from 1) of a key or value; of the nearest map around it when it is missing. */
  readonly place: (
    path: readonly PathStep[],
    at: "key" | "value",
  ) => { line: number; column: number };
}

export type YamlOutcome =
  | { readonly ok: true; readonly content: YamlContent }
  | { readonly ok: false; readonly problems: readonly PlacedProblem[] };

/** More than any person writes; what an alias stands for is multiplied by every alias in it. */
const MAX_ALIASES = 100;

/** Reads one YAML document. Never throws, and never repeats the text of a line. */
export function readYaml(text: string): YamlOutcome {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    // The library compares every key with every other; our own look is linear.
    uniqueKeys: false,
  });
  const place = (offset: number) => placeOf(lines, offset);
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    ...place(error.pos[0]),
    ...syntaxProblem(error),
  }));
  if (syntax.length > 0) return { ok: false, problems: firstPerLine(syntax) };
  const nodes = look(document);
  const aliases = aliasProblems(document, nodes.aliases, place);
  if (aliases.length > 0) return { ok: false, problems: aliases };
  return contentOf({ document, nodes, place });
}

interface Nodes {
  readonly aliases: Alias[];
  readonly repeated: { key: string; offset: number; first: number }[];
}

type PlaceOf = (offset: number) => { line: number; column: number };

function placeOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** A broken line makes the parser stumble again on the same line; the first word is the true one. */
function firstPerLine(problems: readonly PlacedProblem[]): PlacedProblem[] {
  const seen = new Map<number, PlacedProblem>();
  for (const problem of problems) if (!seen.has(problem.line)) seen.set(problem.line, problem);
  return [...seen.values()];
}

function look(document: Document): Nodes {
  const nodes: Nodes = { aliases: [], repeated: [] };
  visit(document, {
    Alias: (_, alias) => {
      nodes.aliases.push(alias);
    },
    Map: (_, map) => {
      nodes.repeated.push(...repeatedKeys(map));
    },
  });
  return nodes;
}

function repeatedKeys(map: YAMLMap): Nodes["repeated"] {
  const repeated: Nodes["repeated"] = [];
  const seen = new Map<string, number>();
  for (const pair of map.items) {
    const key = keyOf(pair);
    const offset = offsetOf(pair.key) ?? 0;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, offset);
    else repeated.push({ key, offset, first });
  }
  return repeated;
}

function aliasProblems(document: Document, aliases: Alias[], place: PlaceOf): PlacedProblem[] {
  const excess = aliases[MAX_ALIASES];
  if (excess) return [{ ...place(offsetOf(excess) ?? 0), ...TOO_MANY_ALIASES }];
  return aliases
    .filter((alias) => alias.resolve(document) === undefined)
    .map((alias) => ({
      ...place(offsetOf(alias) ?? 0),
      wrong: `nothing is named &${shown(alias.source).slice(1, -1)} before this *alias`,
      right: "name it first, or put the text in quotes if it is no alias",
    }));
}

const TOO_MANY_ALIASES = {
  wrong: "aliases (*name) repeat too much",
  right: `write the values out; ${MAX_ALIASES} aliases are the most`,
};

function contentOf(options: { document: Document; nodes: Nodes; place: PlaceOf }): YamlOutcome {
  const { document, nodes, place } = options;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    const offset = offsetOf(nodes.aliases[0]) ?? 0;
    return { ok: false, problems: [{ ...place(offset), ...TOO_MANY_ALIASES }] };
  }
  const problems = nodes.repeated.map(({ key, offset, first }) => ({
    ...place(offset),
    wrong: `the key ${shown(key)} is there twice, first in line ${place(first).line}`,
    right: "keep one of them",
  }));
  const locate: YamlContent["place"] = (path, at) => place(offsetAt(document, path, at));
  return { ok: true, content: { value, problems, place: locate } };
}

/** Where a path stands; as far along it as the file goes. */
function offsetAt(document: Document, path: readonly PathStep[], at: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const inner = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(inner) && inner.items.findLast((item) => keyOf(item) === String(step));
    if (pair) {
      node = pair.value;
      const key = offsetOf(pair.key) ?? offset;
      const onKey = isNothing(pair.value) || (at === "key" && index === path.length - 1);
      offset = onKey ? key : (offsetOf(pair.value) ?? key);
    } else if (isSeq(inner) && typeof step === "number" && inner.items[step] !== undefined) {
      node = inner.items[step];
      offset = offsetOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

/** A key without a value has a value of no length, somewhere behind the key. */
function isNothing(node: unknown): boolean {
  return !isNode(node) || (isScalar(node) && node.value === null && node.source === "");
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
