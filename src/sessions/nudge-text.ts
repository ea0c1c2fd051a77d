/** What of a checkpoint matters to going on. */
export interface CutOffAt {
  readonly tool: {
    readonly name: string;
    readonly input: string;
    readonly isOpen: boolean;
  } | null;
}

/** Characters of a tool's input that are worth typing. */
const MOST_INPUT = 200;

/**
 * Pure: what to type to go on with a turn whose client was ended. Where that was in the middle of a
 * tool, nobody told the model what became of it, and a tool that is run twice may do harm: it is told
 * which one, and to look first. Without such a checkpoint it is `configured` as it is. One line.
 */
export function nudgeText(checkpoint: CutOffAt | null, configured: string): string {
  const tool = checkpoint?.tool ?? null;
  if (tool?.isOpen !== true) return configured;
  const input = oneLine(tool.input);
  const shown = input.length > MOST_INPUT ? `${input.slice(0, MOST_INPUT)}…` : input;
  const what = shown === "" ? oneLine(tool.name) : `${oneLine(tool.name)} (${shown})`;
  return `${configured} — your client was ended while the tool ${what} ran: check what it did before you run it again.`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\s]+/g, " ").trim();
}
