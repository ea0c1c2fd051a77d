import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { passOffer } from "../../../src/sessions/resume-offer.ts";

/** As 2.1.328 draws it, by its own words. */
const OFFER = [
  "────────────────────",
  " This session is 2h old and 150k tokens.",
  " ❯ 1. Resume from summary (instant, recommended)",
  "   2. Resume full session as-is",
  "   3. Don't ask again",
  " Enter to confirm · Esc to cancel",
];
const PROMPT = ["────────────────────", "❯ ", "────────────────────"];
const TRUST = [
  "──────",
  " Do you trust the files in this folder?",
  " ❯ 1. Yes",
  " Enter to confirm",
];

/** Shows each screen once, the last one for good, and records the keys. */
async function answered(
  screens: readonly (readonly string[])[],
  resumeOffer: "full" | "summary" | "ask",
): Promise<string[]> {
  const keys: string[] = [];
  const left = [...screens];
  const panes = {
    capture: async () => Promise.resolve([...((left.length > 1 ? left.shift() : left[0]) ?? [])]),
    sendKeys: async (_: string, pressed: readonly string[]) => {
      keys.push(...pressed);
      await Promise.resolve();
    },
  };
  await passOffer("%1", { panes, clock: systemClock, resumeOffer });
  return keys;
}

test.each([
  ["full", ["Down", "Enter"]],
  ["summary", ["Enter"]],
  ["ask", []],
] as const)("an offer to resume from a summary is answered with %s, once", async (answer, keys) => {
  expect(await answered([[], OFFER, OFFER, PROMPT], answer)).toEqual(keys);
});

test("nothing is pressed where a prompt or another dialog is shown", async () => {
  expect(await answered([PROMPT], "full")).toEqual([]);
  expect(await answered([[], TRUST], "summary")).toEqual([]);
});
