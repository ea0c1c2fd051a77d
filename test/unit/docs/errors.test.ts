import { describe, expect, test } from "vitest";
import { CATALOGUE, type ErrorCode } from "../../../src/errors.ts";
import { plain, read, sections } from "./read-docs.ts";

const page = read("docs/errors.md");
const catalogue = new Map(Object.entries(CATALOGUE));
const areas = sections(page, 2);
const documented = areas.flatMap((area) =>
  sections(area.body, 3).map(({ heading, body }) => ({
    code: plain(heading),
    area: area.heading,
    facts: /^- Exit status (\d), recovery `(\w+)`$/m.exec(body),
    hint: plain(/^- Hint: ([\s\S]*)$/m.exec(body)?.[1] ?? ""),
    meaning: body.split("\n- ")[0]?.trim() ?? "",
  })),
);
const codes = documented.map(({ code }) => code);

describe("docs/errors.md", () => {
  test("explains every code of the catalogue", () => {
    const missing = [...catalogue.keys()].filter((code) => !codes.includes(code));
    expect(missing.map(advice).join("\n")).toBe("");
  });

  test("explains no code that is not in the catalogue, and none twice", () => {
    const gone = codes.filter((code) => !catalogue.has(code));
    const say = "move it to ## Retired codes, or take a name out that never was";
    expect(gone.map((code) => `${code}: ${say}`)).toEqual([]);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  test.each(documented)("says of $code what the catalogue says", ({ code, facts, hint }) => {
    const entry = catalogue.get(code);
    expect({ exit: Number(facts?.[1]), recovery: facts?.[2], hint }).toEqual({
      exit: entry?.exit,
      recovery: entry?.recovery,
      hint: plain(entry?.hint ?? ""),
    });
  });

  test("says of every code what it means, beyond its hint", () => {
    expect(documented.filter(({ meaning }) => meaning.length < 20)).toEqual([]);
  });

  test("has every code under the heading of its area", () => {
    const astray = documented.filter(({ code, area }) => !prefixesOf(area).some(startOf(code)));
    expect(astray.map(({ code, area }) => `${code} under ${area}`)).toEqual([]);
  });

  test("never uses a retired code again", () => {
    const retired = areas.find(({ heading }) => heading === "Retired codes");
    const again = [...(retired?.body ?? "").matchAll(/CF_[A-Z_]+/g)].map(([code]) => code);
    expect(retired).toBeDefined();
    expect(again.filter((code) => catalogue.has(code))).toEqual([]);
  });
});

test("every code is named after its area and what happened", () => {
  const odd = [...catalogue.keys()].filter((code) => !/^CF(_[A-Z]+){2,}$/.test(code));
  expect(odd.filter((code) => code !== "CF_INTERNAL")).toEqual([]);
});

/** `Daemon and API (`CF_DAEMON_*`, `CF_API_*`)`: the prefixes in the brackets. */
function prefixesOf(area: string): string[] {
  return [...area.matchAll(/`(CF_[A-Z_]+)\*?`/g)].map((match) => match[1] ?? "");
}

function startOf(code: string): (prefix: string) => boolean {
  return (prefix) => code.startsWith(prefix);
}

/** What to write, and where, for a code that nobody has explained yet. */
function advice(code: string): string {
  const area = areas.find(({ heading }) => prefixesOf(heading).some(startOf(code)));
  const where = area?.heading ?? "a new heading with its prefix in brackets, as the others have it";
  const { exit, recovery, hint } = CATALOGUE[code as ErrorCode];
  return [
    `Write into docs/errors.md, under ## ${where}:`,
    `### \`${code}\``,
    "<one to three sentences: when it happens, what was touched, what was not>",
    `- Exit status ${exit}, recovery \`${recovery}\`\n- Hint: ${hint}`,
    "Then run prettier --write docs/errors.md.\n",
  ].join("\n\n");
}
