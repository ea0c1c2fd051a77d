import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PaneRow } from "../../../src/tmux/formats.ts";
import type { Panes } from "../../../src/tmux/panes.ts";
import { removeStalePasteFiles } from "../../../src/tmux/paste-file.ts";
import { openTmux, startTmux, type TestTmux } from "../../support/tmux-server.ts";
import { fileFrom, until } from "./wait.ts";

const SHOW_START = join(import.meta.dirname, "programs/show-start.ts");
const SLEEP = ["sleep", "1000"];

function anywhere(tmux: TestTmux): { cwd: string; env: Record<string, string> } {
  return { cwd: tmux.dir, env: {} };
}

async function rowOf(panes: Panes, paneId: string): Promise<PaneRow> {
  return until(paneId, async () => (await panes.listPanes()).find((row) => row.paneId === paneId));
}

test("a session is listed with its place, its size, its program and our mark", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const made = await panes.newSession({ name: "api", ...anywhere(tmux), argv: SLEEP });
  expect(await panes.listPanes()).toEqual([
    expect.objectContaining({
      sessionName: "api",
      paneId: made.paneId,
      panePid: made.panePid,
      tty: expect.stringMatching(/^\/dev\//),
      dead: false,
      deadStatus: null,
      deadSignal: null,
      inMode: false,
      width: 200,
      height: 50,
      options: { "@cf_session": "api" },
    }),
  ]);
});

test.each([
  ["plain"],
  ["with space and 'quote'"],
  ["#{pane_id} #S ##x #[bold] %H $HOME ~"],
  ["ünï❯"],
  ["back\\slash|bar;semi"],
])("a program gets its arguments, environment and directory (%s) unchanged", async (folder) => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const cwd = join(tmux.dir, folder);
  await mkdir(cwd);
  const args = [
    "",
    "-x",
    "a b",
    "it's",
    '"',
    "$HOME",
    "~",
    ";",
    "a;",
    "#{pid}",
    "\\",
    "l1\nl2",
    "❯",
  ];
  const env = { CF_A: "x=y; $HOME #{pid}\n'z'", CF_B: "" };
  const file = join(tmux.dir, "start.json");
  const argv = [process.execPath, SHOW_START, file, ...args];
  const { paneId } = await panes.newSession({ name: "a", cwd, env, argv });
  expect(JSON.parse((await fileFrom(file)).toString())).toEqual({ args, cwd, env });

  const again = join(tmux.dir, "again.json");
  const other = [process.execPath, SHOW_START, again, ...args];
  await panes.respawn(paneId, { cwd, env, argv: other, kill: true });
  expect(JSON.parse((await fileFrom(again)).toString())).toEqual({ args, cwd, env });
});

test("a variable that a session was made with is taken from its next program where that is asked", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const files = ["kept", "taken"].map((name) => join(tmux.dir, `${name}.json`));
  const env = { CF_A: "made" };
  const { paneId } = await panes.newSession({ name: "a", cwd: tmux.dir, env, argv: SLEEP });
  const seen = [];
  for (const [index, file] of files.entries()) {
    const argv = [process.execPath, SHOW_START, file];
    const without = index === 0 ? [] : ["CF_A", "CF_NEVER_SET"];
    await panes.respawn(paneId, { cwd: tmux.dir, env: {}, argv, kill: true, without });
    seen.push(JSON.parse((await fileFrom(file)).toString()));
  }
  expect(seen).toMatchObject([{ env: { CF_A: "made" } }, { env: {} }]);
  expect(seen[1]).not.toHaveProperty("env.CF_A");
});

test("a path with odd characters is listed as it is", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const cwd = join(tmux.dir, "a b|c\\d #{pid} 'e\nf ❯");
  await mkdir(cwd);
  const { paneId } = await panes.newSession({ name: "a", cwd, env: {}, argv: SLEEP });
  await expect.poll(async () => (await rowOf(panes, paneId)).cwd, { timeout: 5_000 }).toBe(cwd);
});

test("a single word is a program, not a line for a shell", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const argv = ["exit 3; sleep 1000"];
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv });
  const row = await until("death", async () => {
    const seen = await rowOf(panes, paneId);
    return seen.dead && seen.deadStatus !== null && seen;
  });
  expect(row.deadStatus).toBe(127);
});

test("a running program is only replaced when that is asked for", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const first = await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  const program = { ...anywhere(tmux), argv: SLEEP };
  await expect(panes.respawn(first.paneId, { ...program, kill: false })).rejects.toMatchObject({
    code: "CF_TMUX_COMMAND",
    details: { subcommand: "respawn-pane" },
  });
  expect((await rowOf(panes, first.paneId)).panePid).toBe(first.panePid);
  const second = await panes.respawn(first.paneId, { ...program, kill: true });
  expect(second.paneId).toBe(first.paneId);
  expect(second.panePid).not.toBe(first.panePid);
  expect(await rowOf(panes, first.paneId)).toMatchObject({ panePid: second.panePid, dead: false });
});

