import * as z from "zod";
import { NOTIFY_EVENTS, WEBHOOK_FORMATS } from "./config.ts";
import {
  duration,
  email,
  list,
  map,
  oneOf,
  orNull,
  PRINTABLE,
  secretVariable,
  section,
  text,
  whole,
} from "./values.ts";

const ADDRESS = "write an address that begins with https:// or http://";

function address(description: string) {
  const pattern = /^https?:\/\/[^\s\x00-\x1f]+$/;
  return text({ pattern, right: ADDRESS, max: 2048, title: "address", description });
}

function events(what: string) {
  return list(
    oneOf(NOTIFY_EVENTS, "One event."),
    `${what} Without it: everything.`,
    "write a list of events, like [failover, held]",
  )
    .min(1, { error: "name at least one event, or remove the line to be told everything" })
    .optional();
}

const SAME_WORDS = "Which events, as for a webhook.";

const webhook = map(
  {
    url: address("Where to post. Treated as a secret: never printed.").optional(),
    urlEnv: secretVariable("Instead of `url`: the variable that holds the address.").optional(),
    tokenEnv: secretVariable(
      "The variable of a token that is sent as `Authorization: Bearer`, for ntfy and others.",
    ).optional(),
    format: oneOf(
      WEBHOOK_FORMATS,
      "What is posted. `auto` knows Slack, Discord and ntfy by their addresses; anything else gets JSON.",
    ).default("auto"),
    name: text({
      pattern: /^(?!(?:telegram|email|desktop)$)[a-z0-9][a-z0-9-]{0,31}$/,
      right: 'use up to 32 of a-z, 0-9 and "-", like team-chat',
      description: "The channel's name in `claude-failover notify`. Without it: `webhook-1`, …",
    }).optional(),
    events: events(`What to tell: ${NOTIFY_EVENTS.map((event) => `\`${event}\``).join(", ")}.`),
  },
  "One webhook.",
  "write each webhook as { name: chat, url: https://… }",
);

const telegram = map(
  {
    tokenEnv: secretVariable("The variable that holds the bot's token."),
    chatId: z
      .union([z.string().regex(PRINTABLE), z.int()], {
        error: 'write the chat\'s number or name in quotes, like "-1001234567890"',
      })
      .meta({ title: "text", description: "The chat to write to." }),
    apiUrl: address("The Bot API server, for those who run their own.").default(
      "https://api.telegram.org",
    ),
    events: events(SAME_WORDS),
  },
  "A Telegram bot.",
  "write tokenEnv and chatId below it, or null",
);

const mail = map(
  {
    smtpUrlEnv: secretVariable(
      "The variable that holds the server's address with its login, like smtps://user:password@host.",
    ),
    from: email("The sender."),
    to: list(email("One receiver."), "The receivers.", "write a list of addresses").min(1, {
      error: "name at least one receiver",
    }),
    events: events(SAME_WORDS),
  },
  "E-mail over SMTP.",
  "write smtpUrlEnv, from and to below it, or null",
);

const desktop = map(
  { events: events(SAME_WORDS) },
  "This machine's desktop, by `notify-send`.",
  "write {} for everything, or null",
);

const template = text({
  pattern: /^[^\x00-\x09\x0b-\x1f\x7f]+$/,
  right: 'write a text, like "{from} is spent, {to} took over"',
  description: "The text of this event's messages.",
}).optional();

const templates = map(
  Object.fromEntries(NOTIFY_EVENTS.map((event) => [event, template])) as Record<
    (typeof NOTIFY_EVENTS)[number],
    typeof template
  >,
  "Your own words by event. `{text}` is ours, `{title}`, `{host}`, `{at}` and the keys of the event's data are there too.",
  "write events and texts below it, or {}",
);

export const notify = section(
  {
    webhook: list(
      webhook,
      "Addresses that are posted to.",
      "write a list like [{ name: chat, url: https://… }], or []",
    ).default([]),
    telegram: orNull(telegram),
    email: orNull(mail),
    desktop: orNull(desktop),
    heartbeat: duration("How often every channel that takes `heartbeat` is told that all is well.")
      .nullable()
      .default("24h")
      .meta({
        title: "duration or null",
        description:
          "How often it is said that all is well, so that silence means something; null for never.",
      }),
    repeat: duration("The same is not said again within this time.").default("10m"),
    perMinute: whole({
      min: 1,
      max: 600,
      description: "Messages of one channel in a minute; what is more waits, the urgent first.",
    }).default(10),
    templates: templates.default({}),
  },
  "Who is told ([notifications.md](notifications.md)).",
);
