import type { Refusal } from "../policy/model.ts";
import { limitTextKind, windowOfText } from "./limit-text.ts";
import { USAGE_LIMIT_ERROR_PREFIXES, USAGE_TRANSITION_PREFIXES } from "./limit-vocabulary.ts";
import { machineZone, parseResetTime } from "./reset-time.ts";
import { findComposer, plainScreen, readScreen } from "./screen.ts";

/**
 * What tmux looks for (POSIX extended, any case): the vendor's limit texts, any apostrophe. It finds
 * quotations as well; `limitOnScreen` tells them apart.
 */
export const LIMIT_PATTERN = patternOf(USAGE_LIMIT_ERROR_PREFIXES);

function patternOf(prefixes: readonly string[]): string {
  return prefixes
    .map((words) =>
      words
        .replaceAll(/[^A-Za-z0-9 ]+/g, ".+")
        .replaceAll(/ \.\+ /g, ".+")
        .replace(/(?:\.\+)?\d*$/, ""),
    )
    .join("|");
}

/** The same for the vendor's words about paid usage; `paidNoticeOnScreen` tells quotations apart. */
export const PAID_PATTERN = patternOf(USAGE_TRANSITION_PREFIXES);

/** How the client sets off what became of a request. */
const RESULT = /^ {0,3}⎿ +(?=\S)/;
const CONTINUED = /^ {4,}(?=\S)/;
const RULE = /^[─━▔]/;
/** Ends a turn; after a refusal 2.1.328 leaves it away. */
const DONE = /^✻ .* · done /;
/** What the client does about a limit; it says nothing of the kind about an answer. */
const ABOUT_IT = /Usage limit reached ·|Continuing automatically|What do you want to do\?/;
const OF_THE_CLIENT = /^● (?:Usage limit reached|Automatic continue)/;
const NEW_BLOCK = /^(?:❯ +\S|[●!>])/;
/** What was typed and is no prompt: a command of the client, or of the shell. */
const NO_REQUEST = /^(?:! ?|[❯>] [!/])/;
const TOOL_CALL = /^● ?[\w-]+\(/;

/**
 * Pure: the limit text that the client itself shows as the last thing in the conversation, or null.
 * The same words as an answer, a prompt, a command's output or further up are none (client facts 15).
 * An answer that begins with a limit text looks like a refusal; where the client ends its turns with
 * `done`, only what it says besides tells the two apart (2.1.280, 2.1.328). So it is a suspicion at best.
 */
export function limitOnScreen(captured: readonly string[]): string | null {
  if (readScreen(captured).busy) return null;
  const lines = plainScreen(captured);
  const first = lines.findLastIndex((line) => RESULT.test(line));
  if (first < 0) return null;
  const continued = lines.slice(first + 1).findIndex((line) => !CONTINUED.test(line));
  const end = continued < 0 ? lines.length : first + 1 + continued;
  const shown = lines.slice(first);
  if (shown.some((line) => DONE.test(line)) && !shown.some((line) => ABOUT_IT.test(line)))
    return null;
  const text = [
    (lines[first] ?? "").replace(RESULT, ""),
    ...lines.slice(first + 1, end).map((line) => line.trim()),
  ].join(" ");
  if (limitTextKind(text) !== "limit") return null;
  if (isOfACommand(lines.slice(0, first))) return null;
  return isLast(lines.slice(end)) ? text : null;
}

/**
 * Pure: what such a screen, seen at `at` (epoch ms), makes suspect, or null. `localZone` (IANA; the
 * machine's own by default) is for a reset time that names none.
 */
export function suspectOnScreen(
  captured: readonly string[],
  at: number,
  localZone?: string,
): Refusal | null {
  const text = limitOnScreen(captured);
  if (text === null) return null;
  return {
    class: "usageLimit",
    window: windowOfText(text),
    resetsAt: parseResetTime(text, at, localZone ?? machineZone()),
    pattern: "pane:text",
    text,
  };
}

/**
 * Pure: the client's notice that the account goes on at a price, or null. It stands by itself at the
 * right, as the last thing above the composer, or below it; an answer's last line has the turn's own
 * line below it.
 */
export function paidNoticeOnScreen(captured: readonly string[]): string | null {
  const lines = plainScreen(captured).filter((line) => line.trim() !== "");
  const composer = findComposer(lines);
  if (composer === null) return null;
  const places = [lines[composer.first - 2] ?? "", ...lines.slice(composer.end + 1)];
  // Below the composer it may share its line with hints at the left.
  const notices = places.flatMap((line) =>
    line.startsWith("  ") ? line.trim().split(/ {3,}/) : [],
  );
  return notices.find((text) => limitTextKind(text) === "transition") ?? null;
}

function isOfACommand(above: readonly string[]): boolean {
  const last = above.findLast((line) => line.trim() !== "") ?? "";
  return NO_REQUEST.test(last) || TOOL_CALL.test(last);
}

/** Nothing was said or asked since: what comes is the composer or a menu. */
function isLast(below: readonly string[]): boolean {
  const rule = below.findIndex((line) => RULE.test(line));
  const rest = rule < 0 ? below : below.slice(0, rule);
  return rest.every((line) => !NEW_BLOCK.test(line) || OF_THE_CLIENT.test(line));
}
