import { join } from "node:path";
import { asArray, asObject, asText, parseJson, readJsonFile } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { ClientPlaces } from "./places.ts";

/** One hook of the settings. */
export type Hook =
  | { readonly type: "command"; readonly command: string; readonly timeoutMs: number }
  | {
      readonly type: "http";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    };

export interface Settings {
  hooksOf(event: string): Hook[];
  readonly statusLine: string | null;
  /** Off: a limit opens the menu at once (client facts 23). */
  readonly autoContinue: boolean;
}

const HOOK_TIMEOUT_S = 60;

/** The operator's settings and those given with `--settings`, which add to them (client facts 19). */
export function loadSettings(places: ClientPlaces, given: string | null): Settings {
  const layers = [readJsonFile(join(places.configDir, "settings.json")), givenSettings(given)];
  const statusLine = layers.map((layer) => asText(asObject(layer["statusLine"])["command"]));
  const autoContinue = layers.map((layer) => layer["autoContinueAtUsageLimit"]);
  const disabled = layers.some((layer) => layer["disableAllHooks"] === true);
  return {
    hooksOf: (event) => (disabled ? [] : layers.flatMap((layer) => hooksIn(layer, event))),
    statusLine: statusLine.findLast((command) => command !== null) ?? null,
    autoContinue: autoContinue.findLast((value) => typeof value === "boolean") !== false,
  };
}

function givenSettings(given: string | null): JsonObject {
  if (given === null) return {};
  return given.trimStart().startsWith("{") ? asObject(parseJson(given)) : readJsonFile(given);
}

function hooksIn(layer: JsonObject, event: string): Hook[] {
  return asArray(asObject(layer["hooks"])[event])
    .flatMap((group) => asArray(asObject(group)["hooks"]))
    .map(asObject)
    .flatMap(hookOf);
}

function hookOf(hook: JsonObject): Hook[] {
  const timeoutMs = 1000 * (typeof hook["timeout"] === "number" ? hook["timeout"] : HOOK_TIMEOUT_S);
  const command = asText(hook["command"]);
  const url = asText(hook["url"]);
  if (hook["type"] === "command" && command !== null)
    return [{ type: "command", command, timeoutMs }];
  if (hook["type"] !== "http" || url === null) return [];
  const headers = Object.entries(asObject(hook["headers"])).map(([key, value]) => [
    key,
    String(value),
  ]);
  return [
    {
      type: "http",
      url,
      headers: Object.fromEntries(headers) as Record<string, string>,
      timeoutMs,
    },
  ];
}
