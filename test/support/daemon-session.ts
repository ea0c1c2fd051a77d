import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { findTranscripts } from "../../src/claude/find-transcripts.ts";
import { readScreen } from "../../src/claude/screen.ts";
import { parseTranscriptRow } from "../../src/claude/transcript.ts";
import { until } from "./agent-session.ts";
import type { DaemonRig } from "./daemon-rig.ts";

/** A session of the fleet as its operator sees it, and what is left of it on the disk. */
export interface FleetHand {
  readonly name: string;
  /** The screen as text. */
  screen(): Promise<string>;
  /** Types text literally, without Enter, and waits until the composer shows it. */
  write(text: string): Promise<void>;
  /** tmux send-keys with key names. */
  keys(...names: string[]): Promise<void>;
  /** Types a prompt and submits it; resolves when the Messages API got it. */
  prompt(text: string): Promise<void>;
  /** Process id of the client in the pane. */
  pid(): Promise<number>;
  /** Waits until `status` says that it is so. */
  becomes(state: string): Promise<void>;
  /** Every prompt in every transcript of this conversation, in order. */
  prompts(): Promise<string[]>;
  /** Waits until these are the prompts, in this order, and none besides. */
  promptsAre(expected: readonly string[]): Promise<void>;
  /** Waits until the screen shows a pattern. */
  shows(pattern: RegExp): Promise<void>;
  /** Waits until the conversation's transcript holds a text. */
  writes(text: string): Promise<void>;
  /** How many transcripts the conversation has. */
  transcripts(): Promise<number>;
}

export function fleetHand(rig: DaemonRig, name: string): FleetHand {
  const target = `=${name}:`;
  const capture = async (...flags: string[]): Promise<string> =>
    rig.tmux("capture-pane", "-p", ...flags, "-t", target);
  const composer = async () => readScreen((await capture("-e")).split("\n")).composer;
  const write = async (text: string): Promise<void> => {
    await until(`the composer of ${name}`, async () => (await composer()).kind !== "none");
    await rig.tmux("send-keys", "-t", target, "-l", "--", text);
    await until(`the draft ${text}`, async () => {
      const found = await composer();
      return found.kind === "draft" && found.text.includes(text);
    });
  };
  const keys = async (...names: string[]): Promise<void> =>
    void (await rig.tmux("send-keys", "-t", target, ...names));
  return {
    name,
    screen: async () => capture(),
    write,
    keys,
    prompt: async (text) => {
      await write(text);
      const before = rig.api.requests.length;
      await keys("Enter");
      await until(`the request for ${text}`, () =>
        rig.api.requests.slice(before).some((each) => each.promptText === text),
      );
    },
    pid: async () => Number(await rig.tmux("display-message", "-p", "-t", target, "#{pane_pid}")),
    becomes: async (state) => {
      await until(`${name} ${state}`, async () => (await sessionOf(rig, name))?.state === state);
    },
    promptsAre: async (expected) => {
      let found: string[] = [];
      await until("the prompts", async () => {
        found = (await transcriptsOf(rig, name)).flatMap(typedIn);
        return found.length >= expected.length;
      }).catch(() => undefined);
      expect(found).toEqual(expected);
    },
    shows: async (pattern) => {
      await until(String(pattern), async () => pattern.test(await capture()));
    },
    writes: async (text) => {
      await until(`the row with ${text}`, async () =>
        (await transcriptsOf(rig, name)).some((path) => readFileSync(path, "utf8").includes(text)),
      );
    },
    prompts: async () => (await transcriptsOf(rig, name)).flatMap(typedIn),
    transcripts: async () => (await transcriptsOf(rig, name)).length,
  };
}

async function sessionOf(rig: DaemonRig, name: string) {
  return (await rig.status()).sessions.find((session) => session.name === name);
}

/** The conversation's files in the shared folder and below every home, each once. */
async function transcriptsOf(rig: DaemonRig, name: string): Promise<string[]> {
  const id = (await sessionOf(rig, name))?.sessionId ?? "";
  const { home, accounts } = rig.box;
  const folders = [
    join(home, ".claude-projects-shared"),
    ...accounts.map((each) => join(each.home, "projects")),
  ];
  const found = folders.flatMap((folder) => findTranscripts(folder, id));
  return [...new Map(found.map((path) => [path.split("/").slice(-2).join("/"), path])).values()];
}

function typedIn(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      const row = parseTranscriptRow(line);
      return row?.kind === "prompt" && !row.isMeta ? [row.text] : [];
    });
}
