import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openTmux, startTmux } from "../../support/tmux-server.ts";
import { fileFrom, until } from "./wait.ts";

const READ_RAW = join(import.meta.dirname, "programs/read-raw.ts");
const ALPHABET = [
  "a",
  " ",
  "\n",
  "\t",
  "ü",
  "❯",
  "👩‍🚀",
  "'",
  '"',
  "\\",
  ";",
  "#{pid}",
  "$HOME",
  "~",
];

function textOf(bytes: number): string {
  let text = "";
  for (let index = 0; text.length < bytes; index++) text += ALPHABET[index % ALPHABET.length];
  return text.slice(0, bytes).toWellFormed();
}

function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test.each([
  ["one byte", "x"],
  ["1 KB", textOf(1 << 10)],
  ["100 KB", textOf(100 << 10)],
  ["1 MB", textOf(1 << 20)],
  ["a trailing semicolon", "rm -rf;"],
  ["a trailing newline", "line\n"],
  ["carriage returns", "a\r\nb\rc"],
  ["control bytes", "\u0001\u0003\u0004\u001b[A\u001b\u007f\u0080\u009f\b\u0011\u0013\u001a"],
  ["right-to-left and combining characters", "שלום e\u0301 \u202eabc"],
  ["one line of 64 KB", "y".repeat(64 << 10)],
])("%s arrives byte for byte, from copy mode as well", async (_title, text) => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes, client } = connected;
  const file = join(tmux.dir, "received");
  const argv = [process.execPath, READ_RAW, file];
  const { paneId } = await panes.newSession({ name: "a", cwd: tmux.dir, env: {}, argv });
  await until("raw mode", async () => {
    return (await panes.capture(paneId, { escapes: false }))[0] === "ready";
  });
  const expected = Buffer.from(`\u001b[200~${text}\u001b[201~`);

  await panes.pasteText(paneId, text);
  const direct = await fileFrom(file);
  expect([direct.length, hash(direct)]).toEqual([expected.length, hash(expected)]);

  await rm(file);
  await client.command(["copy-mode", "-t", paneId]);
  await panes.pasteText(paneId, text);
  const fromCopyMode = await fileFrom(file);
  expect([fromCopyMode.length, hash(fromCopyMode)]).toEqual([expected.length, hash(expected)]);
});

test("pastes into many panes at once do not mix", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const names = ["a", "b", "c", "d"];
  const made = await Promise.all(
    names.map((name) => {
      const argv = [process.execPath, READ_RAW, join(tmux.dir, name)];
      return panes.newSession({ name, cwd: tmux.dir, env: {}, argv });
    }),
  );
  await Promise.all(
    made.map(({ paneId }) =>
      until("raw mode", async () => {
        return (await panes.capture(paneId, { escapes: false }))[0] === "ready";
      }),
    ),
  );
  // Two of them get the same: it is read in once.
  const text = (name: string): string => `${name === "b" ? "a" : name}\n`.repeat(5_000);
  const asked = vi.spyOn(connected.client, "command");
  await Promise.all(
    made.map(({ paneId }, index) => panes.pasteText(paneId, text(names[index] ?? ""))),
  );
  for (const name of names) {
    const received = (await fileFrom(join(tmux.dir, name))).toString();
    expect(received === `\u001b[200~${text(name)}\u001b[201~`).toBe(true);
  }
  expect(asked.mock.calls.filter(([[subcommand]]) => subcommand === "load-buffer")).toHaveLength(3);
  expect(await connected.client.command(["list-buffers"])).toEqual([]);
});
