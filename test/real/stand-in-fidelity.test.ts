import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeStandInCommand } from "../../src/drill/stand-in-command.ts";
import { inLab } from "../support/agent-lab.ts";
import type { Seen, Surface } from "../support/agent-surface.ts";
import { keySurfaces } from "../support/agent-surfaces-keys.ts";
import { lifeSurfaces } from "../support/agent-surfaces-life.ts";
import { limitSurfaces } from "../support/agent-surfaces-limits.ts";
import { turnSurfaces } from "../support/agent-surfaces-turns.ts";

/**
 * The stand-in agent beside the real client, surface by surface: the same experiment with both, and
 * the same must be seen. With the older client only what is essential is compared.
 */
const surfaces = { ...turnSurfaces, ...limitSurfaces, ...lifeSurfaces, ...keySurfaces };
const current = process.env["CF_TEST_CLAUDE"];
const old = process.env["CF_TEST_CLAUDE_OLD"];

/** What 2.1.150 does otherwise, and why there is nothing to compare. */
const NOT_IN_OLD: Readonly<Record<string, string>> = {
  "an overloaded server": "tries again for minutes, whatever x-should-retry says",
  "text while the limit menu is open": "has no limit menu",
  "an Escape in the limit menu": "has no limit menu",
  "an Escape while it would continue by itself": "does not continue by itself",
  "automatic continuing switched off": "has no limit menu",
  "a directory that was never opened": "proposes to trust it",
};

/** What failover stands on; all the others only where CF_TEST_FULL is set, for the time they take. */
const ALWAYS_IN_OLD = new Set([
  "a turn that is answered",
  "a flip of the slot, then continue",
  "a flip to a login with the same mtime",
  "a prompt typed while a turn runs",
  "a five-hour limit",
  "a weekly limit",
  "a model's own limit",
  "a busy server",
  "a refused token",
  "--resume",
  "/clear",
  "SIGTERM and SIGHUP",
  "the session registry",
  "a draft",
  "a long paste",
]);
const inOld = Object.entries(surfaces).filter(
  ([name]) =>
    !(name in NOT_IN_OLD) && (ALWAYS_IN_OLD.has(name) || process.env["CF_TEST_FULL"] !== undefined),
);

let folder = "";
let standIn = "";
const seenOfStandIn = new Map<string, Promise<Seen>>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cf-stand-in-"));
  standIn = await writeStandInCommand(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withStandIn(name: string, surface: Surface): Promise<Seen> {
  const seen = seenOfStandIn.get(name) ?? inLab(standIn, surface);
  seenOfStandIn.set(name, seen);
  return await seen;
}

describe
  .skipIf(current === undefined)
  .concurrent("the stand-in is like the client (CF_TEST_CLAUDE)", () => {
    it.each(Object.entries(surfaces))("%s", async (name, surface) => {
      const real = await inLab(current ?? "", surface);
      expect(await withStandIn(name, surface)).toEqual(real);
    });
  });

describe
  .skipIf(old === undefined)
  .concurrent("… and the older one in what counts (CF_TEST_CLAUDE_OLD)", () => {
    it.each(inOld)("%s", async (name, surface) => {
      const { essential } = await inLab(old ?? "", surface);
      expect((await withStandIn(name, surface)).essential).toEqual(essential);
    });
  });
