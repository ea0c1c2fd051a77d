/**
 * Records `bin/claude-failover demo` as docs/demo.svg: what it printed, when it printed it. Pauses of
 * more than a second and a half are shortened, nothing else is changed.
 *
 *   node bench/demo-recording.ts [--agent stand-in]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "..");
const SCREEN = { columns: 122, rows: 30, line: 18, char: 7.85, margin: 16, head: 40 };
const LONGEST_PAUSE_MS = 1_500;
const LAST_PAUSE_MS = 8_000;
const INK = { plain: "#d6dde6", dim: "#7d8896", good: "#7ee2a8", bad: "#ff8f8f", mark: "#8cc8ff" };

interface Line {
  readonly text: string;
  /** Milliseconds from the start of the recording. */
  readonly at: number;
}

const words = process.argv.slice(2);
const command = ["demo", "--rounds", "2", ...words];
const lines = await record(command);
writeFileSync(resolve(ROOT, "docs/demo.svg"), drawing(lines));
process.stdout.write(`docs/demo.svg: ${lines.length} lines, ${lines.at(-1)?.at ?? 0} ms\n`);

async function record(args: readonly string[]): Promise<readonly Line[]> {
  const child = spawn(resolve(ROOT, "bin/claude-failover"), args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const found: Line[] = [{ text: `$ bin/claude-failover demo`, at: 0 }];
  let last = performance.now();
  let at = 600;
  for await (const text of createInterface({ input: child.stdout })) {
    const now = performance.now();
    at += Math.min(now - last, LONGEST_PAUSE_MS);
    last = now;
    for (const part of folded(text)) found.push({ text: part, at: Math.round(at) });
  }
  if (child.exitCode === null) await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`the rehearsal ended with ${child.exitCode}`);
  return found;
}

function folded(text: string): readonly string[] {
  const parts = text.match(new RegExp(`.{1,${SCREEN.columns}}`, "gu"));
  return parts ?? [""];
}

function drawing(all: readonly Line[]): string {
  const { columns, rows, line, char, margin, head } = SCREEN;
  const width = Math.ceil(columns * char + 2 * margin);
  const height = head + rows * line + margin;
  const totalMs = (all.at(-1)?.at ?? 0) + LAST_PAUSE_MS;
  const shown = all.map(({ at }, index) => ({ at, cover: index + 1, scroll: index + 1 - rows }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A rehearsal: a fleet of sessions runs into usage limits and goes on under the next account.">
<style>
text { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: ${INK.plain}; }
.cover { animation: cover ${totalMs}ms step-end infinite; }
.scroll { animation: scroll ${totalMs}ms step-end infinite; }
@media (prefers-reduced-motion: reduce) { .cover, .scroll { animation-play-state: paused; animation-delay: -${totalMs - 1}ms; } }
${keyframes("cover", shown, totalMs, ({ cover }) => cover * line)}
${keyframes("scroll", shown, totalMs, ({ scroll }) => -Math.max(0, scroll) * line)}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#10151c"/>
${["#ff6058", "#ffbd2e", "#28c940"].map((colour, index) => `<circle cx="${22 + index * 20}" cy="20" r="6" fill="${colour}"/>`).join("")}
<svg x="0" y="${head}" width="${width}" height="${rows * line}" viewBox="0 0 ${width} ${rows * line}">
<g class="scroll">
${all.map(({ text }, index) => drawn(text, margin, (index + 1) * line - 5)).join("\n")}
<rect class="cover" width="${width}" height="${all.length * line + rows * line}" fill="#10151c"/>
</g>
</svg>
</svg>
`;
}

function keyframes<T extends { at: number }>(
  name: string,
  shown: readonly T[],
  totalMs: number,
  offset: (each: T) => number,
): string {
  const steps = new Map<string, number>();
  for (const each of shown) steps.set(((each.at / totalMs) * 100).toFixed(3), offset(each));
  const frames = [...steps].map(([percent, y]) => `${percent}%{transform:translateY(${y}px)}`);
  return `@keyframes ${name} {${frames.join("")}}`;
}

function drawn(text: string, x: number, y: number): string {
  const [, time = "", rest = text] = /^( *\d+ ms)(.*)$/u.exec(text) ?? [];
  const dim = time === "" ? "" : `<tspan fill="${INK.dim}">${escaped(time)}</tspan>`;
  return `<text x="${x}" y="${y}" xml:space="preserve">${dim}<tspan fill="${inkOf(rest)}">${escaped(rest)}</tspan></text>`;
}

function inkOf(text: string): string {
  if (text.startsWith("$ ")) return INK.mark;
  if (/^\s*(?:ok|✓)\b|^\s*✓/u.test(text)) return INK.good;
  if (/^\s*(?:!|FAILED|✗)/u.test(text)) return INK.bad;
  return /decision:|switchover \S+ from/u.test(text) ? INK.mark : INK.plain;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
