import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterFailure,
  afterSuccess,
  CLOSED,
  isOpen,
  MOST_FAILURES,
  type Breaker,
} from "../../src/policy/breaker.ts";

interface Step {
  readonly fails: boolean;
  readonly after: number;
}

const step = fc.record({
  fails: fc.boolean(),
  after: fc.integer({ min: 0, max: 400_000 }),
});

/** Each step at its time; nothing is tried while it is open. */
function run(steps: readonly Step[]): { breaker: Breaker; now: number } {
  let breaker = CLOSED;
  let now = 0;
  for (const { fails, after } of steps) {
    now += after;
    if (isOpen(breaker, now)) continue;
    breaker = fails ? afterFailure(breaker, now) : afterSuccess(breaker, now);
  }
  return { breaker, now };
}

describe("the breaker of an account", () => {
  it("is closed by a success after its pause: one failure then does not open it again", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { breaker, now } = run(steps);
        if (breaker.openUntil === null) return;
        const at = Math.max(now, breaker.openUntil);
        const closed = afterSuccess(breaker, at);
        expect(closed).toEqual(CLOSED);
        expect(isOpen(afterFailure(closed, at), at)).toBe(false);
      }),
    );
  });

  it("is not closed by a client that came up during its pause, nor cleared by one before it", () => {
    const one = afterFailure(CLOSED, 0);
    expect(afterSuccess(one, 1)).toEqual(one);
    let open = one;
    for (let at = 1; at < MOST_FAILURES; at += 1) open = afterFailure(open, at);
    expect(afterSuccess(open, MOST_FAILURES)).toEqual(open);
  });
});
