import { expect, it } from "vitest";
import { limitOffer } from "../../../../src/drill/stand-in/limit-offer.ts";

const NOW = Date.parse("2026-11-21T08:00:00Z");
const HOUR = 3_600;

it.each([
  ["waits for a reset within a day", 2, true, "armed"],
  ["asks about a later one", 48, true, "menu"],
  ["asks about every one when it may not continue by itself", 2, false, "menu"],
])("%s", (_title, hours, autoContinue, kind) => {
  const resetsAt = NOW / 1000 + hours * HOUR;
  const quota = {
    status: "rejected",
    resetsAt,
    unifiedRateLimitFallbackAvailable: false,
    isUsingOverage: false,
  } as const;
  expect(limitOffer({ quota, autoContinue, now: NOW, seen: new Set() }).kind).toBe(kind);
});

it("asks once per reset time", () => {
  const resetsAt = NOW / 1000 + 48 * HOUR;
  const quota = {
    status: "rejected",
    resetsAt,
    unifiedRateLimitFallbackAvailable: false,
    isUsingOverage: false,
  } as const;
  const seen = new Set([resetsAt]);
  expect(limitOffer({ quota, autoContinue: true, now: NOW, seen }).kind).toBe("none");
});
