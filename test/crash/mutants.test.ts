import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { flipDuringRefresh } from "../support/crash-matrix.ts";
import { tempDir } from "../support/temp-dir.ts";
import { MUTANTS, plant, suspect } from "./mutants.ts";

const tree = resolve(import.meta.dirname, "../..");

describe("the crash matrix", () => {
  it.each(MUTANTS)("sees that $bug", async (mutant) => {
    const copy = tempDir();
    plant({ mutant, tree, copy });
    const problems = await suspect(copy);
    expect(problems).not.toEqual([]);
  });

  it("finds nothing in a copy without a bug", async () => {
    const copy = tempDir();
    plant({ mutant: null, tree, copy });
    expect(await flipDuringRefresh(copy)).toEqual([]);
  });
});
