import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const checkout = new URL("../../../", import.meta.url).pathname;

/** One planted mistake per file; the rule that must name it. */
const PLANTED: readonly [file: string, rule: string, source: string][] = [
  [
    "src/tmux/floating.ts",
    "typescript(no-floating-promises)",
    `import { readFile } from "node:fs/promises";
     export function a(): void { readFile("x"); }`,
  ],
  [
    "src/tmux/misused.ts",
    "typescript(no-misused-promises)",
    `export function a(act: () => Promise<void>): void { process.on("SIGTERM", async () => { await act(); }); }`,
  ],
  [
    "src/tmux/switch.ts",
    "typescript(switch-exhaustiveness-check)",
    `export function a(k: "x" | "y"): number { switch (k) { case "x": return 1; } return 0; }`,
  ],
  [
    "src/tmux/return.ts",
    "typescript(return-await)",
    `export async function a(act: () => Promise<void>): Promise<void> { try { return act(); } catch { return; } }`,
  ],
  [
    "src/tmux/throw.ts",
    "typescript(only-throw-error)",
    `export function a(): never { throw "text"; }`,
  ],
  [
    "src/tmux/type-import.ts",
    "typescript(consistent-type-imports)",
    `import { Clock } from "../clock.ts";
     export function a(c: Clock): number { return c.now(); }`,
  ],
  ["src/tmux/camelCase.ts", "unicorn(filename-case)", `export const a = 1;`],
  ["src/tmux/default.ts", "import(no-default-export)", `export default 1;`],
  [
    "src/tmux/exit.ts",
    "unicorn(no-process-exit)",
    `export const a = (): never => process.exit(1);`,
  ],
  ["src/tmux/time.ts", "eslint(no-restricted-properties)", `export const a = Date.now();`],
  [
    "src/tmux/timer.ts",
    "eslint(no-restricted-globals)",
    `export const a = (): unknown => setTimeout(() => 1, 1);`,
  ],
  [
    "src/tmux/sql.ts",
    "eslint(no-restricted-imports)",
    `import sqlite from "better-sqlite3";
     export const a: unknown = sqlite;`,
  ],
  [
    "src/store/http.ts",
    "eslint(no-restricted-imports)",
    `import { Hono } from "hono";
     export const a: unknown = Hono;`,
  ],
  [
    "src/policy/node.ts",
    "eslint(no-restricted-imports)",
    `import { readFileSync } from "node:fs";
     export const a: unknown = readFileSync;`,
  ],
  [
    "src/policy/outside.ts",
    "eslint(no-restricted-imports)",
    `export { systemClock } from "../clock.ts";`,
  ],
  [
    "src/policy/package.ts",
    "eslint(no-restricted-imports)",
    `import { z } from "zod";
     export const a: unknown = z;`,
  ],
  [
    "src/policy/dynamic.ts",
    "eslint(no-restricted-imports)",
    `export const a = async (): Promise<unknown> => import("node:fs");`,
  ],
  ["src/policy/date.ts", "eslint(no-restricted-globals)", `export const a = new Date(0);`],
  ["src/policy/env.ts", "eslint(no-restricted-globals)", `export const a = process.pid;`],
  [
    "src/policy/global.ts",
    "eslint(no-restricted-globals)",
    `export const a = globalThis.process.pid;`,
  ],
  ["src/policy/random.ts", "eslint(no-restricted-properties)", `export const a = Math.random();`],
  [
    "src/tmux/cycle-a.ts",
    "import(no-cycle)",
    `import { b } from "./cycle-b.ts";
     export const a = (): unknown => b;`,
  ],
  [
    "src/tmux/cycle-b.ts",
    "import(no-cycle)",
    `import { a } from "./cycle-a.ts";
     export const b = (): unknown => a;`,
  ],
  ["src/tmux/long-file.ts", "eslint(max-lines)", `export const a = 1;${"\n".repeat(401)}`],
  [
    "src/tmux/long-function.ts",
    "eslint(max-lines-per-function)",
    `export function a(): number {\n${"void 0;\n".repeat(61)}return 1; }`,
  ],
];

const ALLOWED: readonly [file: string, source: string][] = [
  ["src/store/sql.ts", `import sqlite from "better-sqlite3";\nexport const a: unknown = sqlite;`],
  ["src/api/http.ts", `import { Hono } from "hono";\nexport const a: unknown = Hono;`],
  ["src/cli/main.ts", `process.exit(1);`],
  [
    "src/clock.ts",
    `export interface Clock { now(): number }\nexport const systemClock: Clock = { now: () => Date.now() };`,
  ],
  ["src/policy/model.ts", `export const a = Math.max(1, 2);`],
  ["src/policy/user.ts", `export { a } from "./model.ts";`],
];

let planted: string;
const found = new Map<string, Set<string>>();

beforeAll(async () => {
  planted = mkdtempSync(join(tmpdir(), "cf-lint-"));
  for (const name of ["oxlint.config.ts", "tsconfig.json", "package.json"]) {
    cpSync(join(checkout, name), join(planted, name));
  }
  symlinkSync(join(checkout, "node_modules"), join(planted, "node_modules"));
  for (const [file, source] of [
    ...PLANTED.map(([name, , text]) => [name, text] as const),
    ...ALLOWED,
  ]) {
    mkdirSync(dirname(join(planted, file)), { recursive: true });
    writeFileSync(join(planted, file), source);
  }
  for (const { filename, code } of await oxlint(planted)) {
    found.set(filename, (found.get(filename) ?? new Set()).add(code));
  }
});

afterAll(() => rmSync(planted, { recursive: true, force: true }));

test.each(PLANTED)("the lint configuration refuses %s with %s", (file, rule) => {
  expect([...(found.get(file) ?? [])]).toContain(rule);
});

test.each(ALLOWED)("the lint configuration allows %s", (file) => {
  expect(found.get(file)).toBeUndefined();
});

async function oxlint(cwd: string): Promise<{ filename: string; code: string }[]> {
  const program = join(checkout, "node_modules/oxlint/bin/oxlint");
  const stdout = await new Promise<string>((resolve) => {
    const args = [program, "--format", "json"];
    const child = execFile(process.execPath, args, { cwd }, (_error, text) => resolve(text));
    child.stdin?.end();
  });
  const report = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
  return report.diagnostics;
}
