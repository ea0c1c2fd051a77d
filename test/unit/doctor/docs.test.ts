import { expect, test } from "vitest";
import { CHECK_AREAS } from "../../../src/doctor/model.ts";
import { plain, read, sections, tableRows } from "../docs/read-docs.ts";

test("docs/operations.md explains every check, and no other", () => {
  const section = sections(read("docs/operations.md"), 2).find(
    ({ heading }) => heading === "Check everything",
  );
  const codes = tableRows(section?.body ?? "").map(([code = ""]) => plain(code));
  expect(codes).toEqual(Object.keys(CHECK_AREAS));
});
