import type { SessionJson } from "../api/contract.ts";
import { accountText } from "../api/session-view.ts";
import type { TopState } from "./model.ts";
import {
  cell,
  cutStart,
  shortSpan,
  span,
  widthOf,
  type Line,
  type Span,
  type Tone,
  type View,
} from "./text.ts";

const MOST_NAME = 24;
const STATE = 8;
const AGE = 7;

const TONES: Readonly<Record<SessionJson["state"], Tone>> = {
  starting: "warn",
  working: "good",
  idle: "plain",
  asking: "warn",
  limited: "bad",
  held: "warn",
  dead: "bad",
};

/** Pure: the sessions in `room` lines, the head among them; the selected one is always shown. */
export function sessionLines(state: TopState, view: View, room: number): Line[] {
  const sessions = state.status?.sessions ?? [];
  if (sessions.length === 0)
    return [[span("SESSIONS", "head")], [span("  none is configured", "dim")]];
  const fits = Math.max(1, room - 1);
  const at = Math.max(
    0,
    sessions.findIndex(({ name }) => name === state.cursor),
  );
  const from = Math.min(
    Math.max(0, at - Math.floor(fits / 2)),
    Math.max(0, sessions.length - fits),
  );
  const shown = sessions.slice(from, from + fits);
  const layout = layoutOf(sessions);
  const part =
    shown.length === sessions.length
      ? ""
      : ` ${from + 1}-${from + shown.length} of ${sessions.length}`;
  return [
    headLine(layout, part, view),
    ...shown.map((session) => sessionLine(session, { state, layout, view })),
  ];
}

interface Layout {
  readonly name: number;
  readonly account: number;
}

function layoutOf(sessions: readonly SessionJson[]): Layout {
  const longest = (texts: readonly string[], least: number): number =>
    Math.min(MOST_NAME, Math.max(least, ...texts.map(widthOf)));
  return {
    name: longest(
      sessions.map(({ name }) => name),
      8,
    ),
    account: longest(sessions.map(accountText), 7),
  };
}

function headLine({ name, account }: Layout, part: string, { columns }: View): Line {
  const text = `  ${cell("SESSION", name)}  ${cell("STATE", STATE)} ${cell("ACCOUNT", account)} ${cell("FOR", AGE)} TASK OR FOLDER`;
  const gap = Math.max(0, columns - widthOf(text) - widthOf(part));
  return [span(text, "head"), span(" ".repeat(gap)), span(part, "dim")];
}

function sessionLine(
  session: SessionJson,
  at: { state: TopState; layout: Layout; view: View },
): Line {
  const { state, layout, view } = at;
  const { name, since } = session;
  const isChosen = name === state.cursor;
  const before = 2 + layout.name + 2 + STATE + 1 + layout.account + 1 + AGE + 1;
  return [
    span(isChosen ? "> " : "  "),
    span(cell(name, layout.name), isChosen ? "chosen" : "plain"),
    span("  "),
    span(cell(session.state, STATE), TONES[session.state]),
    span(` ${cell(accountText(session), layout.account)} `),
    span(`${cell(shortSpan(view.now - Date.parse(since)), AGE)} `),
    workSpan(session, state, Math.max(4, view.columns - before)),
  ];
}

/** What a person should know of it, else what it does, else where it is. */
function workSpan(session: SessionJson, { tasks }: TopState, width: number): Span {
  const { name, note, draining, cwd } = session;
  const task = tasks.find((each) => each.session === name);
  if (note !== null) return span(cell(note.text, width).trimEnd(), "warn");
  const drains = draining ? "draining, " : "";
  if (task === undefined) {
    const left = width - drains.length;
    return span(drains + (widthOf(cwd) <= left ? cwd : cutStart(cwd, left)), "dim");
  }
  const text = `${drains}#${task.id} ${task.title ?? task.name ?? "task"}`;
  return span(cell(text, width).trimEnd());
}
