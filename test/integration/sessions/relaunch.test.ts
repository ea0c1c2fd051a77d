import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTranscripts } from "../../../src/claude/find-transcripts.ts";
import { writeStandInCommand } from "../../../src/drill/stand-in-command.ts";
import { relaunch } from "../../../src/sessions/relaunch.ts";
import {
  expectComesBack,
  expectComesBackFresh,
  expectKeepsDraft,
} from "../../support/relaunch-claims.ts";
import { inRelaunchScene } from "../../support/relaunch-scene.ts";

let folder: string;
let command: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cf-"));
  command = await writeStandInCommand(folder);
});
afterAll(async () => rm(folder, { recursive: true }));

describe("a relaunch", () => {
  test("ends the client cleanly and brings it back with its conversation and flags", async () =>
    expectComesBack(command));

  test("begins the same id where nothing was said yet", async () => expectComesBackFresh(command));

  test("does nothing while an unsent draft stands in the composer", async () =>
    expectKeepsDraft(command));

  test("starts a client whose pane is dead", async () =>
    inRelaunchScene(command, [], async (scene) => {
      const { session, paneId, deps } = scene;
      await scene.say("a note");
      const files = (): string[] => findTranscripts(deps.projectsDir, session.sessionId ?? "");
      await expect.poll(() => files().length, { timeout: 5_000 }).toBe(1);
      process.kill(await scene.pid(), "SIGKILL");
      await expect.poll(async () => isDead(scene), { timeout: 5_000 }).toBe(true);
      const outcome = await relaunch({ session, paneId }, deps);
      expect(outcome).toMatchObject({ kind: "resumed", source: "resume" });
    }));

  test("ends nothing that is not due any more", async () =>
    inRelaunchScene(command, [], async (scene) => {
      const { session, paneId } = scene;
      const before = await scene.pid();
      const notDue = { ...scene.deps, isDue: () => false };
      expect(await relaunch({ session, paneId }, notDue)).toEqual({ kind: "notDue" });
      expect(await scene.pid()).toBe(before);
    }));

  test("says that a client which ends at its start is dead", async () =>
    inRelaunchScene(command, [], async ({ session, paneId, deps }) => {
      const broken = { ...deps, command: "/bin/false" };
      const outcome = await relaunch({ session, paneId }, broken);
      expect(outcome).toEqual({ kind: "silent", dialog: null, dead: true });
    }));

  test("leaves alone a pane that is gone", async () =>
    inRelaunchScene(command, [], async ({ session, deps }) => {
      expect(await relaunch({ session, paneId: "%99" }, deps)).toEqual({ kind: "noPane" });
    }));
});

async function isDead({ deps, paneId }: Parameters<Parameters<typeof inRelaunchScene>[2]>[0]) {
  return (await deps.panes.listPanes()).find((pane) => pane.paneId === paneId)?.dead;
}
