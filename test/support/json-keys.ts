import { expect } from "vitest";

/**
 * Expects `found` to have the keys of `example`, no more and no fewer, at every depth. Where either
 * is null or a list is empty there is nothing to compare.
 */
export function expectSameKeys(found: unknown, example: unknown, path = "$"): void {
  if (found === null || example === null) return;
  if (Array.isArray(found) && Array.isArray(example)) {
    if (example.length > 0)
      for (const [index, item] of found.entries())
        expectSameKeys(item, example[0], `${path}[${index}]`);
    return;
  }
  expect([path, typeof found, Array.isArray(found)]).toEqual([
    path,
    typeof example,
    Array.isArray(example),
  ]);
  if (typeof found !== "object" || typeof example !== "object") return;
  expect([path, Object.keys(found).toSorted()]).toEqual([path, Object.keys(example).toSorted()]);
  for (const [key, value] of Object.entries(found))
    expectSameKeys(value, (example as Record<string, unknown>)[key], `${path}.${key}`);
}
