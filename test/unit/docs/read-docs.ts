import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CHECKOUT = fileURLToPath(new URL("../../../", import.meta.url));

/** A file of the checkout, by its path from the top. */
export function read(path: string): string {
  return readFileSync(`${CHECKOUT}${path}`, "utf8");
}

/** Files of the checkout that match, by their paths from the top, in order. */
export function find(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: CHECKOUT }).toSorted();
}

/** Every page that people read. */
export function pages(): string[] {
  return find("*.md", "docs/**/*.md");
}

/** One heading of a page and the text up to the next heading of its level or above. */
export interface Section {
  readonly heading: string;
  readonly body: string;
}

/** The sections of a page whose heading has this level (2 for `##`); code blocks hold none. */
export function sections(text: string, level: number): Section[] {
  const found: { heading: string; lines: string[] }[] = [];
  let isOpen = false;
  let isCode = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    const heading = isCode ? null : /^(#+) (.*)$/.exec(line);
    if (heading?.[1]?.length === level) found.push({ heading: heading[2] ?? "", lines: [] });
    if (heading !== null) isOpen = (heading[1] ?? "").length >= level && found.length > 0;
    if (isOpen && heading?.[1]?.length !== level) found.at(-1)?.lines.push(line);
  }
  return found.map(({ heading, lines }) => ({ heading, body: lines.join("\n") }));
}

/** The fenced blocks of a page in this language, without their fences. */
export function blocks(text: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...text.matchAll(fence)].map((match) => match[1] ?? "");
}

/** The rows of a page's tables, cell by cell, without heads and rules. */
export function tableRows(text: string): string[][] {
  const lines = text.split("\n");
  return lines
    .filter((line, index) => line.startsWith("|") && !isHeadOrRule(lines, index))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function isHeadOrRule(lines: readonly string[], index: number): boolean {
  const isRule = (line: string | undefined): boolean => /^\|[ :|-]+\|$/.test(line ?? "");
  return isRule(lines[index]) || isRule(lines[index + 1]);
}

/** Words as they are read: without the marks of code and escapes. */
export function plain(markdown: string): string {
  return markdown.replaceAll(/[`\\]/g, "").replaceAll(/\s+/g, " ").trim();
}
