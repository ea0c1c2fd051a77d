/*
 * How prompts can be typed into a client. `ours` is what the daemon does; the others are the two best
 * methods that other tools use, written anew from their descriptions.
 */
import { setTimeout as delay } from "node:timers/promises";
import { readScreen } from "../src/claude/screen.ts";
import type { Deliveries } from "../src/sessions/deliver.ts";
import type { TmuxClient } from "../src/tmux/client.ts";
import type { Panes } from "../src/tmux/panes.ts";

export interface Typing {
  readonly session: string;
  readonly paneId: string;
  readonly text: string;
}

/** Types and submits a text; whether the method itself believes that it was delivered. */
export type Method = (typing: Typing) => Promise<boolean>;

export interface Means {
  readonly deliveries: Deliveries;
  readonly client: TmuxClient;
  readonly panes: Panes;
}

const CHUNK = 512;
const TRIES = 3;

export function methodNamed(name: string, means: Means): Method {
  const { deliveries, panes, client } = means;
  const capture = async (paneId: string): Promise<string[]> =>
    panes.capture(paneId, { escapes: true });
  switch (name) {
    case "ours":
      return async (typing) =>
        (await deliveries.deliver({ ...typing, isDue: () => true })).kind === "delivered";
    case "paste":
      // Bracketed paste, a fixed pause, Enter, and the text must have left the composer.
      return async ({ paneId, text }) => {
        await panes.pasteText(paneId, text);
        await delay(100);
        for (let tries = 0; tries < TRIES; tries++) {
          await client.command(["send-keys", "-t", paneId, "Enter"]);
          await delay(150);
          if (readScreen(await capture(paneId)).composer.kind === "empty") return true;
        }
        return false;
      };
    case "keys":
      // Literal keys in chunks, a fixed pause, Enter, and the screen must have changed.
      return async ({ paneId, text }) => {
        await client.command(["copy-mode", "-q", "-t", paneId]);
        for (let at = 0; at < text.length; at += CHUNK)
          await client.command(["send-keys", "-t", paneId, "-l", "--", text.slice(at, at + CHUNK)]);
        await delay(500);
        for (let tries = 0; tries < TRIES; tries++) {
          const before = (await capture(paneId)).join("\n");
          await client.command(["send-keys", "-t", paneId, "Enter"]);
          await delay(300);
          if ((await capture(paneId)).join("\n") !== before) return true;
        }
        return false;
      };
    default:
      throw new Error(`There is no method ${name}: ours, paste or keys.`);
  }
}
