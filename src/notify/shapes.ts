import type { WebhookFormat } from "../config/config.ts";
import type { Message } from "./message.ts";

/** What is posted, and where. */
export interface Post {
  readonly url: string;
  readonly body: unknown;
}

const COLOURS = { urgent: 0xd0_3b_2f, calm: 0x3b_7d_d8 };

/** Pure: what `auto` means for this address. */
export function formatOf(format: WebhookFormat, url: URL): Exclude<WebhookFormat, "auto"> {
  if (format !== "auto") return format;
  if (url.hostname === "hooks.slack.com") return "slack";
  if (/(?:^|\.)discord(?:app)?\.com$/.test(url.hostname)) return "discord";
  return url.hostname === "ntfy.sh" ? "ntfy" : "json";
}

/** Pure: a message in the shape that the other side takes. */
export function shaped(message: Message, format: WebhookFormat, url: URL): Post {
  switch (formatOf(format, url)) {
    case "slack":
      return { url: url.href, body: slack(message) };
    case "discord":
      return { url: url.href, body: discord(message) };
    case "ntfy":
      return ntfy(message, url);
    case "json":
      return { url: url.href, body: { schema: 1, ...message } };
  }
}

function slack({ title, text, host, urgent }: Message): object {
  const sign = urgent ? ":rotating_light: " : "";
  return {
    text: clipped(
      `${sign}*${markupFree(title)}* (${markupFree(host)})\n${markupFree(text)}`,
      4_000,
    ),
  };
}

function discord({ title, text, host, urgent, at }: Message): object {
  return {
    username: "claude-failover",
    embeds: [
      {
        title: clipped(title, 256),
        description: clipped(text, 4_000),
        color: urgent ? COLOURS.urgent : COLOURS.calm,
        timestamp: at,
        footer: { text: clipped(host, 200) },
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** ntfy takes JSON at its root, with the topic in it: in headers a title could only be ASCII. */
function ntfy({ title, text, host, urgent }: Message, url: URL): Post {
  const topic = url.pathname.replace(/^\/|\/$/g, "");
  const body = {
    topic,
    title: clipped(`${title} (${host})`, 250),
    message: clipped(text, 3_500),
    priority: urgent ? 5 : 3,
    tags: [urgent ? "rotating_light" : "information_source"],
  };
  return { url: new URL("/", url).href, body };
}

/** Slack and desktops read `<b>` and `&amp;` as markup. */
export function markupFree(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Cut at a whole character. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
