/*
 * What the client makes of a text that was pasted (measured, 2.1.150 and 2.1.328): a tab becomes four
 * blanks; a long text, or one of several lines, is shown as a placeholder; and 2.1.328 submits what
 * is behind the placeholder between marks, with such marks in the text itself defused. A letter and
 * its mark are composed to one (NFC, 2.1.328).
 */

const PASTED = /^<pasted_content id="([^"]*)">\n([^]*)\n<\/pasted_content id="\1">$/;
const DEFUSED_MARK = /<\\(\/?pasted_content)/g;
/** Without its blanks: a narrow pane breaks it anywhere. */
const PLACEHOLDER = /\[Pastedtext#\d+(?:\+(\d+)lines)?\]/;
const WHOLE_PLACEHOLDER = new RegExp(`^${PLACEHOLDER.source}$`);

/** Pure: whether a prompt, as the client tells it, is the text that was typed. */
export function isSamePrompt(told: string, typed: string): boolean {
  return told === typed || bare(told) === bare(typed);
}

function bare(text: string): string {
  const trimmed = text.trim();
  const inner = PASTED.exec(trimmed)?.[2];
  const plain = inner === undefined ? trimmed : inner.replaceAll(DEFUSED_MARK, "<$1");
  return plain.replaceAll("\t", "    ").normalize("NFC").trim();
}

/** Pure: whether a composer shows this text: wrapped where the pane ends, or as a placeholder. */
export function isShownAs(shown: string, text: string): boolean {
  const placeholder = WHOLE_PLACEHOLDER.exec(withoutBlanks(shown));
  if (placeholder === null) return withoutBlanks(shown) === withoutBlanks(text);
  return Number(placeholder[1] ?? 0) === text.split("\n").length - 1;
}

/** Pure: whether a composer surely shows something beside this text. What it shows otherwise may be it. */
export function holdsMore(shown: string, text: string): boolean {
  if (isShownAs(shown, text)) return false;
  const [bare, ours] = [withoutBlanks(shown), withoutBlanks(text)];
  if (ours === "" || bare === "") return false;
  return bare.includes(ours) || (PLACEHOLDER.test(bare) && !PLACEHOLDER.test(ours));
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, "").normalize("NFC");
}
