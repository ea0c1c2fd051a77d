import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { flipDuringRefresh, killAtEveryGate } from "../support/crash-matrix.ts";

/** A planted bug: texts of the source that are replaced, each of which must be there once. */
export interface Mutant {
  readonly bug: string;
  readonly changes: readonly {
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
}

const EXECUTE = "src/switchover/execute.ts";

/** Bugs that a switchover must not have; the crash matrix has to see every one of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    bug: "the flip comes before the journal",
    changes: [
      {
        file: EXECUTE,
        find: "  const opened = openJournal(plan, deps);",
        replace:
          "  flipTo({ places: plan.entry, deps } as Run);\n  const opened = openJournal(plan, deps);",
      },
      { file: EXECUTE, find: "tick: flipTo(run)", replace: 'tick: { kind: "none" } as MtimeTick' },
    ],
  },
  {
    bug: "the flip's intent is not written",
    changes: [
      {
        file: EXECUTE,
        find: 'stage: "locked", begin: "flip" });',
        replace: 'stage: "locked" });',
      },
    ],
  },
  {
    bug: "the link is removed and made again",
    changes: [
      {
        file: "src/switchover/slot.ts",
        find: "fs.rename(temporary, slot);",
        replace: "fs.unlink(slot); fs.symlink(to, slot); fs.unlink(temporary);",
      },
    ],
  },
  {
    bug: "recovery believes the journal before the link",
    changes: [
      {
        file: "src/switchover/plan-recovery.ts",
        find: "  const { from, to } = entry;",
        replace: `  const { from, to } = entry;
  if (entry.stage === "locked") return { action: "markRolledBack", reason: "the journal says so" };`,
      },
    ],
  },
  {
    bug: "recovery goes the wrong way",
    changes: [
      {
        file: "src/switchover/plan-recovery.ts",
        find: '{ action: "rollForward", reason: `The link leads to ${to} and ${to} is recorded.` }',
        replace: '{ action: "rollBack", reason: "the wrong way" }',
      },
    ],
  },
  {
    bug: "recovery does not verify again",
    changes: [
      { file: "src/switchover/recover.ts", find: "if (!isRecorded) {", replace: "if (false) {" },
    ],
  },
  {
    bug: "the new account is recorded before it is verified",
    changes: [
      {
        file: EXECUTE,
        find: 'stage: "flipped", begin: "verify" });',
        replace:
          'stage: "flipped", begin: "verify", also: () => store.periods.of(places.slotName).begin(places.to, flippedAt) });',
      },
    ],
  },
  {
    bug: "no lock is taken",
    changes: [
      {
        file: EXECUTE,
        find: "await attempt(() => deps.lockHomes(homes), deps.signal);",
        replace:
          "{ refused: null, lost: async () => [], release: async () => homes } as HomeLocks;",
      },
    ],
  },
  {
    bug: "temp links are left behind",
    changes: [
      {
        file: "src/switchover/recover.ts",
        find: "const removed = links.flatMap((path) => removeStrays(path, fs));",
        replace: "const removed: readonly string[] = [];",
      },
    ],
  },
];

/** Copies what a crash process runs from `tree` into `copy`, with the bug planted. */
export function plant(options: { mutant: Mutant | null; tree: string; copy: string }): void {
  const { mutant, tree, copy } = options;
  for (const part of ["src", "test/crash/fixtures", "test/support", "package.json"]) {
    mkdirSync(dirname(join(copy, part)), { recursive: true });
    cpSync(join(tree, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(tree, "node_modules"), join(copy, "node_modules"));
  for (const { file, find, replace } of mutant?.changes ?? []) {
    const path = join(copy, file);
    const parts = readFileSync(path, "utf8").split(find);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
    writeFileSync(path, parts.join(replace));
  }
}

/** The first things that the crash matrix finds wrong with a tree; empty when it finds nothing. */
export async function suspect(tree: string): Promise<readonly string[]> {
  const refresh = await flipDuringRefresh(tree);
  if (refresh.length > 0) return refresh;
  const killed = await killAtEveryGate({ tree, stopsAtFirst: true });
  if (killed.problems.length > 0) return killed.problems;
  const trial = { tree, stopsAtFirst: true, refusesAfterFlip: true };
  return (await killAtEveryGate(trial)).problems;
}
