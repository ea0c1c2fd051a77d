import type { WebhookConfig } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import { secretOf } from "../config/secrets.ts";
import { failed, type Channel } from "./message.ts";
import { postJson } from "./post.ts";
import { shaped } from "./shapes.ts";

/** Posts to an address, in the shape that Slack, Discord or ntfy take, or as JSON. */
export function webhookChannel(config: WebhookConfig, env: Env): Channel {
  const { name, format, tokenEnv, urlEnv } = config;
  const address = config.url ?? secretOf(urlEnv ?? "", env);
  const url = address === null || !URL.canParse(address) ? null : new URL(address);
  const token = tokenEnv === null ? null : secretOf(tokenEnv, env);
  const lacking = url === null ? urlEnv : token === null ? tokenEnv : null;
  const unusable = lacking === null ? null : `${lacking} holds nothing that can be used`;
  return {
    name,
    unusable,
    events: new Set(config.events),
    send: async (message, signal) => {
      if (url === null || unusable !== null) return failed(unusable ?? "no address", false);
      const headers = token === null ? {} : { authorization: `Bearer ${token}` };
      return postJson({ ...shaped(message, format, url), headers, signal });
    },
  };
}
