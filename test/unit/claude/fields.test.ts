import { expect, it } from "vitest";
import {
  fieldsOf,
  numberOf,
  parseFields,
  secondsToMs,
  textOf,
} from "../../../src/claude/fields.ts";

it("takes objects for fields, and nothing else", () => {
  expect(fieldsOf({ a: 1 })).toEqual({ a: 1 });
  for (const other of [[1], null, undefined, "a", 1, true]) expect(fieldsOf(other)).toBeNull();
  expect(parseFields('{"a":1}')).toEqual({ a: 1 });
  for (const text of ["[1]", "", "{", "null", '"a"']) expect(parseFields(text)).toBeNull();
});

it("takes texts with something in them, finite numbers, and times after the epoch", () => {
  expect([textOf("a"), textOf(""), textOf(1)]).toEqual(["a", null, null]);
  expect([numberOf(0), numberOf(Number.NaN), numberOf("1")]).toEqual([0, null, null]);
  expect([secondsToMs(1795182243), secondsToMs(0), secondsToMs(-1), secondsToMs("1")]).toEqual([
    1795182243000,
    null,
    null,
    null,
  ]);
});
