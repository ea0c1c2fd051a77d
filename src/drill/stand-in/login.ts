import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { asObject, asText, parseJson } from "./json.ts";
import type { ClientPlaces } from "./places.ts";

/** The made-up login of a sandbox account. */
export interface Login {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: number;
  readonly subscriptionType: string | null;
}

/**
 * The login in force. Like the client, it re-reads the file only when its mtime differs from the one
 * last seen, so a flip to a file with the same mtime goes unnoticed (client facts 2).
 */
export class LoginReader {
  readonly #file: string;
  #mtimeMs: number | null = null;
  #login: Login | null = null;

  constructor(places: ClientPlaces) {
    this.#file = join(places.configDir, ".credentials.json");
  }

  /** Looks at the mtime, and at the file when it changed. Null when nobody is logged in. */
  current(): Login | null {
    const mtimeMs = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? null;
    if (mtimeMs !== this.#mtimeMs) this.reread();
    return this.#login;
  }

  /** Reads the file whatever its mtime, as the client does after a refused token. */
  reread(): void {
    try {
      this.#mtimeMs = statSync(this.#file).mtimeMs;
      this.#login = parseLogin(readFileSync(this.#file, "utf8"));
    } catch {
      this.#mtimeMs = null;
      this.#login = null;
    }
  }
}

/** The login in a credentials file's text, or null. */
function parseLogin(text: string): Login | null {
  const login = asObject(asObject(parseJson(text))["claudeAiOauth"]);
  const accessToken = asText(login["accessToken"]);
  if (accessToken === null) return null;
  return {
    accessToken,
    refreshToken: asText(login["refreshToken"]) ?? "",
    expiresAt: Number(login["expiresAt"] ?? 0),
    subscriptionType: asText(login["subscriptionType"]),
  };
}
