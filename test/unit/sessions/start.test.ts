import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startSession, type StartDeps } from "../../../src/sessions/start.ts";
import { tempDir } from "../../support/temp-dir.ts";

const ID = "00000000-0000-4000-8000-000000000001";

/** The settings that a session is started with; `rows` is its transcript, null for none. */
async function settingsFor(rows: string | null): Promise<Record<string, unknown>> {
  const dir = tempDir();
  const projectsDir = join(dir, "projects");
  mkdirSync(join(projectsDir, "-p"), { recursive: true });
  if (rows !== null) writeFileSync(join(projectsDir, "-p", `${ID}.jsonl`), rows);
  const deps: StartDeps = {
    panes: {
      newSession: async () => Promise.resolve({ paneId: "%1", panePid: 1 }),
      respawn: async () => Promise.reject(new Error("nothing is respawned")),
    },
    command: "/opt/claude",
    env: () => ({}),
    slotPath: () => dir,
    settingsDir: dir,
    spoolDir: dir,
    projectsDir,
    knownId: () => null,
    permissionMode: () => null,
  };
  const own = { name: "ccl-1", kind: "dedicated", strategy: "auto", slot: "shared" } as const;
  const session = { ...own, cwd: dir, args: [], sessionId: ID };
  const started = await startSession({ kind: "create", session }, deps);
  if (started.kind !== "started") throw new Error(started.why);
  return JSON.parse(readFileSync(join(dir, "ccl-1.json"), "utf8")) as Record<string, unknown>;
}

it("gives a resumed conversation the directories that were added to it", async () => {
  const content =
    "<local-command-stdout>Added \u001b[1m/extra\u001b[22m as a working directory for this session</local-command-stdout>";
  const row = JSON.stringify({ type: "user", message: { content } });
  expect(await settingsFor(`${row}\n`)).toMatchObject({
    permissions: { additionalDirectories: ["/extra"] },
  });
});

it.each([
  ["a conversation without any", "{}\n"],
  ["a new one", null],
])("says nothing of permissions for %s", async (_what, rows) => {
  expect(await settingsFor(rows)).not.toHaveProperty("permissions");
});
