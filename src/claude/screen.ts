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

/** Words of each dialog, in the order in which they are looked for (client facts 15, 23, 24, 29). */
const DIALOGS: ReadonlyArray<readonly [Dialog, RegExp]> = [
  ["trust", /trust this folder|Quick safety check|Do you trust the (?:contents|files)/],
  ["bypassPermissions", /Bypass Permissions mode/],
  ["onboarding", /Choose the text style|Let's get started|text style that looks best/],
  ["login", /Select login method|Paste code here if prompted/],
  ["resumeSummary", /Resume from summary|summari[sz]e (?:and|this) /i],
  ["rewindMenu", /Enter to continue · Esc to (?:cancel|exit)/],
  ["permission", /Do you want to (?:proceed|make this edit|create|allow)/],
];
const LIMIT_MENU = /What do you want to do\?/;
const MENU_FOOTER = /(?:Enter to (?:confirm|select)|Esc to (?:cancel|exit))/;
const BUSY = /esc to interrupt/i;
const COMPOSER_LINE = /^\s*[│|]?\s*❯(?:[\s\u00a0]|$)/;
const MENU_CHOICE = /^\s*❯\s*\d+\.\s/;

/**
 * Reads a screen as captured with escape sequences. The composer is the last line that begins with
 * `❯`; dim text in it (SGR 2) is a placeholder, anything else a draft (client facts 29).
 */
export function readScreen(captured: readonly string[]): Screen {
  const plain = captured.map(stripEscapes);
  const last = plain.findLastIndex((line) => COMPOSER_LINE.test(line));
  const tail = plain.slice(-14).join("\n");
  const menu = last >= 0 && MENU_CHOICE.test(plain[last] ?? "");
  const dialog = dialogOf(tail, menu);
  const composer: Composer =
    last < 0 || menu || (dialog !== null && dialog !== "rewindMenu")
      ? { kind: "none" }
      : composerOf(captured, last);
  return { composer: dialog === null ? composer : { kind: "none" }, dialog, busy: BUSY.test(tail) };
}

function dialogOf(tail: string, menu: boolean): Dialog | null {
  if (!menu && !MENU_FOOTER.test(tail)) return null;
  if (LIMIT_MENU.test(tail)) return "limitMenu";
  for (const [dialog, words] of DIALOGS) if (words.test(tail)) return dialog;
  return menu ? "otherMenu" : null;
}

/** The composer's text: its first line and those below it, up to the rule that closes it. */
function composerOf(captured: readonly string[], first: number): Composer {
  const lines: string[] = [];
  for (const [offset, line] of captured.slice(first).entries()) {
    const plain = stripEscapes(dropDim(line));
    if (offset > 0 && /^[\s]*[─━▁▔╰└]/.test(stripEscapes(line))) break;
    lines.push(offset === 0 ? plain.replace(/^\s*[│|]?\s*❯[\s\u00a0]?/, "") : plain);
  }
  const text = lines
    .map((line) => line.trimEnd())
    .join("\n")
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
