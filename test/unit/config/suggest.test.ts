import { expect, test } from "vitest";
import { nearest } from "../../../src/config/suggest.ts";

const KEYS = ["accounts", "slot", "shared", "sessions", "policy", "cooldown", "args", "api", "log"];

test.each([
  ["acounts", "accounts"],
  ["Accounts", "accounts"],
  ["acocunts", "accounts"],
  ["cooldwn", "cooldown"],
  ["cool-down", "cooldown"],
  ["slto", "slot"],
  ["arg", "args"],
  ["lgo", "log"],
  ["polcyi", "policy"],
])("%s was meant as %s", (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});

test.each(["webhook", "x", "", "a".repeat(41)])("%j is near to nothing", (word) => {
  expect(nearest(word, KEYS)).toBeNull();
});
