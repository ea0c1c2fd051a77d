import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeFormat } from "../../src/tmux/quote.ts";
import { openTmux, startTmux } from "../support/tmux-server.ts";

const nasty = fc.constantFrom(
  ...Array.from("'\"\\;~$#{}%-= \n\r\t\u001b\u0003|&<>()[]*?!@^,.:0"),
  "#{pane_id}",
  "$HOME",
  "~root",
  "'\"'",
  "\\012",
  "❯",
  "ü",
  "👩‍🚀",
);
const text = fc
  .oneof(
    fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
  )
  .map((value) => value.replaceAll("\0", "").toWellFormed());

test("tmux reads every quoted argument back byte for byte", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const sample = fc.array(
    text.filter((value) => value !== ""),
    { minLength: 30, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(sample, async (texts) => {
      const path = (index: number): string => join(tmux.dir, `buffer-${index}`);
      const results = await client.commands(
        texts.flatMap((value, index) => [
          ["set-buffer", "-b", `b${index}`, "--", value],
          ["save-buffer", "-b", `b${index}`, path(index)],
        ]),
      );
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      const read = await Promise.all(texts.map((_, index) => readFile(path(index), "utf8")));
      expect(read).toEqual(texts);
    }),
    { numRuns: 20 },
  );
});

test("an empty argument stays an argument", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  await client.command(["set-environment", "-g", "CF_EMPTY", ""]);
  expect(await client.command(["show-environment", "-g", "CF_EMPTY"])).toEqual(["CF_EMPTY="]);
});

// Without % and $: display-message expands times too, and tmux 3.4 prints $a as \$a.
test("an escaped format expands to the text itself", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client } = connected;
  const printable = fc
    .array(fc.constantFrom(...Array.from("#{}[],:;~'\" abS"), "#S", "##", "#[", "#{pid}"), {
      maxLength: 10,
    })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(printable, { minLength: 50, maxLength: 50 }), async (texts) => {
      const results = await client.commands(
        texts.map((value) => ["display-message", "-p", "--", `<${escapeFormat(value)}>`]),
      );
      const shown = results.map((result) => (result.status === "fulfilled" ? result.value : []));
      expect(shown).toEqual(texts.map((value) => [`<${value}>`]));
    }),
    { numRuns: 10 },
  );
});
