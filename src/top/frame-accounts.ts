import type { AccountJson, StatusJson, WindowJson } from "../api/contract.ts";
import { unsaidLimitations } from "../api/limitation-text.ts";
import { isOwnSlot } from "../api/session-view.ts";
import { cell, shortSpan, span, widthOf, type Line, type Tone, type View } from "./text.ts";

const STATE = 11;
const RESET = 7;
const PERCENT = 4;
const MOST_NAME = 20;
const LONGEST_BAR = 24;
/** Lines that accounts may take at most; the rest is counted. */
const MOST_LINES = 14;

/** Pure: the accounts with a bar for each of the two windows, and what is to be said of them. */
export function accountLines(status: StatusJson, view: View): Line[] {
  const layout = layoutOf(status, view);
  const rows = status.accounts.map((account) => accountRows(account, status, layout, view));
  const shown: Line[] = [];
  let hidden = 0;
  for (const row of rows) {
    if (shown.length + row.length > MOST_LINES) hidden += 1;
    else shown.push(...row);
  }
  const more: Line[] = hidden === 0 ? [] : [[span(`  … and ${hidden} more`, "dim")]];
  return [headLine(layout), ...shown, ...more];
}

interface Layout {
  readonly name: number;
  readonly bar: number;
}

function layoutOf({ accounts }: StatusJson, { columns }: View): Layout {
  const name = Math.min(MOST_NAME, Math.max(7, ...accounts.map((each) => widthOf(each.name))));
  const left = columns - 2 - name - 2 - STATE - 1;
  const each = Math.floor(left / 2);
  return { name, bar: Math.max(4, Math.min(LONGEST_BAR, each - PERCENT - RESET - 4)) };
}

function headLine({ name, bar }: Layout): Line {
  const window = (text: string): string =>
    `${cell(text, bar + 1 + PERCENT)} ${cell("RESETS", RESET)}  `;
  const text = `  ${cell("ACCOUNT", name)}  ${cell("STATE", STATE)} ${window("5 HOURS")}${window("WEEK")}`;
  return [span(text, "head")];
}

const STATE_TONES: Readonly<Record<AccountJson["state"], Tone>> = {
  active: "good",
  standby: "plain",
  exhausted: "bad",
  quarantined: "bad",
  loggedOut: "bad",
  unknown: "warn",
};

function accountRows(account: AccountJson, status: StatusJson, layout: Layout, view: View): Line[] {
  const { name, state } = account;
  const isActive = name === status.activeAccount;
  const first: Line = [
    span(isActive ? (view.unicode ? "▶ " : "* ") : "  ", "good"),
    span(cell(name, layout.name), isActive ? "head" : "plain"),
    span("  "),
    span(cell(state, STATE), STATE_TONES[state]),
    span(" "),
    ...windowSpans(windowOf(account, "fiveHour"), layout, view),
    span("  "),
    ...windowSpans(windowOf(account, "weekly"), layout, view),
  ];
  const pinned = name === status.pinned ? ["pinned by hand (u releases it)"] : [];
  const slots = status.slots
    .filter((slot) => isOwnSlot(slot.name) && slot.account === name)
    .map((slot) => `slot ${slot.name} is here${slot.pinned === null ? "" : ", pinned by hand"}`);
  const notes = [...pinned, ...slots, ...notesOf(account, status, view.now)].join("; ");
  if (notes === "") return [first];
  return [first, [span(`    ${cell(notes, view.columns - 4).trimEnd()}`, "warn")]];
}

function windowOf({ windows }: AccountJson, window: string): WindowJson | undefined {
  return windows.find((each) => each.window === window);
}

function windowSpans(window: WindowJson | undefined, { bar }: Layout, view: View): Line {
  const percent = window?.usedPercent ?? null;
  const reset = resetText(window?.resetsAt ?? null, view.now);
  if (percent === null)
    return [span(cell("not known", bar + 1 + PERCENT), "dim"), span(` ${cell(reset, RESET)}`)];
  const tone: Tone = percent >= 95 ? "bad" : percent >= 80 ? "warn" : "good";
  // Only what is full looks full, and only what is empty looks empty.
  const most = percent < 100 ? bar - 1 : bar;
  const filled = Math.min(most, Math.max(percent > 0 ? 1 : 0, Math.round((percent / 100) * bar)));
  const [full, empty] = view.unicode ? ["█", "░"] : ["#", "-"];
  return [
    span(full.repeat(filled), tone),
    span(empty.repeat(bar - filled), "dim"),
    span(` ${`${Math.round(percent)}%`.padStart(PERCENT)} `),
    span(cell(reset, RESET), "dim"),
  ];
}

function resetText(resetsAt: string | null, now: number): string {
  const left = resetsAt === null ? 0 : Date.parse(resetsAt) - now;
  return left <= 0 ? "" : shortSpan(left);
}

/** What no column says: how long it is spent, when it will be, and why it may not take over. */
function notesOf(account: AccountJson, { activeAccount }: StatusJson, now: number): string[] {
  const { exhaustedUntil, windows, conflicts } = account;
  const spent =
    exhaustedUntil === null ? [] : [`free again in ${shortSpan(Date.parse(exhaustedUntil) - now)}`];
  const forecasts = windows.flatMap((window) => forecastText(window, now));
  const models = windows
    .filter(({ window, usedPercent }) => window.startsWith("model:") && usedPercent !== null)
    .map(({ window, usedPercent }) => `${window.slice(6)} ${Math.round(usedPercent ?? 0)}%`);
  const others = unsaidLimitations(account, activeAccount);
  const differs = conflicts.length === 0 ? [] : ["its signals differ"];
  return [...spent, ...differs, ...forecasts, ...models, ...others];
}

function forecastText({ window, forecast }: WindowJson, now: number): string[] {
  const limitAt = forecast?.limitAt ?? null;
  if (limitAt === null) return [];
  const left = Date.parse(limitAt) - now;
  const what = window === "fiveHour" ? "5 hours" : window === "weekly" ? "week" : window.slice(6);
  return [`${what} full ${left <= 0 ? "about now" : `in about ${shortSpan(left)}`}`];
}
