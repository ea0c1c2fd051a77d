import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Hookless, type HooklessDeps } from "../../../src/daemon/hookless.ts";
import { SecondLook, type SecondLookDeps } from "../../../src/daemon/second-look.ts";
import { fleetRig, fleetSession } from "../../support/fleet-rig.ts";
import { transcriptLine } from "../../support/transcript-line.ts";

const A = "39d24607-f084-4044-8656-3bee48dc5806";
const B = "b7c11cef-90c0-47a4-9139-1c7eb589a0af";
const panel = (id: string): string[] => [
  "  Settings  Status   Config   Usage   Stats",
  `  Session ID:                 ${id}`,
];

/** `ccl-1` was adopted, and nothing but its pane, which shows these lines, tells its conversation. */
async function looked(lines: readonly string[]) {
  const rig = fleetRig();
  const { live } = fleetSession("ccl-1");
  rig.join("ccl-1", { kind: "adopted", live: { ...live, sessionId: null } });
  const pane = { paneId: "%ccl-1", panePid: 1, sessionName: "ccl-1", dead: false, options: {} };
  const panes = {
    listPanes: async () => Promise.resolve([pane]),
    capture: async () => Promise.resolve(lines),
  };
  const projectsDir = join(rig.dir, "projects");
  mkdirSync(join(projectsDir, "-p"), { recursive: true });
  writeFileSync(join(projectsDir, "-p", `${A}.jsonl`), transcriptLine("hello", { sessionId: A }));
  const tmux = {
    subscribe: async () => Promise.resolve(),
    unsubscribe: async () => Promise.resolve(),
  };
  const { signal } = new AbortController();
  const deps = {
    ...rig,
    panes,
    tmux,
    signal,
    projectsDir,
    sessionFiles: () => [],
    onNews: () => undefined,
  };
  const look = async (): Promise<void> => {
    await new Hookless(deps as unknown as HooklessDeps).look();
    await new SecondLook(deps as unknown as SecondLookDeps).look();
  };
  await look();
  return { ...rig, look, now: () => rig.fleet.get("ccl-1")?.live };
}

it("an adopted session has the conversation that its pane names where nothing else tells it", async () => {
  const { now, dir, fleet } = await looked(panel(A));
  const transcriptPath = join(dir, "projects", "-p", `${A}.jsonl`);
  expect(now()).toMatchObject({ sessionId: A, transcriptPath, lastPrompt: { text: "hello" } });
  expect(fleet.whyLeftAlone("ccl-1")).toBeNull();
});

it("one whose client has ended is dead, with the conversation that it had", async () => {
  const { now } = await looked(["Resume this session with:", `claude --resume ${A}`, "$ "]);
  expect(now()).toMatchObject({ sessionId: A, state: "dead", transcriptPath: null });
});

it("one whose pane names several conversations is in doubt, and has none of them", async () => {
  const { now, fleet, look } = await looked([...panel(A), ...panel(B)]);
  await look();
  expect(now()).toMatchObject({ sessionId: null, transcriptPath: null });
  expect(fleet.whyLeftAlone("ccl-1")).toBe(`its pane names several conversations: ${A}, ${B}`);
});

it("one whose pane names another session's conversation does not take it", async () => {
  const lines: string[] = [];
  const { now, fleet, look, join: takeIn } = await looked(lines);
  const { live } = fleetSession("ccl-2");
  takeIn("ccl-2", { live: { ...live, sessionId: A } });
  lines.push(...panel(A));
  await look();
  expect(now()?.sessionId).toBeNull();
  expect(fleet.whyLeftAlone("ccl-1")).toBe("its pane names the conversation of ccl-2");
});
