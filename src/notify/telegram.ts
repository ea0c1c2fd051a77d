import type { NotifyConfig } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import { secretOf } from "../config/secrets.ts";
import { failed, type Channel } from "./message.ts";
import { postJson } from "./post.ts";
import { clipped } from "./shapes.ts";

/** Telegram's own bound of one message, in characters. */
const LONGEST = 4_096;

/** Writes to a chat by the Bot API (`sendMessage`). */
export function telegramChannel(config: NonNullable<NotifyConfig["telegram"]>, env: Env): Channel {
  const { tokenEnv, chatId, apiUrl } = config;
  const token = secretOf(tokenEnv, env);
  const unusable = token === null ? `${tokenEnv} holds nothing that can be used` : null;
  return {
    name: "telegram",
    unusable,
    events: new Set(config.events),
    send: async ({ title, text, host, urgent }, signal) => {
      if (token === null) return failed(unusable ?? "", false);
      const body = {
        chat_id: chatId,
        text: clipped(`${title} (${host})\n${text}`, LONGEST),
        disable_notification: !urgent,
        link_preview_options: { is_disabled: true },
      };
      return postJson({
        url: `${apiUrl.replace(/\/$/, "")}/bot${token}/sendMessage`,
        body,
        signal,
      });
    },
  };
}
