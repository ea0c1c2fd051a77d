import { expect, test } from "vitest";
import { CERTIFIED } from "../../../src/claude/certified-versions.ts";
import { certificationText } from "../../../src/claude/certified.ts";
import { STAND_IN_VERSION } from "../../../src/drill/stand-in/version.ts";
import { read, tableRows } from "./read-docs.ts";

test("docs/compatibility.md tells the versions that a fresh install takes as certified", () => {
  const told = tableRows(read("docs/compatibility.md")).map(([version = "", verdict = ""]) => [
    version,
    verdict.split(":")[0],
  ]);
  const bundled = Object.entries(CERTIFIED).map(([version, verdict]) => [
    version,
    certificationText({ verdict, why: null }),
  ]);
  expect(told).toEqual(bundled);
  expect(told.length).toBeGreaterThanOrEqual(10);
});

test("the client that the stand-in agent speaks for is certified hot", () => {
  expect(CERTIFIED[STAND_IN_VERSION]).toBe("hot");
});
