import { accountLines } from "./frame-accounts.ts";
import { overlayLines } from "./frame-overlay.ts";
import { sessionLines } from "./frame-sessions.ts";
import { wentOn } from "../api/continued.ts";
import { eventWords } from "../api/event-text.ts";
import { isOwnSlot, proposalsOf, type OpenProposal } from "../api/session-view.ts";
import type { TopState } from "./model.ts";
import { answerable, slotOf } from "./slot.ts";
import { cell, painted, shortSpan, span, widthOf, wrapped, type Line, type View } from "./text.ts";

const LEAST = { columns: 60, rows: 14 };
const FEWEST_EVENTS = 3;

/** Pure: the whole screen, exactly `rows` lines of `columns` at most. */
export function frame(state: TopState, view: View): string[] {
  const { columns, rows, color, unicode } = view;
  const lines = columns < LEAST.columns || rows < LEAST.rows ? tooSmall(view) : whole(state, view);
  const filled = [...lines, ...Array.from({ length: rows }, () => [])].slice(0, rows);
  const shown = filled.map((line) => painted(line, columns, color));
  return unicode ? shown : shown.map((line) => line.replaceAll("…", "~"));
}

function tooSmall({ columns, rows }: View): Line[] {
  const size = `${columns}×${rows}`;
  const text = `The window is ${size}; ${LEAST.columns}×${LEAST.rows} is needed. q quits.`;
  return wrapped(text, columns).map((line) => [span(line, "warn")]);
}

function whole(state: TopState, view: View): Line[] {
  const top = [header(state, view), ...alarms(state, view)];
  const foot = footer(state, view);
  const room = view.rows - top.length - foot.length;
  const body =
    state.overlay === null ? bodyLines(state, view, room) : overlayLines(state, view, room);
  const filled = [...body, ...Array.from({ length: room }, (): Line => [])].slice(0, room);
  return [...top, ...filled, ...foot];
}

function header({ status, connection }: TopState, view: View): Line {
  const time = view.timeOf(view.now);
  if (status === null) {
    const text = connection.kind === "down" ? "no daemon runs" : "asking the daemon";
    return between([span("claude-failover", "head"), span(` ${text}`)], time, view);
  }
  const { daemon, activeAccount } = status;
  const runs =
    connection.kind === "live" && daemon.running
      ? span(`runs (pid ${daemon.pid ?? "?"})`, "good")
      : span("no daemon", "bad");
  const paused = daemon.paused ? [span(", "), span("paused: observing only", "warn")] : [];
  return between(
    [
      span(`claude-failover ${daemon.version}`, "head"),
      span("  "),
      runs,
      ...paused,
      span(`, active: ${activeAccount ?? "none"}`),
    ],
    time,
    view,
  );
}

/** What needs a person, under the header. */
function alarms(state: TopState, { columns, now }: View): Line[] {
  const { status, connection } = state;
  const down =
    connection.kind === "down"
      ? [
          `${connection.message} ${status === null ? "" : "This is what was known last."}`,
          connection.hint,
        ]
      : [];
  const held = status?.held ?? null;
  const told = held === null ? [] : [`HELD: ${held.message}`, `Try: ${held.hint}`];
  const asked =
    status === null ? [] : proposalsOf(status).flatMap((each) => proposed(each, state, now));
  return [...down, ...told, ...asked].flatMap((text) =>
    wrapped(text, columns)
      .slice(0, 2)
      .map((line): Line => [span(line, "bad")]),
  );
}

function proposed(each: OpenProposal, { status, cursor }: TopState, now: number): string[] {
  const { proposal, slot } = each;
  const { cause, from, to, text, until } = proposal;
  const isOwn = isOwnSlot(slot.name);
  const left = `within ${shortSpan(Date.parse(until) - now)}`;
  const isMeant = answerable(status, cursor)?.slot.name === slot.name;
  const other = isOwn ? (slot.sessions[0] ?? slot.name) : "a session without its own slot";
  return [
    `PROPOSED: ${cause}${isOwn ? ` of slot ${slot.name}` : ""} from ${from} to ${to}: ${text}`,
    isMeant
      ? `Press c to confirm or d to decline, ${left}`
      : `Select ${other}, and press c or d, ${left}`,
  ];
}

