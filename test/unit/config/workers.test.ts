import { expect, test } from "vitest";
import { workerName, workerNumber } from "../../../src/config/workers.ts";
import { configFrom } from "../../support/config-text.ts";

test("a session of the pool is known by its number, and by no other spelling of it", () => {
  const { pool } = configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions: { pool: { prefix: w-, startIndex: 3, min: 1, max: 8, cwd: /p } }
`).sessions;
  if (pool === null) throw new Error("no pool");
  expect([0, 7].map((index) => workerNumber(pool, workerName(pool, index)))).toEqual([3, 10]);
  const others = ["w-2", "w-11", "w-", "w-x", "w-03", "w-3.0", "w- 3", "w-3e0", "x-3", "3", ""];
  expect(others.filter((name) => workerNumber(pool, name) !== null)).toEqual([]);
});
