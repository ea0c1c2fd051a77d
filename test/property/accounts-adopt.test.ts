import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyAdopt } from "../../src/accounts/adopt/apply.ts";
import { decideEntry, type NodeFacts } from "../../src/accounts/adopt/plan.ts";
import { undoAdopt } from "../../src/accounts/adopt/undo.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { makeTree, twoPrivateHomes, type Tree } from "../support/private-homes.ts";
import { snapshot } from "../support/snapshot.ts";

const name = fc.constantFrom("a", "a.jsonl", "b.jsonl", "c/x", "c/y.jsonl", "c", "d/e/f.jsonl");
const content = fc.constantFrom("", "1\n", "1\n2\n", "1\n2\n3\n", "2\n", "-> a", "-> ../out");

/** Some entries; one whose name would need a file to be a directory is left out. */
const tree = fc.dictionary(name, content, { maxKeys: 5 }).map((entries): Tree => {
  const names = Object.keys(entries);
  const fits = names.filter((one) => !names.some((other) => one.startsWith(`${other}/`)));
  return Object.fromEntries(fits.map((one) => [one, entries[one] ?? ""]));
});

const options = { clock, assumeUnused: true, batchSize: 2 };

async function inScene(check: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "cf-property-"));
  try {
    await check(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function contentsBelow(root: string, found: Record<string, string>): string[] {
  return Object.entries(found)
    .filter(([, what]) => what.startsWith("file"))
    .map(([path]) => readFileSync(join(root, path), "utf8"));
}

test("whatever lies in two homes and the shared tree, no content is lost and undo is exact", async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, tree, async (one, two, shared) => {
      await inScene(async (root) => {
        for (const home of ["one", "two"])
          mkdirSync(join(root, `.claude-${home}/projects`), { recursive: true });
        makeTree(join(root, ".claude-one/projects"), one);
        makeTree(join(root, ".claude-two/projects"), two);
        const target = join(root, ".claude-projects-shared");
        makeTree(target, shared);
        const before = await snapshot(root);
        const outcome = await applyAdopt(twoPrivateHomes(root), options);
        if (outcome.kind === "refused") {
          // Nobody can look through a link that leads to itself; then nothing may be touched.
          expect([one, two, shared].some((each) => each["a"] === "-> a")).toBe(true);
          expect(await snapshot(root)).toEqual(before);
          return;
        }
        expect(outcome.kind).toBe("done");
        const after = contentsBelow(target, await snapshot(target));
        for (const [path, text] of [one, two, shared].flatMap((each) => Object.entries(each))) {
          if (text.startsWith("-> ")) continue;
          const kept = after.some((other) =>
            path.endsWith(".jsonl") ? other.startsWith(text) : other === text,
          );
          expect(kept).toBe(true);
        }
        // What was shared before keeps its name, at most continued.
        for (const [path, text] of Object.entries(shared)) {
          if (text.startsWith("-> ")) continue;
          expect(readFileSync(join(target, path), "utf8").startsWith(text)).toBe(true);
        }
        await undoAdopt(root, options);
        expect(await snapshot(root)).toEqual(before);
      });
    }),
    { numRuns: 25 },
  );
}, 60_000);

const facts: fc.Arbitrary<NodeFacts> = fc.oneof(
  fc.constant<NodeFacts>({ kind: "directory" }),
  fc.constant<NodeFacts>({ kind: "other" }),
  fc.record({ kind: fc.constant("link" as const), to: fc.constantFrom("a", "b") }),
  fc.record({
    kind: fc.constant("file" as const),
    size: fc.nat(2),
    id: fc.constantFrom("1:1", "1:2"),
  }),
);
const comparison = fc.constantFrom("equal", "sourceLonger", "targetLonger", "different", null);

test("what has a name in the shared tree is never placed over, and only a log is replaced", () => {
  fc.assert(
    fc.property(facts, facts, fc.boolean(), comparison, (source, target, appendOnly, compared) => {
      const decision = decideEntry({ source, target, appendOnly, comparison: compared });
      expect(["place", "placeLink", "makeDirectory"]).not.toContain(decision);
      if (decision === "replace") {
        expect([appendOnly, compared]).toEqual([true, "sourceLonger"]);
      }
    }),
  );
});
