import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { asArray, asObject, asText, parseJson } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { transcriptPath } from "./places.ts";
import type { ClientPlaces } from "./places.ts";
import type { ChainedRow } from "./rows.ts";

/** A message as it is sent to the API. */
export interface ConversationMessage {
  readonly role: "user" | "assistant";
  readonly content: unknown;
}

/** What a transcript holds of an earlier run. */
export interface PastConversation {
  readonly messages: readonly ConversationMessage[];
  readonly prompts: readonly string[];
  /** Lines to show again: who said what. */
  readonly said: ReadonlyArray<{ role: "user" | "assistant"; text: string; isError: boolean }>;
  readonly lastUuid: string | null;
  /** Epoch milliseconds of the last answer, or null. */
  readonly answeredAt: number | null;
}

/** The client collects rows for this long before it writes them (measured, 2.1.150 and .328). */
const FLUSH_MS = 100;

/**
 * Appends to a session's transcript, a little late like the client: a hook is heard before the row it
 * belongs to is on the disk. The path goes through the slot, so a flip moves it.
 */
export class Transcript {
  readonly #places: ClientPlaces;
  readonly sessionId: string;
  #lastUuid: string | null;
  #waiting = "";
  #timer: NodeJS.Timeout | null = null;

  constructor(places: ClientPlaces, sessionId: string, lastUuid: string | null = null) {
    this.#places = places;
    this.sessionId = sessionId;
    this.#lastUuid = lastUuid;
  }

  /** `uuid` of the last row of the chain: the parent of the next. */
  get lastUuid(): string | null {
    return this.#lastUuid;
  }

  get path(): string {
    return transcriptPath(this.#places, this.sessionId);
  }

  append(...rows: readonly JsonObject[]): void {
    this.#waiting += rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = this.#waiting;
    this.#waiting = "";
    if (text === "") return;
    const path = this.path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, text, { mode: 0o600 });
  }

  /** Appends a row of the chain and makes it the last. */
  chain(row: ChainedRow): void {
    this.append(row);
    this.#lastUuid = row.uuid;
  }
}

/** Reads a transcript back. Null when there is none. */
export function readTranscript(path: string): PastConversation | null {
  if (!existsSync(path)) return null;
  const rows = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => asObject(parseJson(line)));
  const turns = rows.filter((row) => row["type"] === "user" || row["type"] === "assistant");
  const answered = turns.findLast((row) => row["type"] === "assistant");
  const stamp = asText(answered?.["timestamp"]);
  return {
    messages: turns.filter((row) => row["isApiErrorMessage"] !== true).map(messageOf),
    prompts: turns.filter((row) => row["promptSource"] === "typed").map(textOf),
    said: turns
      .map((row) => ({
        role: messageOf(row).role,
        text: textOf(row),
        isError: row["isApiErrorMessage"] === true,
      }))
      .filter(({ text }) => text !== ""),
    lastUuid: asText(rows.findLast((row) => "uuid" in row)?.["uuid"]),
    answeredAt: stamp === null ? null : Date.parse(stamp),
  };
}

function messageOf(row: JsonObject): ConversationMessage {
  const role = row["type"] === "assistant" ? "assistant" : "user";
  return { role, content: asObject(row["message"])["content"] };
}

function textOf(row: JsonObject): string {
  const { content } = messageOf(row);
  if (typeof content === "string") return content;
  return asArray(content)
    .map((block) => asText(asObject(block)["text"]) ?? "")
    .join("");
}
