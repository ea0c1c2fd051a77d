import type { NotifyConfig } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import { desktopChannel } from "./desktop.ts";
import { emailChannel } from "./email.ts";
import type { Channel } from "./message.ts";
import { telegramChannel } from "./telegram.ts";
import { webhookChannel } from "./webhook.ts";

/** Every configured channel; `env` is the whole environment, where the secrets are. */
export function channelsOf(config: NotifyConfig, env: Env): Channel[] {
  const { webhook, telegram, email, desktop } = config;
  return [
    ...webhook.map((each) => webhookChannel(each, env)),
    ...(telegram === null ? [] : [telegramChannel(telegram, env)]),
    ...(email === null ? [] : [emailChannel(email, env)]),
    ...(desktop === null ? [] : [desktopChannel(desktop, env)]),
  ];
}
