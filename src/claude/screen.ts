/** What the client's screen says: the composer, and whether a dialog takes the keys. */

export type Composer =
  | { readonly kind: "empty" }
  /** Text that somebody typed and did not submit. */
  | { readonly kind: "draft"; readonly text: string }
  /** No composer: another dialog, another program, or a screen that is not drawn yet. */
  | { readonly kind: "none" };

export type Dialog =
  | "limitMenu"
  | "rewindMenu"
  | "trust"
  | "bypassPermissions"
  | "onboarding"
  | "login"
  | "resumeSummary"
  | "permission"
  | "otherMenu";

export interface Screen {
  readonly composer: Composer;
  readonly dialog: Dialog | null;
  /** A turn is running: the client shows how to interrupt it. */
  readonly busy: boolean;
}

/**
 * The keys that answer the offer to take a summary of a long conversation, one after the other: its
 * first choice is the summary, its second the whole of it.
 */
export const OFFER_KEYS = { summary: ["Enter"], full: ["Down", "Enter"] } as const;

/** Words of each dialog, in the order in which they are looked for (client facts 15, 23, 24, 29). */
const DIALOGS: ReadonlyArray<readonly [Dialog, RegExp]> = [
  ["trust", /trust this folder|Quick safety check|Do you trust the (?:contents|files)/],
  ["bypassPermissions", /Bypass Permissions mode/],
  ["onboarding", /Choose the text style|Let's get started|text style that looks best/],
  ["login", /Select login method|Paste code here if prompted/],
  ["resumeSummary", /Resume from summary|summari[sz]e (?:and|this) /i],
  ["rewindMenu", /^\s*Rewind\s*$[^]*Enter to continue · Esc to (?:cancel|exit)/m],
  ["permission", /Do you want to (?:proceed|make this edit|create|allow)/],
];
/** The title alone could be a question of the model's; the first choices are the client's own. */
const LIMIT_MENU =
  /^\s*What do you want to do\?\s*$[^]*\d+\. .*(?:limit|continue automatically|usage|upgrade)/im;
const MENU_FOOTER = /(?:Enter to (?:confirm|select|continue)|Esc to (?:cancel|exit))/;
const MENU_CHOICE = /^\s*❯\s*\d+\.\s/m;
const BUSY = /esc to interrupt/i;
const COMPOSER_LINE = /^❯(?:[\s\u00a0]|$)/;
/** Closes the composer above and below; the upper one may carry the session's name (measured). */
const RULE = /^[─━]/;
const RULE_OF_MENU = /^[─━▔]/;
/** How far up a dialog without a rule above it is looked for. */
const DIALOG_LINES = 20;

/**
 * Reads a screen as captured with escape sequences. The composer is the last line that begins with
 * `❯` in the first column, right below a rule; dim text in it (SGR 2) is a placeholder, anything
 * else a draft (client facts 29). While it is there no dialog takes the keys, whatever the
 * conversation above it says.
 */
export function readScreen(captured: readonly string[]): Screen {
  const plain = captured.map(stripEscapes);
  const shown = plain.slice(0, plain.findLastIndex((line) => line.trim() !== "") + 1);
  const busy = BUSY.test(shown.slice(-DIALOG_LINES).join("\n"));
  const place = findComposer(shown);
  return place === null
    ? { composer: { kind: "none" }, dialog: dialogOf(shown), busy }
    : { composer: composerOf(captured.slice(place.first, place.end)), dialog: null, busy };
}

/** The lines of a captured screen as plain text, with plain blanks. */
export function plainScreen(captured: readonly string[]): string[] {
  return captured.map((line) => stripEscapes(line).replaceAll("\u00a0", " "));
}

/** From the composer's first line to the rule below it; null where none is drawn. */
export function findComposer(plain: readonly string[]): { first: number; end: number } | null {
  const first = plain.findLastIndex(
    (line, index) => COMPOSER_LINE.test(line) && RULE.test(plain[index - 1] ?? ""),
  );
  if (first < 0) return null;
  const below = plain.findIndex((line, index) => index > first && RULE.test(line));
  return { first, end: below < 0 ? plain.length : below };
}

/** What is drawn below the last rule: a dialog has one above it, the conversation does not. */
function dialogOf(plain: readonly string[]): Dialog | null {
  const rule = plain.findLastIndex((line) => RULE_OF_MENU.test(line));
  const text = (rule < 0 ? plain.slice(-DIALOG_LINES) : plain.slice(rule + 1)).join("\n");
  const menu = MENU_CHOICE.test(text);
  if (!menu && !MENU_FOOTER.test(text)) return null;
  if (LIMIT_MENU.test(text)) return "limitMenu";
  for (const [dialog, words] of DIALOGS) if (words.test(text)) return dialog;
  return menu ? "otherMenu" : null;
}

/** The composer's text, without what is drawn dim. */
function composerOf(captured: readonly string[]): Composer {
  const text = captured
    .map((line) => stripEscapes(dropDim(line)).trimEnd())
    .join("\n")
    .replace(/^❯/, "")
    .trim();
  return text === "" ? { kind: "empty" } : { kind: "draft", text };
}

/** The line without what is drawn dim: placeholders, whose first letter is the reversed cursor. */
function dropDim(line: string): string {
  const runs = styledRuns(line);
  return runs
    .filter((run, index) => !run.dim && !(run.reversed && runs[index + 1]?.dim === true))
    .map((run) => run.text)
    .join("");
}

interface Run {
  readonly text: string;
  readonly dim: boolean;
  readonly reversed: boolean;
}

function styledRuns(line: string): Run[] {
  const style = { dim: false, reversed: false };
  const runs: Run[] = [];
  for (const part of line.split(/(\u001b\[[0-9;:]*m)/)) {
    const sgr = /^\u001b\[([0-9;:]*)m$/.exec(part);
    if (sgr !== null) applySgr(style, (sgr[1] ?? "").split(";"));
    else if (part !== "") runs.push({ text: part, ...style });
  }
  return runs;
}

/** Follows dim and reverse through one SGR sequence; the numbers of a colour are no attributes. */
function applySgr(style: { dim: boolean; reversed: boolean }, codes: readonly string[]): void {
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? "";
    if (code === "38" || code === "48" || code === "58") index += codes[index + 1] === "5" ? 2 : 4;
    else if (code === "" || code === "0") Object.assign(style, { dim: false, reversed: false });
    else if (code === "2") style.dim = true;
    else if (code === "22") style.dim = false;
    else if (code === "7") style.reversed = true;
    else if (code === "27") style.reversed = false;
  }
}

function stripEscapes(line: string): string {
  return line.replaceAll(
    /\u001b\[[0-9;:?]*[A-Za-z]|\u001b\][^\u0007]*\u0007|\u001b[()][A-Z0-9]/g,
    "",
  );
}
