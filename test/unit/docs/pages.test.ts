import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { VERB_GROUPS } from "../../../src/cli/verbs.ts";
import { blocks, find, pages, plain, read, sections, tableRows } from "./read-docs.ts";

/** Verbs and the files they are in, as the table of the command line has them. */
const verbs = new Map(
  [
    ...read("src/cli/verbs.ts").matchAll(
      /^ {4}"?([\w-]+)"?: async \(\) => \(await import\("\.\/([\w-]+\.ts)"\)\)/gm,
    ),
  ].map(([, verb = "", file = ""]) => [verb, `src/cli/${file}`]),
);

describe.each(pages())("%s", (page) => {
  const text = read(page);

  test("links only to what is there", () => {
    expect(linksOf(text).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  test("names only files of the checkout that exist", () => {
    expect(pathsIn(text).filter((path) => !isThere(path))).toEqual([]);
  });

  test("names no line of a file, which the next edit would move", () => {
    expect(text.match(/\.(?:ts|js|sh|md):\d+|#L\d+/g) ?? []).toEqual([]);
  });

  test("cites only symbols that their file has", () => {
    const cited = [...text.matchAll(/`([\w.]+)`\s+\(`((?:src|test)\/[^`]+\.ts)`\)/g)];
    const wrong = cited.filter(([, symbol = "", path = ""]) => !holds(path, symbol));
    expect(wrong.map(([words]) => words)).toEqual([]);
  });

  test("names only verbs and options of the command line that exist", () => {
    expect(callsIn(text).filter((call) => !isCall(call))).toEqual([]);
  });
});

describe("README.md", () => {
  const text = read("README.md");

  test("gives exactly two commands for a fresh machine", () => {
    const section = sections(text, 2).find(({ heading }) => heading === "Try it");
    expect(blocks(section?.body ?? "", "sh").map((block) => block.trim())).toEqual([
      "bin/claude-failover demo",
      "bin/test",
    ]);
  });

  test("lists every verb of the command line in the groups of the help, and no other", () => {
    const section = sections(text, 2).find(({ heading }) => heading === "Commands");
    const listed = tableRows(section?.body ?? "").map(([verb = ""]) => plain(verb).split(" ")[0]);
    const missing = [...verbs.keys()].filter((verb) => !listed.includes(verb));
    expect(missing.map((verb) => `${verb}: add a row to Commands in README.md`)).toEqual([]);
    expect(listed).toEqual(Object.values(VERB_GROUPS).flat());
  });
});

test("CHANGELOG.md tells of the version in package.json", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const headings = sections(read("CHANGELOG.md"), 2).map(({ heading }) => heading);
  expect(headings.some((heading) => heading.includes(version))).toBe(true);
});

function linksOf(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => !/^(?:https?|mailto):/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const path = file === "" ? page : join(dirname(page), file);
  if (!isThere(path)) return false;
  return anchor === undefined || anchorsOf(path).includes(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  return [1, 2, 3, 4].flatMap((level) =>
    sections(read(path), level).map(({ heading }) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Paths below the folders of the checkout; one with a placeholder names none. */
function pathsIn(text: string): string[] {
  const found = [...text.matchAll(/`((?:src|test|docs|bin|bench|schema)\/[\w./-]*)`/g)];
  return found.map((match) => match[1] ?? "");
}

function isThere(path: string): boolean {
  return (
    find(path.replace(/\/$/, "")).length > 0 ||
    existsSync(new URL(`../../../${path}`, import.meta.url))
  );
}

function holds(path: string, symbol: string): boolean {
  const last = symbol.split(".").at(-1) ?? "";
  return isThere(path) && new RegExp(`\\b${last}\\b`).test(read(path));
}

/** `<verb> … --option …` of every call of claude-failover that stands in code. */
function callsIn(text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const code = [...blocks(text, "(?:sh|ini)"), ...spans].join("\n");
  const calls = code.matchAll(/(?<!-L )claude-failover ([a-z][^\n#|]*)/g);
  return [...calls].map((match) => match[1]?.trim() ?? "");
}

function isCall(call: string): boolean {
  const file = verbs.get(call.split(" ")[0] ?? "");
  if (file === undefined) return false;
  const source = read(file) + read("src/cli/verb.ts");
  const options = [...source.matchAll(/"?([a-z][a-z-]*)"?: \{\s*type: "(?:string|boolean)"/g)];
  const known = options.map((match) => match[1]);
  const used = [...call.matchAll(/(?:^|\s)--([a-z-]+)/g)].map((match) => match[1]);
  return used.every((option) => known.includes(option));
}
