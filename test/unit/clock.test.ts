import { expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";

it("a sleep that is longer than a timer of Node's can be does not end at once", async () => {
  const stop = new AbortController();
  let isOver = false;
  const sleep = systemClock.sleep(2 ** 31, stop.signal).then(() => (isOver = true));
  // Timers end in their order: one of a millisecond would have ended by now.
  await systemClock.sleep(2);
  await systemClock.sleep(2);
  expect(isOver).toBe(false);
  stop.abort(new Error("enough"));
  await expect(sleep).rejects.toThrow("enough");
});
