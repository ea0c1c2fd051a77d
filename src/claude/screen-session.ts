const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** The heading of the panel that `/status` opens, and its line (measured, 2.1.332). */
const PANEL = /^\s*(?:Settings|Status)\s+Status\s+Config\b/;
const PANEL_ID = new RegExp(`^\\s+Session ID:\\s+(${UUID})$`);
/** What a client leaves at the left edge when it ends. */
const HINT = /^Resume this session with:$/;
const HINT_ID = new RegExp(`^claude\\b.* --resume (${UUID})$`);
/** The head of a client that was started. */
const BANNER = /^ *\S+ +Claude Code v\d/;

/** What a pane says of which conversation its client has, or had when it ended. */
export type NamedConversation =
  | { readonly kind: "one"; readonly sessionId: string; readonly hasEnded: boolean }
  | { readonly kind: "several"; readonly sessionIds: readonly string[] }
  | { readonly kind: "none" };

/**
 * Pure: reads the lines of a pane, wrapped ones joined. A running client names its conversation only
 * while `/status` is open, one that ends in its last words; what was left by an earlier client than
 * the one that runs says nothing. Everything else on a screen may be anybody's words.
 */
export function conversationNamed(lines: readonly string[]): NamedConversation {
  let isPanel = false;
  let open = new Set<string>();
  let ended: string | null = null;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd();
    if (BANNER.test(line)) {
      open = new Set();
      ended = null;
    }
    if (PANEL.test(line)) isPanel = true;
    const shown = isPanel ? PANEL_ID.exec(line)?.[1] : undefined;
    if (shown !== undefined) open.add(shown);
    const left = HINT.test(lines[index - 1]?.trimEnd() ?? "") ? HINT_ID.exec(line)?.[1] : undefined;
    if (left !== undefined) ended = left;
  }
  const ids = [...new Set([...open, ...(ended === null ? [] : [ended])])];
  const [sessionId] = ids;
  if (sessionId === undefined) return { kind: "none" };
  if (ids.length > 1) return { kind: "several", sessionIds: ids };
  return { kind: "one", sessionId, hasEnded: ended !== null };
}
