import { expect, test } from "vitest";
import { apiApp, type ApiHandlers } from "../../../src/api/server.ts";
import { plain, read, tableRows } from "./read-docs.ts";

/** Every area, so that every route is mounted; none is asked. */
const ALL = {
  status: {},
  events: {},
  control: {},
  sessions: {},
  tasks: {},
  why: {},
  health: {},
  notify: {},
} as Required<ApiHandlers>;

test("docs/api.md has every route of the API, and no other", () => {
  const routes = apiApp(ALL).routes.filter(({ method }) => method !== "ALL");
  const rows = tableRows(read("docs/api.md")).map(([method = "", path = ""]) =>
    plain(`${method} ${path}`),
  );
  expect(rows.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
});
