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

/** What is submitted: the text with every pasted block in its place. */
export function expand(draft: Draft): string {
  return draft.pastes.reduce(
    (text, paste, index) =>
      text.replace(reference(index + 1, paste.split("\n").length - 1), () => paste),
    draft.text,
  );
}

function reference(number: number, newlines: number): string {
  return `[Pasted text #${number}${newlines > 0 ? ` +${newlines} lines` : ""}]`;
}
