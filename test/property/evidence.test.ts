import fc from "fast-check";
import { expect, it } from "vitest";
import { chargedAccount, readingAccount } from "../../src/policy/evidence.ts";
import { exhaustedUntil } from "../../src/policy/windows.ts";
import { evidence, instants } from "../support/policy-arbitraries.ts";
import { HOUR } from "../support/policy-samples.ts";

/** Who was active from when, in order of time. */
const periodLists = fc
  .uniqueArray(instants, { maxLength: 6 })
  .map((starts) =>
    starts
      .toSorted((a, b) => a - b)
      .map((fromAt, index) => ({ account: `account-${index}`, fromAt })),
  );

it("a request is charged to the account that was active when it was made", () => {
  fc.assert(
    fc.property(periodLists, instants, fc.option(instants), (periods, requestedAt, promptAt) => {
      const account = chargedAccount({ requestedAt, promptAt, periods });
      const begun = periods.filter(({ fromAt }) => fromAt <= requestedAt);
      expect(account).toBe((begun.at(-1) ?? periods[0])?.account ?? null);
    }),
  );
});

it("a flip never charges the new account with a prompt from before it", () => {
  fc.assert(
    fc.property(periodLists, instants, (periods, promptAt) => {
      const last = periods.at(-1);
      const account = chargedAccount({ requestedAt: null, promptAt, periods });
      if (last === undefined || promptAt < last.fromAt) expect(account).toBeNull();
      else expect(account).toBe(last.account);
    }),
  );
});

it("a percentage belongs to the account of the last answer, or to nobody with a flip since", () => {
  fc.assert(
    fc.property(periodLists, instants, instants, (periods, one, other) => {
      const [requestedAt, shownAt] = [Math.min(one, other), Math.max(one, other)];
      const account = readingAccount({ requestedAt, shownAt, periods });
      const [then, now] = [requestedAt, shownAt].map((at) =>
        chargedAccount({ requestedAt: at, promptAt: null, periods }),
      );
      expect([null, then]).toContain(account);
      if (then !== now) expect(account).toBeNull();
    }),
  );
});

it("a limit always exhausts for a while, and never longer than its window or its reset", () => {
  fc.assert(
    fc.property(evidence, ({ refusal, observedAt }) => {
      const until = exhaustedUntil(refusal, observedAt);
      expect(until).toBeGreaterThan(observedAt);
      const most = Math.max(observedAt + 168 * HOUR, (refusal.resetsAt ?? 0) + 60_000);
      expect(until).toBeLessThanOrEqual(most);
    }),
  );
});
