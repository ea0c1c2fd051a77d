import { lstatSync } from "node:fs";
import { join } from "node:path";
import { validateAll } from "../accounts/shared-links.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";
import { sharedHomes } from "./shared-links.ts";

const say = findingsOf("homeModes");

/** A path and its permission bits. */
export interface PathMode {
  readonly path: string;
  readonly mode: number;
}

/**
 * Whether homes and shared targets can be entered by others, and logins read by them. Modes of what
 * is not ours are never changed. Logins by `lstat` alone (design: invariant 2).
 */
export const homeModesCheck: Check<Scene> = {
  code: "homeModes",
  look: async ({ config }) => {
    const { warnings } = validateAll(sharedHomes(config));
    return judgeHomeModes({
      open: warnings,
      logins: config.accounts.flatMap(({ home }) => modeOf(join(home, ".credentials.json"))),
    });
  },
};

/** Pure. `open` are homes and targets that others can look into. */
export function judgeHomeModes(at: {
  open: readonly PathMode[];
  logins: readonly PathMode[];
}): readonly Finding[] {
  const readable = at.logins
    .filter(({ mode }) => (mode & 0o077) !== 0)
    .map(({ path, mode }) =>
      say.bad(`Others can read the login ${path} (mode ${octal(mode)}).`, `chmod 600 ${path}`),
    );
  const open = at.open.map(({ path, mode }) =>
    say.warn(`Others can look into ${path} (mode ${octal(mode)}).`, `chmod go= ${path}`),
  );
  const found = [...readable, ...open];
  if (found.length > 0) return found;
  return [say.ok("Homes, shared targets and logins are for their owner alone.")];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function modeOf(path: string): PathMode[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return [];
  return [{ path, mode: stats.mode & 0o7777 }];
}
