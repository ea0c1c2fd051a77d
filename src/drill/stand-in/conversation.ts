import { randomUUID } from "node:crypto";
import type { SessionFlags } from "./flags.ts";
import { asObject, asText, readJsonFile } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { PayloadContext } from "./payloads.ts";
import { gitBranch } from "./places.ts";
import type { ClientPlaces } from "./places.ts";
import * as rows from "./rows.ts";
import { Transcript } from "./transcript.ts";
import type { ConversationMessage, PastConversation } from "./transcript.ts";

/** What was said so far, and where it is written down. */
export class Conversation {
  readonly #places: ClientPlaces;
  readonly #flags: SessionFlags;
  readonly #version: string;
  readonly #branch: string;
  readonly #owner: JsonObject;
  transcript: Transcript;
  messages: ConversationMessage[];
  prompts: string[];
  /** Of the last prompt; null before the first. */
  promptId: string | null = null;

  constructor(options: {
    places: ClientPlaces;
    flags: SessionFlags;
    version: string;
    sessionId: string;
    past: PastConversation | null;
  }) {
    const { places, past } = options;
    this.#places = places;
    this.#flags = options.flags;
    this.#version = options.version;
    this.#branch = gitBranch(places.cwd);
    this.#owner = ownerOf(places);
    this.transcript = new Transcript(places, options.sessionId, past?.lastUuid ?? null);
    this.messages = [...(past?.messages ?? [])];
    this.prompts = [...(past?.prompts ?? [])];
  }

  get sessionId(): string {
    return this.transcript.sessionId;
  }

  /** Gives the prompt that comes next its id. */
  newPrompt(): string {
    this.promptId = randomUUID();
    return this.promptId;
  }

  keepPrompt(text: string): void {
    this.prompts.push(text);
    this.messages.push({ role: "user", content: text });
    this.transcript.append(...rows.headRows(this.rowContext(), this.#owner));
    const promptId = this.promptId ?? "";
    const index = this.prompts.length;
    this.chain(rows.promptRow({ ...this.next(), promptId, text, index }));
  }

  /** `/clear`: another id, another transcript, nothing said yet. */
  startOver(): void {
    this.transcript.flush();
    this.transcript = new Transcript(this.#places, randomUUID());
    this.messages = [];
    this.prompts = [];
    this.promptId = null;
    const [mode = {}, , owner = {}] = rows.headRows(this.rowContext(), this.#owner);
    this.transcript.append(mode, owner);
  }

  chain(row: rows.ChainedRow): void {
    this.transcript.chain(row);
  }

  /** What every new row of the chain begins with. */
  next(): { context: rows.RowContext; parentUuid: string | null; now: number } {
    const parentUuid = this.transcript.lastUuid;
    return { context: this.rowContext(), parentUuid, now: Date.now() };
  }

  rowContext(): rows.RowContext {
    return {
      sessionId: this.sessionId,
      cwd: this.#places.cwd,
      version: this.#version,
      gitBranch: this.#branch,
      permissionMode: this.#flags.permissionMode,
    };
  }

  payloadContext(): PayloadContext {
    return {
      sessionId: this.sessionId,
      transcriptPath: this.transcript.path,
      cwd: this.#places.cwd,
      promptId: this.promptId,
      permissionMode: this.#flags.permissionMode,
    };
  }
}

/** Whose account a transcript says it belongs to. */
function ownerOf(places: ClientPlaces): JsonObject {
  const who = asObject(readJsonFile(places.stateFile)["oauthAccount"]);
  return {
    accountUuid: asText(who["accountUuid"]),
    organizationUuid: asText(who["organizationUuid"]),
  };
}
