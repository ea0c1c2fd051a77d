import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../../../src/notify/message.ts";
import { clipped, formatOf, shaped } from "../../../src/notify/shapes.ts";
import { filled } from "../../../src/notify/template.ts";

const MESSAGE: Message = {
  event: "held",
  title: "Held: a person is needed",
  text: "a <b> & c",
  urgent: true,
  host: "box",
  at: "2026-11-20T12:00:00.000Z",
  data: { from: "work", id: 3, nested: {} },
};

test.each([
  ["https://hooks.slack.com/services/T/B/x", "slack"],
  ["https://discord.com/api/webhooks/1/x", "discord"],
  ["https://canary.discord.com/api/webhooks/1/x", "discord"],
  ["https://ntfy.sh/topic", "ntfy"],
  ["https://evil-discord.com/x", "json"],
  ["https://example.org/ntfy.sh", "json"],
])("auto takes %s for %s", (address, format) => {
  expect(formatOf("auto", new URL(address))).toBe(format);
});

describe("each shape is what the other side takes", () => {
  const at = (format: "slack" | "discord" | "ntfy" | "json", message = MESSAGE) =>
    shaped(message, format, new URL("https://x.example/secret-topic"));

  test("slack: nothing in it is read as a link or a mention", () => {
    const { body } = at("slack", { ...MESSAGE, text: "<!channel> & <https://x|y>" });
    expect(body).toEqual({
      text: ":rotating_light: *Held: a person is needed* (box)\n&lt;!channel&gt; &amp; &lt;https://x|y&gt;",
    });
  });

  test("discord: mentions nobody and keeps to its bounds", () => {
    const { body } = at("discord", { ...MESSAGE, title: "x".repeat(999), text: "y".repeat(9_999) });
    const { embeds, allowed_mentions } = body as { embeds: Message[]; allowed_mentions: unknown };
    expect(allowed_mentions).toEqual({ parse: [] });
    const [embed] = embeds as unknown as { title: string; description: string }[];
    expect(embed?.title.length).toBeLessThanOrEqual(256);
    expect(embed?.description.length).toBeLessThanOrEqual(4_096);
  });

  test("ntfy: the topic goes into the body, the post to the root", () => {
    const post = at("ntfy");
    expect(post.url).toBe("https://x.example/");
    expect(post.body).toMatchObject({ topic: "secret-topic", priority: 5, message: "a <b> & c" });
  });

  test("json: everything", () => {
    expect(at("json").body).toEqual({ schema: 1, ...MESSAGE });
  });
});

test.each([
  ["{from} is spent on {host}", "work is spent on box"],
  ["{title}: {text} ({id})", "Held: a person is needed: a <b> & c (3)"],
  ["{unknown} {nested} {constructor} { }", "{unknown} {nested} {constructor} { }"],
])("a template %j becomes %j", (template, text) => {
  expect(filled(template, MESSAGE)).toBe(text);
});

test("clipping keeps to the bound and never halves a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 50 }), (text, most) => {
      const cut = clipped(text, most);
      expect(cut.length).toBeLessThanOrEqual(most);
      expect(cut.isWellFormed()).toBe(text.isWellFormed() || cut.isWellFormed());
    }),
  );
});