test("names are exact: a session is never taken for one whose name it begins", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  await panes.newSession({ name: "a-1", ...anywhere(tmux), argv: SLEEP });
  await expect(panes.killSession("a")).rejects.toMatchObject({ code: "CF_TMUX_COMMAND" });
  await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  const marks = (await panes.listPanes()).map(({ sessionName, options }) => {
    return `${sessionName} ${options["@cf_session"]}`;
  });
  expect(marks.toSorted()).toEqual(["a a", "a-1 a-1"]);
  await panes.killSession("a");
  expect((await panes.listPanes()).map(({ sessionName }) => sessionName)).toEqual(["a-1"]);
});

test("a name that exists is refused and the session left as it was", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const made = await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  await expect(
    panes.newSession({ name: "a", ...anywhere(tmux), argv: ["true", ""] }),
  ).rejects.toMatchObject({ code: "CF_TMUX_COMMAND", details: { subcommand: "new-session" } });
  expect(await panes.listPanes()).toMatchObject([{ panePid: made.panePid, dead: false }]);
});

test.each(["a:b", "a.b", "$1", "%1", "=a", "-a", "", "a\nb", "#S", "{last}"])(
  "%j is refused as a session name",
  async (name) => {
    await using tmux = await startTmux();
    await using connected = await openTmux(tmux);
    await expect(
      connected.panes.newSession({ name, ...anywhere(tmux), argv: SLEEP }),
    ).rejects.toMatchObject({ code: "CF_TMUX_SESSION_NAME" });
  },
);

test("a pane whose program exits stays and has its status", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client, panes } = connected;
  const argv = ["sh", "-c", "echo last words; read line; exit 7"];
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv });
  const shows = async () =>
    (await panes.capture(paneId, { escapes: false, lines: 5 })).includes("last words");
  // Before its end: on a busy machine tmux may close a terminal before the kernel gave its last line.
  await until("its last words", shows);
  await client.command(["send-keys", "-t", paneId, "Enter"]);
  const row = await until("death", async () => {
    const seen = await rowOf(panes, paneId);
    return seen.dead && seen.deadStatus !== null && seen;
  });
  expect(row).toMatchObject({ deadStatus: 7, deadSignal: null });
  expect(await shows()).toBe(true);
  await panes.respawn(paneId, { ...anywhere(tmux), argv: SLEEP, kill: false });
  expect(await rowOf(panes, paneId)).toMatchObject({ dead: false, deadStatus: null });
});

test("a pane whose program is killed is dead, with the signal since tmux 3.3", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes, client } = connected;
  const made = await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  process.kill(made.panePid, "SIGKILL");
  const row = await until("death", async () => {
    const seen = await rowOf(panes, made.paneId);
    return seen.dead && seen;
  });
  // What is pasted there now must not take the server down (tmux 3.3a).
  await expect(panes.pasteText(made.paneId, "text")).rejects.toMatchObject({
    code: "CF_TMUX_COMMAND",
    message: expect.stringContaining(`${made.paneId} has ended`),
  });
  expect(row.deadStatus).toBeNull();
  if (client.version.text.startsWith("3.2")) return;
  await until("signal", async () => (await rowOf(panes, made.paneId)).deadSignal === 9);
});

test("tmux overlooks no end of a program that ends at once", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const argv = ["sh", "-c", "exit 3"];
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv });
  const status = async (): Promise<number | null> => (await rowOf(panes, paneId)).deadStatus;
  for (let run = 0; run < 60; run++) {
    await until(`end ${run}`, async () => (await status()) === 3);
    await panes.respawn(paneId, { ...anywhere(tmux), argv, kill: false });
  }
  expect(await rowOf(panes, paneId)).toMatchObject({ deadSignal: null });
});

test("the start of a pane is the time of its last respawn", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const before = Date.now();
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  const started = (await rowOf(panes, paneId)).startedAt;
  expect(started).toBeGreaterThanOrEqual(before);
  await until("the next millisecond", () => Date.now() > started);
  await panes.respawn(paneId, { ...anywhere(tmux), argv: SLEEP, kill: true });
  expect((await rowOf(panes, paneId)).startedAt).toBeGreaterThan(started);
});

test("options of a pane are listed as they are", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { client, panes } = connected;
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  const value = "it's #{pid} | a\\b; $X\n❯";
  await client.command(["set-option", "-p", "-t", paneId, "@cf_x", value]);
  expect(await panes.listPanes(["@cf_x"])).toMatchObject([{ options: { "@cf_x": value } }]);
  await client.command(["set-option", "-p", "-u", "-t", paneId, "@cf_x"]);
  expect((await panes.listPanes(["@cf_x"]))[0]?.options).toEqual({});
});

