import { readFileSync } from "node:fs";
import { errnoOf, FailoverError } from "../errors.ts";
import { fieldsOf, parseFields, textOf } from "./fields.ts";
import { isSamePrompt } from "./prompt-text.ts";
import { parseTranscriptRow, turnAfter } from "./transcript.ts";

/** What a transcript tells of one prompt and of what came after it. */
export interface PromptTurn {
  readonly promptId: string | null;
  /** When it was taken, epoch ms. */
  readonly at: number;
  /** When the last of it was said: prompt, answer, tool's result or refusal (epoch ms). */
  readonly lastAt: number;
  /** The last row is an answer that ends a turn. */
  readonly ended: boolean;
  /** The last text of the model since. */
  readonly answer: string | null;
  /** A person ended the turn. */
  readonly interrupted: boolean;
}

/** A prompt by its id or, where that is not known, by its text, not earlier than `since` (epoch ms). */
export interface PromptSought {
  readonly promptId: string | null;
  readonly text: string;
  readonly since: number;
}

/** The row's time has the client's clock and whole milliseconds. */
const SLACK_MS = 1_000;

/**
 * Looks a prompt up in a transcript; null where it is not, or where there is no transcript. Reads the
 * whole file. Throws CF_CLIENT_TRANSCRIPTS where it cannot be read.
 */
export function readPromptTurn(path: string, sought: PromptSought): PromptTurn | null {
  try {
    return promptTurn(readFileSync(path, "utf8").split("\n"), sought);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return null;
    const message = `The transcript ${path} is unreadable.`;
    throw new FailoverError("CF_CLIENT_TRANSCRIPTS", message, { details: { path }, cause });
  }
}

/** Pure: the same over the lines of a transcript. */
export function promptTurn(lines: readonly string[], sought: PromptSought): PromptTurn | null {
  let turn = null as PromptTurn | null;
  for (const line of lines) {
    const row = parseTranscriptRow(line);
    if (row === null) continue;
    if (row.kind === "prompt" && !row.isMeta) {
      const { promptId, at } = row;
      if (turn !== null) turn = { ...turn, lastAt: at, ended: false };
      else if (isSought(row, sought))
        turn = { promptId, at, lastAt: at, ended: false, answer: null, interrupted: false };
      continue;
    }
    if (turn === null) continue;
    if (row.kind === "answer")
      turn = {
        ...turn,
        lastAt: row.at,
        ended: turnAfter(row.stopReason) === "ended",
        answer: answerIn(line) ?? turn.answer,
        interrupted: false,
      };
    else if (row.kind === "toolResult" || row.kind === "refusal")
      turn = { ...turn, lastAt: row.at, ended: false };
    else if (line.includes("[Request interrupted by user"))
      turn = { ...turn, ended: false, interrupted: true };
  }
  return turn;
}

function isSought(
  row: { readonly promptId: string | null; readonly text: string; readonly at: number },
  { promptId, text, since }: PromptSought,
): boolean {
  if (promptId !== null && row.promptId !== null) return row.promptId === promptId;
  return row.at >= since - SLACK_MS && isSamePrompt(row.text, text);
}

function answerIn(line: string): string | null {
  const content = fieldsOf(parseFields(line)?.["message"])?.["content"];
  if (!Array.isArray(content)) return null;
  const texts = content.flatMap((block: unknown) => {
    const fields = fieldsOf(block);
    return fields?.["type"] === "text" ? (textOf(fields["text"]) ?? []) : [];
  });
  return texts.length > 0 ? texts.join("\n") : null;
}
