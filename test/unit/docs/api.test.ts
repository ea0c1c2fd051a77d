import { expect, test } from "vitest";
import type { DispatchHandlers } from "../../../src/api/dispatch-routes.ts";
import { apiApp, type ApiHandlers } from "../../../src/api/server.ts";
import { plain, read, tableRows } from "./read-docs.ts";

test("docs/api.md has every route of the API, and no other", () => {
  const routes = apiApp({} as ApiHandlers, {} as DispatchHandlers).routes.filter(
    ({ method }) => method !== "ALL",
  );
  const rows = tableRows(read("docs/api.md")).map(([method = "", path = ""]) =>
    plain(`${method} ${path}`),
  );
  expect(rows.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
});
