import { expect, test } from "vitest";
import { apiApp, type ApiHandlers } from "../../../src/api/server.ts";
import { plain, read, tableRows } from "./read-docs.ts";

/** Every area, so that every route is mounted; none is asked. */
const ALL = {
  status: {},
  events: {},
  control: {},
  sessions: {},
  policy: {},
  tasks: {},
  why: {},
  checkpoints: {},
  clean: {},
  health: {},
  notify: {},
} as Required<ApiHandlers>;

const routes = apiApp(ALL).routes.filter(({ method }) => method !== "ALL");

test("schema/openapi.json has every route of the API, and no other", () => {
  const { paths } = JSON.parse(read("schema/openapi.json")) as { paths: Record<string, object> };
  const told = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const mounted = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const say = "add it to src/api/operations.ts and run node src/api/write-openapi.ts";
  const missing = mounted.filter((route) => !told.includes(route));
  expect(missing.map((route) => `${route}: ${say}`)).toEqual([]);
  expect(told.filter((route) => !mounted.includes(route))).toEqual([]);
});

test("docs/api.md has every route of the API, and no other", () => {
  const rows = tableRows(read("docs/api.md")).map(([method = "", path = ""]) =>
    plain(`${method} ${path}`),
  );
  expect(rows.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
});
