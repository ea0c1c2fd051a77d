import { asObject, asText, parseJson } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** A tool the model wants to be called. */
export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** Puts a streamed message together, event by event. */
export class MessageBuilder {
  #rest = "";
  #head: JsonObject = {};
  #end: JsonObject = {};
  readonly #blocks: JsonObject[] = [];
  #inputJson = "";
  #isComplete = false;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get text(): string {
    return this.#blocks.map((block) => asText(block["text"]) ?? "").join("");
  }

  get toolUses(): ToolUse[] {
    return this.#blocks
      .filter((block) => block["type"] === "tool_use")
      .map((block) => ({
        id: asText(block["id"]) ?? "",
        name: asText(block["name"]) ?? "",
        input: asObject(block["input"]),
      }));
  }

  /** The message as the transcript keeps it. */
  get message(): JsonObject {
    const { stop_reason: _unset, usage, ...head } = this.#head;
    return {
      ...head,
      content: this.#blocks,
      usage: { ...usageDefaults, ...asObject(usage) },
      stop_reason: this.#end["stop_reason"] ?? null,
      stop_details: null,
    };
  }

  feed(chunk: string): void {
    this.#rest += chunk;
    const events = this.#rest.split("\n\n");
    this.#rest = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) this.#take(asObject(parseJson(data)));
    }
  }

  #take(event: JsonObject): void {
    switch (event["type"]) {
      case "message_start":
        this.#head = asObject(event["message"]);
        break;
      case "content_block_start":
        this.#blocks.push({ ...asObject(event["content_block"]) });
        this.#inputJson = "";
        break;
      case "content_block_delta":
        this.#grow(asObject(event["delta"]));
        break;
      case "message_delta":
        this.#end = asObject(event["delta"]);
        break;
      case "message_stop":
        this.#isComplete = true;
        break;
      default:
        break;
    }
  }

  #grow(delta: JsonObject): void {
    const block = this.#blocks.at(-1);
    if (block === undefined) return;
    if (delta["type"] === "text_delta") {
      block["text"] = (asText(block["text"]) ?? "") + (asText(delta["text"]) ?? "");
    } else if (delta["type"] === "input_json_delta") {
      this.#inputJson += asText(delta["partial_json"]) ?? "";
      block["input"] = asObject(parseJson(this.#inputJson));
    }
  }
}

const usageDefaults: JsonObject = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
  output_tokens_details: { thinking_tokens: 0 },
  server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
  service_tier: "standard",
  cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
  inference_geo: "",
  iterations: [],
  speed: "standard",
  fallback_credit: null,
};
