import { expect, test } from "vitest";
import { ownerPid } from "../../../src/accounts/lock-holder.ts";

test.each([
  ["", null],
  ["4711", 4711],
  ["4711 claude", 4711],
  ['{"pid":4711,"at":1}', 4711],
  ['{"host":"a","pid" : 12}', 12],
  ["nobody", null],
  ["0", null],
  ["99999999999999999999", null],
])("the owner file %j names process %j", (text, pid) => {
  expect(ownerPid(text)).toBe(pid);
});
