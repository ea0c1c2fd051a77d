import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { findTranscripts } from "../../src/claude/find-transcripts.ts";
import { readScreen } from "../../src/claude/screen.ts";
import { parseTranscriptRow } from "../../src/claude/transcript.ts";
import { relaunch } from "../../src/sessions/relaunch.ts";
import { inRelaunchScene, MODE } from "./relaunch-scene.ts";

const MODEL = ["--model", "opus"];
const ARGS = [...MODEL, "--permission-mode", "acceptEdits"];

/** A client is ended cleanly and comes back with its conversation and flags; told by itself. */
export async function expectComesBack(command: string): Promise<void> {
  await inRelaunchScene(command, ARGS, async (scene) => {
    const { session, paneId, deps, hooks } = scene;
    await scene.say("first thing");
    const before = await scene.pid();
    const outcome = await relaunch({ session, paneId }, deps);
    expect(outcome).toMatchObject({
      kind: "resumed",
      source: "resume",
      sessionId: session.sessionId,
    });
    const after = await scene.pid();
    expect(after).not.toBe(before);
    expect(hooks.filter(({ kind }) => kind === "sessionEnded")).toMatchObject([
      { reason: "other", sessionId: session.sessionId },
    ]);
    const line = await scene.lab.tmux.run(
      "display-message",
      "-p",
      "-t",
      paneId,
      "#{pane_start_command}",
    );
    expect(line).toContain(["--permission-mode", MODE, ...MODEL].join(" "));
    await scene.say("second thing");
    expect(hooks.map(({ permissionMode }) => permissionMode)).toContain(MODE);
    const files = findTranscripts(deps.projectsDir, session.sessionId ?? "");
    expect(files).toHaveLength(1);
    // Rows are flushed after the hooks.
    await expect
      .poll(() => promptsIn(files[0] ?? ""), { timeout: 10_000 })
      .toEqual(["first thing", "second thing"]);
  });
}

/** A directory that was added for the session alone is there after the relaunch, unasked. */
export async function expectKeepsDirectory(command: string): Promise<void> {
  await inRelaunchScene(command, MODEL, async (scene) => {
    const { session, paneId, deps, lab } = scene;
    const directory = join(lab.box.home, "extra");
    await mkdir(directory);
    await scene.say("first thing");
    const files = (): string[] => findTranscripts(deps.projectsDir, session.sessionId ?? "");
    await expect.poll(() => promptsIn(files()[0] ?? ""), { timeout: 10_000 }).toHaveLength(1);
    await appendFile(files()[0] ?? "", addedRow(files()[0] ?? "", directory));
    expect(await relaunch({ session, paneId }, deps)).toMatchObject({ kind: "resumed" });
    const composer = async () =>
      readScreen(await deps.panes.capture(paneId, { escapes: true })).composer.kind;
    await expect.poll(composer, { timeout: 10_000 }).toBe("empty");
    // The blank closes the client's list of folders, which would take the Enter.
    await lab.tmux.run("send-keys", "-t", paneId, "-l", "--", `/add-dir ${directory} `);
    await expect.poll(composer, { timeout: 10_000 }).toBe("draft");
    await lab.tmux.run("send-keys", "-t", paneId, "Enter");
    const shown = async () => (await deps.panes.capture(paneId, { escapes: false })).join("\n");
    await expect.poll(shown, { timeout: 10_000 }).toMatch(/is already (added|accessible)/);
  });
}

/** What the client writes after `/add-dir` and a person's yes, below the last row of the transcript. */
function addedRow(path: string, directory: string): string {
  const rows = readFileSync(path, "utf8").trim().split("\n");
  const isOnChain = (line: string): boolean => parseTranscriptRow(line)?.kind === "answer";
  const { uuid, ...last } = JSON.parse(rows.findLast(isOnChain) ?? "{}") as { uuid?: string };
  const content = `<local-command-stdout>Added \u001b[1m${directory}\u001b[22m as a working directory for this session</local-command-stdout>`;
  const message = { role: "user", content };
  const row = { ...last, type: "user", message, uuid: randomUUID(), parentUuid: uuid };
  return `${JSON.stringify(row)}\n`;
}

/** Where nothing was said yet there is nothing to resume: it starts with the same id. */
export async function expectComesBackFresh(command: string): Promise<void> {
  await inRelaunchScene(command, [], async ({ session, paneId, deps }) => {
    expect(await relaunch({ session, paneId }, deps)).toMatchObject({
      kind: "resumed",
      source: "startup",
      sessionId: session.sessionId,
    });
  });
}

/** An unsent draft would be lost with its client. */
export async function expectKeepsDraft(command: string): Promise<void> {
  await inRelaunchScene(command, [], async (scene) => {
    const { session, paneId, deps } = scene;
    await scene.write("half a thought");
    const pid = await scene.pid();
    expect(await relaunch({ session, paneId }, deps)).toEqual({ kind: "draft" });
    expect(await scene.pid()).toBe(pid);
  });
}

function promptsIn(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      const row = parseTranscriptRow(line);
      return row?.kind === "prompt" && !row.isMeta ? [row.text] : [];
    });
}
