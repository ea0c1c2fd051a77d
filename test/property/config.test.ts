import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isMap, isSeq, parseDocument, type Document } from "yaml";
import { parseConfig } from "../../src/config/parse.ts";

const example = readFileSync(new URL("../../config.example.yaml", import.meta.url), "utf8");
type Path = (string | number)[];

/** Every key and list item of the example. */
const paths = pathsOf(parseDocument(example).toJS(), []);

function pathsOf(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return steps.flatMap((step) => {
    const here = [...path, step];
    return [here, ...pathsOf((value as Record<string | number, unknown>)[step], here)];
  });
}

const odd = fc.constantFrom(
  "",
  "~",
  "$X",
  "__proto__",
  "constructor",
  "-1",
  "1e999",
  "a\u0000b",
  "%",
  "\u{1f600}",
);
const strange = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  odd,
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 3 }),
  fc.dictionary(fc.oneof(fc.string(), odd), fc.oneof(fc.string(), fc.integer()), { maxKeys: 3 }),
);

type Mutation = (document: Document) => void;
const path = fc.constantFrom(...paths);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  path.map<Mutation>((at) => (document) => void (document.hasIn(at) && document.deleteIn(at))),
  fc.tuple(path, strange).map<Mutation>(([at, value]) => (document) => {
    if (document.hasIn(at)) document.setIn(at, document.createNode(value));
  }),
  fc
    .tuple(path, fc.oneof(fc.string({ maxLength: 12 }), odd))
    .map<Mutation>(([at, name]) => (document) => {
      rename(document, at, name);
    }),
  fc.tuple(path, path).map<Mutation>(([to, from]) => (document) => {
    if (document.hasIn(to) && document.hasIn(from))
      document.setIn(to, document.createNode(parseDocument(example).getIn(from)));
  }),
);

function rename(document: Document, at: Path, name: string): void {
  const parent = at.length > 1 ? document.getIn(at.slice(0, -1)) : document.contents;
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String(item.key) === at.at(-1));
    if (pair) pair.key = document.createNode(name);
  } else if (isSeq(parent)) parent.items.reverse();
}

function outcomeOf(text: string) {
  const realPath = (of: string) => of;
  return parseConfig({ text, file: "/home/op/conf/config.yaml", home: "/home/op", realPath });
}

/** It loads, or every problem names a line of the text and says both halves. */
function expectAnswer(text: string): void {
  const outcome = outcomeOf(text);
  if (outcome.ok) {
    expect(outcome.config.accounts.length).toBeGreaterThan(0);
    return;
  }
  expect(outcome.problems.length).toBeGreaterThan(0);
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const problem of outcome.problems) {
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(lines);
    expect(problem.column).toBeGreaterThanOrEqual(1);
    expect(problem.wrong).toMatch(/^[^\x00-\x1f]+$/);
    expect(problem.right).toMatch(/^[^\x00-\x1f]+$/);
  }
}

test("any change of the example's keys and values loads or is answered with a line", () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const document = parseDocument(example);
      for (const mutate of mutations) mutate(document);
      expectAnswer(document.toString());
    }),
    { numRuns: 400 },
  );
});

test("any damage to the example's text loads or is answered with a line", () => {
  const damage = fc.record({
    at: fc.nat(example.length),
    length: fc.nat(30),
    text: fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        "\t",
        "\n",
        "'",
        '"',
        "[",
        "{",
        ": ",
        "- ",
        "*a ",
        "&a ",
        "!a ",
        "---\n",
        "\r",
        "# ",
        "? ",
        "| ",
      ),
    ),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
      let text = example;
      for (const { at, length, text: put } of damages)
        text = text.slice(0, at) + put + text.slice(at + length);
      expectAnswer(text);
    }),
    { numRuns: 600 },
  );
});

test("what is no YAML at all is answered with a line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => expectAnswer(text)),
    { numRuns: 300 },
  );
});
