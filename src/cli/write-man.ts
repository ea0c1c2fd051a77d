import { mkdirSync, writeFileSync } from "node:fs";
import { rfc3339, systemClock } from "../clock.ts";
import { ownVersion } from "../version.ts";
import { manPage } from "./man.ts";
import { allVerbs } from "./verbs.ts";

// Run when the package is packed: node dist/cli/write-man.js
const folder = new URL("../../man/", import.meta.url);
const date = rfc3339(systemClock.now()).slice(0, 10);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("claude-failover.1", folder),
  manPage(await allVerbs(), { version: ownVersion(), date }),
);
