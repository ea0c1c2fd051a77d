import { copyFile, mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory, writeNewFile } from "../accounts/adopt/durable.ts";
import { rfc3339, type Clock } from "../clock.ts";
import { parseConfig } from "../config/parse.ts";
import { FailoverError } from "../errors.ts";
import { replaceLink } from "./replace-link.ts";
import { recordSetup } from "./journal.ts";
import type { Change } from "./model.ts";

export interface ApplyOptions {
  readonly clock: Clock;
  readonly home: string;
  readonly stateDir: string;
  /** Makes the homes shared; returns where that keeps its journal, or throws why it cannot. */
  readonly adopt: () => Promise<string>;
  /** Installs the service; returns the unit's path. */
  readonly installService: () => Promise<string>;
  /** Told after each change. */
  readonly onDone: (change: Change) => void;
}

/**
 * Makes the changes in their order, each written down when it is done. A configuration that would
 * not be right is refused before anything is made. Throws CF_SETUP_CONFIG, CF_SETUP_CHANGED, and
 * what adopting and the service throw; what was done until then stays, and is written down.
 */
export async function applyChanges(
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<void> {
  for (const change of changes) if (change.do === "writeConfig") requireRight(change, options.home);
  await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
  for (const change of changes) {
    await applyChange(change, options);
    options.onDone(change);
  }
}

async function applyChange(change: Change, options: ApplyOptions): Promise<void> {
  const record = async (fact: Parameters<typeof recordSetup>[2]): Promise<void> =>
    recordSetup(options.stateDir, options.clock, fact);
  switch (change.do) {
    case "makeDirectory":
      await mkdir(change.path, { recursive: true, mode: 0o700 });
      return record({ did: "madeDirectory", path: change.path });
    case "writeConfig": {
      const before = await writeConfig(change, options.clock);
      return record({ did: "wroteConfig", path: change.path, before });
    }
    case "relink":
      await replaceLink(change.path, change.to);
      return record({ did: "relinked", path: change.path, to: change.to });
    case "adopt":
      return record({ did: "adopted", directory: await options.adopt() });
    case "installService":
      return record({ did: "installedService", path: await options.installService() });
  }
}

/** A new file, or one that takes the place of a file that is kept; null or the kept one's name. */
async function writeConfig(
  { path, content, replaces }: Extract<Change, { do: "writeConfig" }>,
  clock: Clock,
): Promise<string | null> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (!replaces) {
    await writeNewFile(path, content).catch((cause: unknown) => {
      const message = `${path} cannot be written: something is there meanwhile, or may not be written.`;
      throw new FailoverError("CF_SETUP_CHANGED", message, { cause, details: { path } });
    });
    return null;
  }
  const stamp = rfc3339(clock.now()).replaceAll(/[-:.]/g, "");
  const kept = `${path}.before-${stamp}`;
  await copyFile(path, kept);
  const draft = `${path}.new-${stamp}`;
  await writeNewFile(draft, content);
  await rename(draft, path);
  await syncDirectory(dirname(path));
  return kept;
}

function requireRight(
  { path, content }: Extract<Change, { do: "writeConfig" }>,
  home: string,
): void {
  const parsed = parseConfig({ text: content, file: path, home, realPath: (each) => each });
  if (parsed.ok) return;
  const lines = parsed.problems.map(({ line, wrong, right }) => `line ${line}: ${wrong}; ${right}`);
  throw new FailoverError(
    "CF_SETUP_CONFIG",
    `The configuration would not be right: ${lines.join(". ")}`,
    { details: { path } },
  );
}