test("colours and dim text are captured as sequences, or left out", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const text = String.raw`\033[31mred\033[0m \033[2mdim\033[0m \033[7mr\033[0m ❯ \\n %%end 1 2 1\n`;
  const argv = ["sh", "-c", `printf '${text}'; exec sleep 1000`];
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv });
  const plain = await until("text", async () => {
    const [line = ""] = await panes.capture(paneId, { escapes: false });
    return line !== "" && line;
  });
  expect(plain).toBe("red dim r ❯ \\n %end 1 2 1");
  const [coloured = ""] = await panes.capture(paneId, { escapes: true });
  expect(coloured).toContain("\u001b[31mred");
  expect(coloured).toMatch(/\u001b\[(0;)?2mdim/);
  expect(coloured).toMatch(/\u001b\[(0;)?7mr/);
});

test("what is wrapped at the edge is captured as one line where that is asked for", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const long = "0123456789".repeat(5);
  const argv = ["sh", "-c", `echo ${long}; exec sleep 1000`];
  const made = await panes.newSession({
    name: "a",
    width: 40,
    height: 10,
    ...anywhere(tmux),
    argv,
  });
  const joined = async () => panes.capture(made.paneId, { escapes: false, joined: true });
  await until("output", async () => (await joined()).includes(long));
  expect(await panes.capture(made.paneId, { escapes: false })).not.toContain(long);
});

test("the screen has as many lines as the pane, and history comes before it", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const argv = ["sh", "-c", "seq 1 100; exec sleep 1000"];
  const size = { width: 40, height: 10 };
  const made = await panes.newSession({ name: "a", ...size, ...anywhere(tmux), argv });
  const screen = await until("output", async () => {
    const lines = await panes.capture(made.paneId, { escapes: false });
    return lines.includes("100") && lines;
  });
  expect(screen).toEqual(["92", "93", "94", "95", "96", "97", "98", "99", "100", ""]);
  const more = await panes.capture(made.paneId, { escapes: false, lines: 2 });
  expect(more).toEqual(["90", "91", ...screen]);
  const all = await panes.capture(made.paneId, { escapes: false, lines: 500 });
  expect(all).toHaveLength(101);
});

test("text that looks like the end of a reply is text", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes, client } = connected;
  const argv = ["sh", "-c", "echo '%end 1 2 1'; echo %exit; echo '%error 1 2 1'; exec sleep 1000"];
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv });
  const lines = await until("output", async () => {
    const seen = await panes.capture(paneId, { escapes: false });
    return seen[2] !== "" && seen;
  });
  expect(lines.slice(0, 3)).toEqual(["%end 1 2 1", "%exit", "%error 1 2 1"]);
  expect(client.connected).toBe(true);
});

test("keys are pressed by name, also while the pane is in copy mode", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes, client } = connected;
  const argv = ["sh", "-c", "read x; echo got:$x; exec sleep 1000"];
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv });
  await client.command(["copy-mode", "-t", paneId]);
  expect((await rowOf(panes, paneId)).inMode).toBe(true);
  await panes.sendKeys(paneId, ["-", "y", "Space", ";", "Enter"]);
  await until("answer", async () => {
    return (await panes.capture(paneId, { escapes: false })).includes("got:-y ;");
  });
  expect((await rowOf(panes, paneId)).inMode).toBe(false);
});

test("the private directory is empty after pastes that worked and pastes that did not", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv: SLEEP });
  await panes.pasteText(paneId, "text");
  await panes.pasteText(paneId, "");
  await expect(panes.pasteText("%999", "text")).rejects.toMatchObject({ code: "CF_TMUX_COMMAND" });
  expect(await readdir(tmux.privateDir)).toEqual([]);
  expect(await tmux.run("list-buffers")).toBe("");
});

test("a text that cannot be put into a file is reported, and nothing is typed", async () => {
  await using tmux = await startTmux();
  await using connected = await openTmux(tmux);
  const { panes } = connected;
  const { paneId } = await panes.newSession({ name: "a", ...anywhere(tmux), argv: ["cat", "-"] });
  await rm(tmux.privateDir, { recursive: true });
  await expect(panes.pasteText(paneId, "text")).rejects.toMatchObject({
    code: "CF_TMUX_PASTE_FILE",
  });
  expect(new Set(await panes.capture(paneId, { escapes: false }))).toEqual(new Set([""]));
});

test("texts that a killed process left are removed, and nothing else", async () => {
  await using tmux = await startTmux();
  await writeFile(join(tmux.privateDir, "cf-paste-old"), "text");
  await writeFile(join(tmux.privateDir, "other"), "text");
  await removeStalePasteFiles(tmux.privateDir);
  expect(await readdir(tmux.privateDir)).toEqual(["other"]);
  await removeStalePasteFiles(join(tmux.dir, "nowhere"));
});
