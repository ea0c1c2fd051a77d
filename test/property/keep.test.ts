import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterEnd,
  FRESHLY_KEPT,
  mayStart,
  MOST_DEATHS,
  STABLE_MS,
  type ClientEnd,
  type KeepState,
} from "../../src/policy/keep.ts";

const end = (max: number, cause: ClientEnd["cause"]) =>
  fc.record({
    at: fc.constant(0),
    livedMs: fc.integer({ min: 0, max }),
    cause: fc.constant(cause),
    afterExit: fc.constantFrom("stay" as const, "restart" as const),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

/** Lives a session as the keeper does: started whenever it may be, ended as told. */
function live(ends: readonly ClientEnd[]): { starts: number[]; state: KeepState; now: number } {
  let state = FRESHLY_KEPT;
  let now = 0;
  const starts: number[] = [];
  for (const each of ends) {
    const may = mayStart(state, { held: false, now });
    if (may.kind === "leave") break;
    if (may.kind === "wait") now = may.until;
    starts.push(now);
    now += each.livedMs;
    state = afterEnd(state, { ...each, at: now });
  }
  return { starts, state, now };
}

describe("a session that is kept", () => {
  test("that only crashes is started a bounded number of times, ever later, and then left alone", () => {
    fc.assert(
      fc.property(fc.array(end(STABLE_MS - 1, "crash"), { minLength: 20 }), (ends) => {
        const { starts, state, now } = live(ends);
        expect(starts).toHaveLength(MOST_DEATHS);
        expect(state.stoppedAt).toBe(now);
        expect(mayStart(state, { held: false, now: now + 1e12 }).kind).toBe("leave");
      }),
    );
  });

  test("is never started while it is held, before its time, or after its operator ended it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(end(2 * STABLE_MS, "crash"), end(2 * STABLE_MS, "server"))),
        end(2 * STABLE_MS, "exit"),
        (ends, last) => {
          const { state, now } = live(ends);
          expect(mayStart(state, { held: true, now }).kind).toBe("leave");
          const before = (state.restartAt ?? 0) - 1;
          if (state.restartAt !== null)
            expect(mayStart(state, { held: false, now: before }).kind).not.toBe("start");
          const ended = afterEnd(state, { ...last, afterExit: "stay" });
          expect(mayStart(ended, { held: false, now: now + 1e12 })).toEqual({
            kind: "leave",
            why: "ended",
          });
        },
      ),
    );
  });

  test("that ran well until its server ended is in no crash loop any more", () => {
    const crash = { at: 0, livedMs: 0, cause: "crash", afterExit: "stay", random: 0 } as const;
    const crashes = Array.from({ length: MOST_DEATHS - 1 }, () => crash);
    const server = { ...crash, livedMs: STABLE_MS, cause: "server" } as const;
    expect(live([...crashes, server, ...crashes]).state.stoppedAt).toBeNull();
  });

  test("is wanted back at once when it ran well before, however often that happens", () => {
    fc.assert(
      fc.property(fc.array(end(0, "crash"), { minLength: 1, maxLength: 50 }), (ends) => {
        const well = ends.map((each) => ({ ...each, livedMs: STABLE_MS }));
        expect(live(well).starts).toHaveLength(ends.length);
        expect(live(well).now).toBe(ends.length * STABLE_MS);
      }),
    );
  });

  test("waits no longer than any wait, though the clock was set back by hours", () => {
    fc.assert(
      fc.property(fc.array(end(0, "crash"), { minLength: 2, maxLength: 4 }), (ends) => {
        const { state, now } = live(ends);
        expect(mayStart(state, { held: false, now }).kind).toBe("wait");
        expect(mayStart(state, { held: false, now: now - 3_600_000 }).kind).toBe("start");
      }),
    );
  });

  test("does not count the end of the tmux server as its own", () => {
    fc.assert(
      fc.property(fc.array(end(1_000, "server"), { minLength: 10 }), (ends) => {
        expect(live(ends).starts).toHaveLength(ends.length);
        expect(live(ends).state).toEqual(FRESHLY_KEPT);
      }),
    );
  });

  test("waits longer before each further start", () => {
    fc.assert(
      fc.property(fc.array(end(0, "crash"), { minLength: 20 }), (ends) => {
        const { starts } = live(ends.map((each) => ({ ...each, random: 0.5 })));
        const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
        expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
      }),
    );
  });
});
