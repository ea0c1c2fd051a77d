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
    expect(missing, advice(missing)).toEqual([]);
  });

  test("explains no code that is not in the catalogue, and none twice", () => {
    const gone = codes.filter((code) => !catalogue.has(code));
    const say = "Move what is gone to ## Retired codes, or take the section of a new name out.";
    expect(gone, say).toEqual([]);
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

/** What to paste, and where, for codes that nobody has explained yet. */
function advice(missing: readonly string[]): string {
  const heading = (code: string): string =>
    areas.find(({ heading: area }) => prefixesOf(area).some(startOf(code)))?.heading ??
    "a new heading (name its prefix in brackets, as the others do)";
  const parts = missing.map((code) => {
    const { exit, recovery, hint } = CATALOGUE[code as ErrorCode];
    const section = [
      `### \`${code}\``,
      "<one to three sentences: when it happens, what was touched, what was not>",
      `- Exit status ${exit}, recovery \`${recovery}\`\n- Hint: ${hint}`,
    ];
    return `In docs/errors.md, under ## ${heading(code)}, write:\n\n${section.join("\n\n")}\n`;
  });
  return `\n${parts.join("\n")}\nThen run: prettier --write docs/errors.md\n`;
}
