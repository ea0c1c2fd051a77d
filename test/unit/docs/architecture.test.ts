import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { NEXT_STAGES } from "../../../src/switchover/journal.ts";
import { STEPS } from "../../../src/switchover/model.ts";
import { find, plain, read, sections, tableRows } from "./read-docs.ts";

const page = read("docs/architecture.md");
const folders = [...new Set(find("src/*/**/*.ts").map((path) => path.split("/")[1] ?? ""))];

describe("the layer table of docs/architecture.md", () => {
  const rows = tableRows(sectionOf("Layers"));
  const allowed = new Map(rows.map(([folder = "", , may = ""]) => [nameOf(folder), namesIn(may)]));

  test("has every folder of src, and no other", () => {
    const say = "add a row to Layers in docs/architecture.md, and one to AGENTS.md";
    const missing = folders.filter((folder) => !allowed.has(folder));
    expect(missing.map((folder) => `src/${folder}/: ${say}`)).toEqual([]);
    expect([...allowed.keys()].filter((folder) => !folders.includes(folder))).toEqual([]);
  });

  test("allows every import there is; a new one is a decision to be written down", () => {
    const imports = find("src/*/**/*.ts").flatMap(importsOf);
    const others = imports.filter(({ from, to }) => !(allowed.get(from) ?? []).includes(to));
    const told = others.map(({ path, from, to }) => `${path}: may ${from}/ import ${to}/?`);
    expect([...new Set(told)]).toEqual([]);
  });

  test("allows nothing that nobody needs", () => {
    const used = new Set(
      find("src/*/**/*.ts")
        .flatMap(importsOf)
        .map(({ from, to }) => `${from} ${to}`),
    );
    const told = [...allowed].flatMap(([from, may]) => may.map((to) => `${from} ${to}`));
    expect(told.filter((each) => !used.has(each))).toEqual([]);
  });
});

test("AGENTS.md lists the same folders", () => {
  const rows = tableRows(read("AGENTS.md")).filter(([cell = ""]) => cell.endsWith("/`"));
  const names = rows.map(([folder = ""]) => nameOf(folder));
  expect(names.toSorted()).toEqual(folders.toSorted());
});

describe("the switchover in docs/architecture.md", () => {
  const section = sectionOf("The switchover");

  test("draws and tells exactly the stages that may follow each other", () => {
    const drawn = [...section.matchAll(/^ {2}(\w+) --> (\w+)/gm)].map(
      ([, from, to]) => `${from} ${to}`,
    );
    const recovering = sections(page, 3).find(({ heading }) => heading === "Recovery")?.body ?? "";
    const words = /further than an execution:([^]*?)\. The whole/.exec(recovering)?.[1] ?? "";
    const told = words.split(";").flatMap((part) => {
      const [from = "", ...next] = namesIn(part);
      return next.map((to) => `${from} ${to}`);
    });
    const possible = Object.entries(NEXT_STAGES).flatMap(([from, next]) =>
      next.map((to) => `${from} ${to}`),
    );
    expect([...drawn, ...told].toSorted()).toEqual(possible.toSorted());
  });

  test("explains every step", () => {
    const first = tableRows(section.split("### Recovery")[0] ?? "").map(([step = ""]) =>
      plain(step),
    );
    expect(first).toEqual([...STEPS]);
  });
});

describe("the invariants of docs/architecture.md", () => {
  const shown = [...sectionOf("Invariants").matchAll(/^ +- `(test\/[^`]+)`: (.+)$/gm)].map(
    ([, file = "", title = ""]) => ({ file, title }),
  );

  test("are ten", () => {
    expect(sectionOf("Invariants").match(/^\d+\. \*\*/gm)).toHaveLength(10);
  });

  test.each(shown)("$file holds: $title", ({ file, title }) => {
    expect(read(file).includes(title)).toBe(true);
  });
});

function sectionOf(heading: string): string {
  return sections(page, 2).find((each) => each.heading === heading)?.body ?? "";
}

/** `` `policy/` `` as `policy`. */
function nameOf(cell: string): string {
  return plain(cell).replace(/\/$/, "");
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? "");
}

/** The other folders of src that a file imports from, also types and late imports. */
function importsOf(path: string): { path: string; from: string; to: string }[] {
  const from = path.split("/")[1] ?? "";
  return [...read(path).matchAll(/(?:from|import\() ?"(\.\.?\/[^"]+)"/g)].flatMap((match) => {
    const [, to = "", ...rest] = join(dirname(path), match[1] ?? "").split("/");
    return rest.length === 0 || to === from ? [] : [{ path, from, to }];
  });
}
