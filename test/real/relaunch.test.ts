import { describe, test } from "vitest";
import {
  expectComesBack,
  expectComesBackFresh,
  expectKeepsDirectory,
  expectKeepsDraft,
} from "../support/relaunch-claims.ts";

const CLIENTS = [
  { name: "the pinned client", command: process.env["CF_TEST_CLAUDE"] },
  { name: "a client half a year older", command: process.env["CF_TEST_CLAUDE_OLD"] },
];

describe.each(CLIENTS)("a relaunch of $name", ({ command }) => {
  test.skipIf(command === undefined)(
    "ends it cleanly and brings it back with its conversation and flags",
    async () => expectComesBack(command ?? ""),
  );
  test.skipIf(command === undefined)("begins the same id where nothing was said yet", async () =>
    expectComesBackFresh(command ?? ""),
  );
  test.skipIf(command === undefined)(
    "does nothing while an unsent draft stands in the composer",
    async () => expectKeepsDraft(command ?? ""),
  );
  test.skipIf(command === undefined)("keeps a directory that was added to it by hand", async () =>
    expectKeepsDirectory(command ?? ""),
  );
});
