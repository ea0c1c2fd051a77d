import { readFileSync } from "node:fs";
import type { Config, NotifyConfig } from "./config.ts";
import type { Env } from "./places.ts";

/** Far above any token; a bigger file is something else given by mistake. */
const MOST_BYTES = 64 * 1024;

/**
 * The secret that a variable holds, or that the file holds which `<name>_FILE` names (as systemd's
 * credentials are given), without line ends; null when there is none.
 */
export function secretOf(name: string, env: Env): string | null {
  const value = env[name] ?? "";
  if (value !== "") return value;
  const file = env[`${name}_FILE`] ?? "";
  if (file === "") return null;
  try {
    const text = readFileSync(file, "utf8").trim();
    return text === "" || text.length > MOST_BYTES ? null : text;
  } catch {
    return null;
  }
}

/** The environment without what holds secrets of ours, which no session or tool of it should have. */
export function withoutSecrets(config: Config, env: Env): Env {
  const names = [config.api.tokenEnv, ...variablesOf(config.notify)];
  const secret = new Set(names.flatMap((name) => [name, `${name}_FILE`]));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.has(name)));
}

function variablesOf({ webhook, telegram, email }: NotifyConfig): string[] {
  return [
    ...webhook.flatMap(({ urlEnv, tokenEnv }) => [urlEnv, tokenEnv]),
    telegram?.tokenEnv ?? null,
    email?.smtpUrlEnv ?? null,
  ].filter((name) => name !== null);
}