function bodyLines(state: TopState, view: View, room: number): Line[] {
  const { status } = state;
  if (status === null) return [];
  const accounts = accountLines(status, view);
  const decision = decisionLines(state, view);
  const left = room - accounts.length - decision.length;
  // Blank lines between the parts are given up first, then events, then sessions.
  const wanted = status.sessions.length + 1;
  const gaps = left >= wanted + 1 + FEWEST_EVENTS + 4 ? 4 : 0;
  const forSessions = Math.max(2, Math.min(wanted, left - gaps - 1 - FEWEST_EVENTS));
  const sessions = sessionLines(state, view, forSessions);
  const events = eventLines(state, view, left - gaps - sessions.length);
  const gap: Line[] = gaps === 0 ? [] : [[]];
  return [...gap, ...accounts, ...gap, ...sessions, ...gap, ...decision, ...gap, ...events];
}

function decisionLines({ status }: TopState, { columns, now }: View): Line[] {
  const decision = status?.decision ?? null;
  const last = status?.lastSwitchover ?? null;
  const lines: Line[] = [];
  if (decision !== null) {
    const text = `${decision.text} (${decision.code}, ${shortSpan(now - Date.parse(decision.at))} ago)`;
    lines.push(...labelled("DECISION", text, columns));
  }
  if (last !== null) {
    const { id, cause, from, to, outcome, startedAt, sessions } = last;
    const went = wentOn(last);
    const slowest = Math.max(0, ...went.map(({ continuedMs }) => continuedMs ?? 0));
    const on =
      sessions.length === 0
        ? ""
        : `, ${went.length} of ${sessions.length} went on within ${Math.round(slowest)} ms`;
    const text = `${cause} ${id} from ${from} to ${to} ${outcome ?? "under way"} ${shortSpan(now - Date.parse(startedAt))} ago${on}`;
    lines.push(...labelled("LAST", text, columns));
  }
  return lines;
}

const LABEL = 10;
const MOST_LINES = 2;

function labelled(label: string, text: string, columns: number): Line[] {
  const lines = wrapped(text, columns - LABEL);
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) shown[MOST_LINES - 1] = lines.slice(MOST_LINES - 1).join(" ");
  return shown.map((line, index) => [
    span(cell(index === 0 ? label : "", LABEL), "head"),
    span(cell(line, columns - LABEL).trimEnd()),
  ]);
}

function eventLines({ events }: TopState, { columns, timeOf }: View, room: number): Line[] {
  if (room < 2) return [];
  const shown = events.slice(1 - room);
  const rows = shown.map(({ at, type, data }): Line => {
    const time = `${timeOf(Date.parse(at))} `;
    const words = eventWords(data);
    return [
      span(time, "dim"),
      span(type),
      span(cell(words, columns - widthOf(time) - widthOf(type)).trimEnd(), "dim"),
    ];
  });
  return [[span("EVENTS", "head")], ...rows];
}

const MOST_LABEL = 10;

function footer(state: TopState, view: View): Line[] {
  const { notice, overlay } = state;
  const { session, label } = slotOf(state.status, state.cursor);
  const move = session === null ? "switchover" : `move ${cell(label, MOST_LABEL).trimEnd()}`;
  const keys =
    overlay === null
      ? `s ${move}  p pause  h hold  r release  a attach  w why  ? help  q quit`
      : OVERLAY_KEYS[overlay.kind];
  const told: Line[] =
    notice === null
      ? []
      : wrapped(notice.text, view.columns)
          .slice(0, 2)
          .map((line) => [span(line, notice.tone)]);
  const paused = state.status?.daemon.paused === true;
  return [...told, [span(paused ? keys.replace("p pause", "p resume") : keys, "dim")]];
}

const OVERLAY_KEYS = {
  help: "any key goes back",
  text: "up/down scroll  Esc back",
  accounts: "up/down choose  Enter takes it  Esc back",
  ask: "y yes  any other key no",
} as const;

/** Something on the left and something at the right edge. */
function between(left: Line, right: string, { columns }: View): Line {
  const taken = left.reduce((sum, { text }) => sum + widthOf(text), 0);
  const gap = columns - taken - widthOf(right);
  return gap < 1 ? left : [...left, span(" ".repeat(gap)), span(right, "dim")];
}
