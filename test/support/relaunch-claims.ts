import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { findTranscripts } from "../../src/claude/find-transcripts.ts";
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
