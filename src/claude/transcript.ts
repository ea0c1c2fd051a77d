import type { Refusal } from "../policy/model.ts";
import { fieldsOf, numberOf, parseFields, textOf, type Fields } from "./fields.ts";
import { classifyRefusal } from "./refusal.ts";

interface RowBase {
  readonly sessionId: string;
  /** When the client wrote it, epoch ms. */
  readonly at: number;
  readonly uuid: string;
}

/** One row of a session's transcript, as far as this project cares. */
export type TranscriptRow =
  | (RowBase & {
      readonly kind: "prompt";
      /** The receipt: the same id the `UserPromptSubmit` hook carries (client facts 20). */
      readonly promptId: string | null;
      readonly text: string;
      readonly cwd: string | null;
      /** Written by the client itself, not typed. */
      readonly isMeta: boolean;
    })
  | (RowBase & { readonly kind: "toolResult"; readonly promptId: string | null })
  | (RowBase & {
      readonly kind: "answer";
      readonly model: string;
      readonly stopReason: string | null;
    })
  | (RowBase & { readonly kind: "refusal"; readonly error: string; readonly refusal: Refusal })
  | (RowBase & { readonly kind: "notice"; readonly text: string })
  /** The main conversation's request went out; undocumented, written by 2.1.328. Not on the chain. */
  | (RowBase & { readonly kind: "request"; readonly model: string | null })
  /** Anything else that was written. */
  | (RowBase & { readonly kind: "other" });

/** Rows of these types stand in no chain and can be long; they are not even parsed. */
const NOT_OURS = /^\{"type":"(?!user"|assistant"|system"|attachment"|api-request")/;
/**
 * User rows that the client writes about what was done, not what was asked. A command of its own
 * begins with its name; one that asks the model something (a skill) with its message (2.1.150, 2.1.332).
 */
const NOT_TYPED =
  /^(?:<command-name>|<local-command-(?:stdout|stderr|caveat)>|<bash-(?:stdout|stderr)>|\[Request interrupted by user)/;
/** What `/context` leaves for the model to read, which is not asked by it. */
const CONTEXT_USAGE = /^## Context Usage\n/;

/**
 * Pure: one line of a transcript (client facts 11, 20), or null for what is no row, belongs to a
 * sub-agent's side chain, or is half written. `localZone` (IANA; the machine's own by default) is for
 * reset times that name none. Never throws.
 */
export function parseTranscriptRow(line: string, localZone?: string): TranscriptRow | null {
  if (line === "" || NOT_OURS.test(line)) return null;
  const fields = parseFields(line);
  if (fields === null || fields["isSidechain"] === true) return null;
  const base = baseOf(fields);
  if (base === null) return null;
  switch (fields["type"]) {
    case "user":
      return userRow(base, fields);
    case "assistant":
      return assistantRow(base, fields, localZone);
    case "system":
      return systemRow(base, fields);
    case "api-request":
      return requestRow(base, fields);
    default:
      return { ...base, kind: "other" };
  }
}

function baseOf(fields: Fields): RowBase | null {
  const uuid = textOf(fields["uuid"]) ?? textOf(fields["id"]);
  const sessionId = textOf(fields["sessionId"]);
  const at = Date.parse(textOf(fields["timestamp"]) ?? "");
  if (uuid === null || sessionId === null || Number.isNaN(at)) return null;
  return { sessionId, at, uuid };
}

function userRow(base: RowBase, fields: Fields): TranscriptRow {
  const content = fieldsOf(fields["message"])?.["content"];
  const promptId = textOf(fields["promptId"]);
  if (
    Array.isArray(content) &&
    content.some((block) => fieldsOf(block)?.["type"] === "tool_result")
  )
    return { ...base, kind: "toolResult", promptId };
  const text = textIn(content);
  const isMeta = fields["isMeta"] === true;
  if (text === null || fields["isCompactSummary"] === true || NOT_TYPED.test(text))
    return { ...base, kind: "other" };
  if (isMeta && CONTEXT_USAGE.test(text)) return { ...base, kind: "other" };
  return { ...base, kind: "prompt", promptId, text, cwd: textOf(fields["cwd"]), isMeta };
}

function assistantRow(base: RowBase, fields: Fields, localZone?: string): TranscriptRow {
  const message = fieldsOf(fields["message"]);
  if (fields["isApiErrorMessage"] === true) {
    const error = textOf(fields["error"]) ?? "unknown";
    const refusal = classifyRefusal({
      channel: "row",
      error,
      text: textIn(message?.["content"]) ?? "",
      apiErrorStatus: numberOf(fields["apiErrorStatus"]),
      quotaLimits: fields["quotaLimits"],
      at: base.at,
      localZone,
    });
    return { ...base, kind: "refusal", error, refusal };
  }
  const model = textOf(message?.["model"]);
  if (model === null || model === "<synthetic>") return { ...base, kind: "other" };
  return { ...base, kind: "answer", model, stopReason: textOf(message?.["stop_reason"]) };
}

function systemRow(base: RowBase, fields: Fields): TranscriptRow {
  const text = textOf(fields["content"]);
  return fields["subtype"] === "informational" && text !== null
    ? { ...base, kind: "notice", text }
    : { ...base, kind: "other" };
}

function requestRow(base: RowBase, fields: Fields): TranscriptRow | null {
  if (!textOf(fields["querySource"])?.startsWith("repl_main_thread")) return null;
  return { ...base, kind: "request", model: textOf(fieldsOf(fields["params"])?.["model"]) };
}

/** A message's text: the string, or its text blocks one below the other; null where it has none. */
function textIn(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  const texts = content.flatMap((block: unknown) => {
    const fields = fieldsOf(block);
    const text = fields?.["type"] === "text" ? fields["text"] : undefined;
    return typeof text === "string" ? [text] : [];
  });
  return texts.length > 0 ? texts.join("\n") : null;
}

const GOES_ON = new Set(["tool_use", "pause_turn"]);

/** What an answer's stop reason says of its turn; null where the row does not tell one. */
export function turnAfter(stopReason: string | null): "goesOn" | "ended" | null {
  if (stopReason === null) return null;
  return GOES_ON.has(stopReason) ? "goesOn" : "ended";
}
