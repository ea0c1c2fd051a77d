import { createHash } from "node:crypto";

/** The prompt the operator is writing. Pasted blocks are shown as a reference and sent in full. */
export interface Draft {
  readonly text: string;
  readonly pastes: readonly string[];
}

export const emptyDraft: Draft = { text: "", pastes: [] };

/** A paste of more than this is shown as a reference (measured, 2.1.328). */
const SHOWN_CHARACTERS = 800;
const SHOWN_NEWLINES = 2;

export function typeText(draft: Draft, text: string): Draft {
  return { ...draft, text: draft.text + text };
}

export function pasteText(draft: Draft, text: string): Draft {
  const newlines = text.split("\n").length - 1;
  if (text.length <= SHOWN_CHARACTERS && newlines <= SHOWN_NEWLINES) return typeText(draft, text);
  const pastes = [...draft.pastes, text];
  return { text: draft.text + reference(pastes.length, newlines), pastes };
}

export function eraseCharacter(draft: Draft): Draft {
  return { ...draft, text: Array.from(draft.text).slice(0, -1).join("") };
}

/** Erases back to the beginning of the line the cursor is on; on an empty line the line itself. */
export function eraseLine(draft: Draft): Draft {
  const start = draft.text.lastIndexOf("\n");
  const onEmptyLine = start === draft.text.length - 1;
  return { ...draft, text: draft.text.slice(0, onEmptyLine ? Math.max(0, start) : start + 1) };
}

/**
 * What is submitted: the text with every pasted block in its place, marked as such. The marks are
 * part of the prompt the hook and the transcript tell (measured, 2.1.328; 2.1.150 sets none).
 */
export function expand(draft: Draft): string {
  if (draft.pastes.length === 0) return draft.text.trim();
  return draft.pastes.reduce(
    (text, paste, index) =>
      text.replace(reference(index + 1, paste.split("\n").length - 1), () => marked(paste)),
    draft.text,
  );
}

function marked(paste: string): string {
  const id = createHash("sha256").update(paste).digest("hex").slice(0, 4);
  return `\n\n<pasted_content id="${id}">\n${paste}\n</pasted_content id="${id}">\n`;
}

function reference(number: number, newlines: number): string {
  return `[Pasted text #${number}${newlines > 0 ? ` +${newlines} lines` : ""}]`;
}
