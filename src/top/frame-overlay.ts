import { targetsOf } from "./keys.ts";
import { textLayout } from "./layout.ts";
import type { Overlay, TextOverlay, TopState } from "./model.ts";
import { slotOf } from "./slot.ts";
import { cell, span, widthOf, wrapped, type Line, type View } from "./text.ts";

const HELP = [
  ["up, down", "select a session"],
  ["s", "move the fleet to another account; asks first"],
  ["c, d", "confirm what is proposed, decline it; asks first"],
  ["f", "return to the preferred account; asks first"],
  ["u", "release the pin of a switchover by hand"],
  ["", "these are about the selected session's slot, if it has its own"],
  ["p", "pause: only observe; p again ends it"],
  ["h, r", "hold the selected session, release it"],
  ["a", "attach to the selected session; Ctrl-B d comes back"],
  ["Enter", "why the selected session is as it is"],
  ["w", "why the last decisions were taken"],
  ["q, Esc", "quit; every session and the daemon go on"],
] as const;

/** Pure: what lies over the view, in `room` lines. */
export function overlayLines(state: TopState, view: View, room: number): Line[] {
  const { overlay } = state;
  return overlay === null ? [] : [[], ...linesOf(overlay, state, view, room - 1)];
}

function linesOf(overlay: Overlay, state: TopState, view: View, room: number): Line[] {
  switch (overlay.kind) {
    case "help":
      return [
        [span("KEYS", "head")],
        ...HELP.map(([keys, text]): Line => [span(`  ${cell(keys, 9)} `, "head"), span(text)]),
      ];
    case "text":
      return textLines(overlay, view, room);
    case "accounts":
      return accountChoice(overlay, state, view);
    case "ask":
      return [
        ...wrapped(overlay.question, view.columns).map((line): Line => [span(line, "head")]),
        [],
        [span("  y  yes"), span("   any other key: no", "dim")],
      ];
  }
}

function textLines(overlay: TextOverlay, view: View, room: number): Line[] {
  const { lines } = textLayout(overlay, view);
  const start = overlay.from;
  const shown = lines.slice(start, start + room - 1);
  const isAll = shown.length === lines.length;
  const part = isAll ? "" : `  ${start + 1}-${start + shown.length} of ${lines.length}`;
  return [
    [span(overlay.title, "head"), span(part, "dim")],
    ...shown.map((line): Line => [span(line)]),
  ];
}

function accountChoice(
  { index, session }: Extract<Overlay, { kind: "accounts" }>,
  state: TopState,
  view: View,
): Line[] {
  const targets = targetsOf(state, session);
  if (targets.length === 0) return [[span("There is no other account.", "warn")]];
  const width = Math.max(...targets.map(widthOf));
  const rows = targets.map((name, at): Line => {
    const account = state.status?.accounts.find((each) => each.name === name);
    const against = (account?.limitations ?? []).map(({ text }) => text).join("; ");
    const text = against === "" ? "may take over" : against;
    return [
      span(at === index ? "> " : "  "),
      span(cell(name, width), at === index ? "chosen" : "plain"),
      span(`  ${cell(text, view.columns - width - 4).trimEnd()}`, against === "" ? "good" : "warn"),
    ];
  });
  return [[span(`Move ${slotOf(state.status, session).label} to`, "head")], ...rows];
}
