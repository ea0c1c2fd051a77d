import { readdirSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import { removeStalePasteFiles } from "../tmux/paste-file.ts";
import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("pasteFiles");

/** Whether a killed daemon left texts on their way into a pane. Of a running one they come and go. */
export const pasteFilesCheck: Check<BareScene> = {
  code: "pasteFiles",
  look: ({ places, daemon }) => [
    judgePasteFiles(namesIn(places.pasteDir).length, daemon.kind === "down"),
  ],
  fix: async ({ places, daemon }) => {
    if (daemon.kind !== "down") return [];
    const before = namesIn(places.pasteDir).length;
    await removeStalePasteFiles(places.pasteDir);
    const gone = before - namesIn(places.pasteDir).length;
    return gone === 0 ? [] : [`Removed ${gone} paste files from ${places.pasteDir}.`];
  },
};

/** Pure. `isDown`: no daemon runs that could be using them. */
export function judgePasteFiles(count: number, isDown: boolean): Finding {
  if (count === 0 || !isDown) return say.ok("No paste file was left behind.");
  return say.warn(
    `A killed daemon left ${count} paste ${count === 1 ? "file" : "files"}, which may hold prompts.`,
    "claude-failover doctor --fix removes them, as does the next start.",
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
