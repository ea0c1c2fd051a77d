import type { AccountJson, SessionJson, StatusJson } from "../api/contract.ts";

/**
 * `status` for people. Pure: `now` is epoch ms; `columns` is the terminal's width, null for none:
 * then nothing is cut or wrapped.
 */
export function statusText(
  status: StatusJson,
  options: { readonly color: boolean; readonly now: number; readonly columns: number | null },
): string {
  const paint = painter(options.color);
  const columns = options.columns ?? Infinity;
  const wrap = (lines: readonly string[]): string[] =>
    lines.flatMap((line) => wrapped(line, columns));
  const sections = [
    ...wrap([headline(status, paint), ...heldLines(status, paint)]),
    "",
    table(
      ["ACCOUNT", "STATE", "USED", "FREE AGAIN", "HOME"],
      status.accounts.map((account) => accountCells(account, options.now, paint)),
      { columns, cut: cutStart },
    ),
    ...wrap(forecastLines(status, options.now)),
    ...wrap(limitationLines(status)),
    "",
    status.sessions.length === 0
      ? "No session is known."
      : table(
          ["SESSION", "KIND", "STATE", "SINCE", "ACCOUNT", "ID"],
          status.sessions.map((session) => sessionCells(session, options.now, paint)),
          { columns, cut: cutEnd },
        ),
    ...wrap(decisionLines(status, options.now)),
  ];
  return `${sections.join("\n")}\n`;
}

type Paint = (kind: "good" | "warn" | "bad" | "dim", text: string) => string;

function painter(color: boolean): Paint {
  const codes = { good: 32, warn: 33, bad: 31, dim: 2 };
  return (kind, text) => (color ? `\u001b[${codes[kind]}m${text}\u001b[0m` : text);
}

function headline({ daemon, activeAccount }: StatusJson, paint: Paint): string {
  const running = daemon.running
    ? paint("good", `daemon runs (pid ${daemon.pid ?? "?"})`)
    : paint("warn", "no daemon runs; this is what the disk shows");
  const paused = daemon.paused ? `, ${paint("warn", "paused: observing only")}` : "";
  return `${running}${paused}, active account: ${activeAccount ?? "none"}`;
}

function heldLines({ held }: StatusJson, paint: Paint): string[] {
  if (held === null) return [];
  return [paint("bad", `HELD since ${held.since}: ${held.message}`), `Try: ${held.hint}`];
}

function accountCells(account: AccountJson, now: number, paint: Paint): string[] {
  const { name, state, windows, exhaustedUntil, home } = account;
  const used = windows
    .filter((each) => each.usedPercent !== null)
    .map((each) => `${each.window} ${Math.round(each.usedPercent ?? 0)} %`);
  const free = exhaustedUntil === null ? "-" : `in ${span(Date.parse(exhaustedUntil) - now)}`;
  const kind = state === "active" ? "good" : state === "standby" ? "dim" : "bad";
  return [name, paint(kind, state), used.length === 0 ? "-" : used.join(", "), free, home];
}

/** Windows that will be full before they are reset, at the pace they have. */
function forecastLines({ accounts }: StatusJson, now: number): string[] {
  return accounts.flatMap(({ name, windows }) =>
    windows.flatMap(({ window, usedPercent, forecast }) => {
      const limitAt = forecast?.limitAt ?? null;
      if (limitAt === null || usedPercent === null) return [];
      const left = Date.parse(limitAt) - now;
      const when = left <= 0 ? "about now" : `in about ${span(left)}`;
      const what = window === "fiveHour" ? "5-hour" : window.replace(/^model:/, "");
      return [`${name}: ${what} ${Math.round(usedPercent)} %, limit ${when}`];
    }),
  );
}

/** What stands against an account and is in no column. */
function limitationLines({ accounts }: StatusJson): string[] {
  return accounts.flatMap(({ name, limitations }) =>
    limitations
      .filter(({ code }) => code !== "isActive" && code !== "exhausted")
      .map(({ text }) => `${name} may not take over: ${text}`),
  );
}

function sessionCells(session: SessionJson, now: number, paint: Paint): string[] {
  const { name, kind, state, since, account, sessionId } = session;
  const tone =
    state === "limited" || state === "dead" ? "bad" : state === "asking" ? "warn" : "dim";
  const age = span(now - Date.parse(since));
  return [name, kind, paint(tone, state), age, account ?? "-", sessionId ?? "unknown"];
}

function decisionLines({ decision, lastSwitchover }: StatusJson, now: number): string[] {
  const lines: string[] = [];
  if (decision !== null)
    lines.push(
      "",
      `decision: ${decision.text} (${decision.code}, ${span(now - Date.parse(decision.at))} ago)`,
    );
  if (lastSwitchover !== null) {
    const { id, cause, from, to, outcome, startedAt } = lastSwitchover;
    const ago = span(now - Date.parse(startedAt));
    lines.push(
      `last: ${cause} ${id} from ${from} to ${to}, ${outcome ?? "under way"} (${ago} ago)`,
    );
  }
  return lines;
}

/** A duration in its two largest units; `ms` are milliseconds. */
function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

type Cut = (text: string, width: number) => string;

/** Columns as wide as their widest cell; colour does not count. The last one is cut to what is left. */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, cut }: { columns: number; cut: Cut },
): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) =>
    Math.max(...all.map((row) => visible(row[column] ?? ""))),
  );
  const taken = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const left = Math.max(LEAST_LAST, columns - taken);
  return all
    .map((row) => {
      const last = row.at(-1) ?? "";
      const cells = [...row.slice(0, -1), visible(last) > left ? cut(last, left) : last];
      return cells
        .map(
          (cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - visible(cell))),
        )
        .join(GAP)
        .trimEnd();
    })
    .join("\n");
}

const GAP = "  ";
const LEAST_LAST = 9;

/** Paths differ at their end, ids at their beginning. */
function cutStart(text: string, width: number): string {
  return `…${text.slice(1 - width)}`;
}

function cutEnd(text: string, width: number): string {
  return `${text.slice(0, width - 1)}…`;
}

/** A line broken at blanks, what follows indented; colour does not count. */
function wrapped(line: string, columns: number): string[] {
  if (visible(line) <= columns) return [line];
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (visible(last) + 1 + visible(word) <= columns)
      lines.push(`${lines.pop() ?? ""} ${word}`);
    else lines.push(`  ${word}`);
  }
  return lines;
}

function visible(text: string): number {
  return text.replaceAll(/\u001b\[\d+m/g, "").length;
}
