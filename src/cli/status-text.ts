import { certificationText } from "../claude/certified.ts";
import { unsaidLimitations } from "../api/limitation-text.ts";
import type {
  AccountJson,
  ProposalJson,
  SessionJson,
  SlotJson,
  StatusJson,
} from "../api/contract.ts";
import { accountText, answerWords, isOwnSlot } from "../api/session-view.ts";
import { harmless } from "../config/problem.ts";
import { cutEnd, cutStart } from "../top/text.ts";
import { painter, span, table, wrapped, type Paint } from "./table.ts";

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
    ...wrap([
      headline(status, paint),
      ...heldLines(status, paint),
      ...operatorLines(status, options.now, paint),
      ...status.slots.slice(1).flatMap((slot) => slotLines(slot, options.now, paint)),
    ]),
    "",
    table(
      ["ACCOUNT", "STATE", "USED", "FREE AGAIN", "HOME"],
      status.accounts.map((account) => accountCells(account, options.now, paint)),
      { columns, cut: cutStart },
    ),
    ...wrap(forecastLines(status, options.now)),
    ...wrap(limitationLines(status)),
    ...wrap(conflictLines(status)),
    "",
    status.sessions.length === 0
      ? "No session is known."
      : table(
          ["SESSION", "KIND", "STATE", "SINCE", "ACCOUNT", "ID"],
          status.sessions.map((session) => sessionCells(session, options.now, paint)),
          { columns, cut: cutEnd },
        ),
    ...wrap(noteLines(status.sessions)),
    ...wrap(clientLines(status, paint)),
    ...wrap(decisionLines(status, options.now)),
  ];
  return `${sections.join("\n")}\n`;
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

/** What waits for the operator's word, and what stands because of it. */
function operatorLines(status: StatusJson, now: number, paint: Paint): string[] {
  const { pinned } = status;
  const lines: string[] = [];
  if (pinned !== null)
    lines.push(`pinned to ${pinned} by hand, until it is exhausted or claude-failover failback`);
  return [...lines, ...proposalLines(status.proposal, SHARED, { now, paint })];
}

const SHARED = { name: "shared", sessions: [] };

function proposalLines(
  proposal: ProposalJson | null,
  slot: Pick<SlotJson, "name" | "sessions">,
  { now, paint }: { readonly now: number; readonly paint: Paint },
): string[] {
  if (proposal === null) return [];
  const { cause, from, to, text, until } = proposal;
  const left = span(Date.parse(until) - now);
  return [
    paint("warn", `${cause} from ${from} to ${to} is proposed: ${text}`),
    `Answer within ${left}: ${answerWords(slot)}`,
  ];
}

/** A slot of its own: where it leads, and what waits for the operator's word. */
function slotLines(slot: SlotJson, now: number, paint: Paint): string[] {
  const { name, account, sessions, pinned } = slot;
  const who = sessions.length === 0 ? "no session" : sessions.join(", ");
  const byHand = pinned === null ? "" : ", pinned by hand";
  return [
    `slot ${name} (${who}): ${account ?? "no account"}${byHand}`,
    ...proposalLines(slot.proposal, slot, { now, paint }),
  ];
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
function limitationLines({ accounts, activeAccount }: StatusJson): string[] {
  return accounts.flatMap((account) =>
    unsaidLimitations(account, activeAccount).map(
      (text) => `${account.name} may not take over: ${text}`,
    ),
  );
}

function conflictLines({ accounts }: StatusJson): string[] {
  return accounts.flatMap(({ name, conflicts }) =>
    conflicts.map((text) => `${name}, signals differ: ${text}`),
  );
}

/** What a person should know of sessions and is in no column. */
export function noteLines(sessions: readonly SessionJson[]): string[] {
  return sessions.flatMap(({ name, note, draining }) => [
    ...(note === null ? [] : [`${name}: ${harmless(note.text)}`]),
    ...(draining ? [`${name} is given no new work`] : []),
  ]);
}

/** The tone of a session's state. */
export function toneOf(state: SessionJson["state"]): Parameters<Paint>[0] {
  return state === "limited" || state === "dead" ? "bad" : state === "asking" ? "warn" : "dim";
}

function sessionCells(session: SessionJson, now: number, paint: Paint): string[] {
  const { name, kind, state, since, sessionId } = session;
  const age = span(now - Date.parse(since));
  const account = accountText(session);
  return [name, kind, paint(toneOf(state), state), age, account, sessionId ?? "unknown"];
}

/** Which client is installed, and how sessions move with it. */
function clientLines({ client }: StatusJson, paint: Paint): string[] {
  if (client === null) return [];
  const tone = client.verdict === "hot" ? "good" : client.verdict === "broken" ? "bad" : "warn";
  const words = paint(tone, certificationText(client));
  return ["", `client: Claude Code ${client.version}, ${words}`];
}

function decisionLines({ decision, lastSwitchover }: StatusJson, now: number): string[] {
  const lines: string[] = [];
  if (decision !== null)
    lines.push(
      "",
      `decision: ${decision.text} (${decision.code}, ${span(now - Date.parse(decision.at))} ago)`,
    );
  if (lastSwitchover !== null) {
    const { id, cause, slot, from, to, outcome, startedAt } = lastSwitchover;
    const ago = span(now - Date.parse(startedAt));
    lines.push(
      `last: ${cause} ${id}${isOwnSlot(slot) ? ` of slot ${slot}` : ""} from ${from} to ${to}, ${outcome ?? "under way"} (${ago} ago)`,
    );
  }
  return lines;
}
