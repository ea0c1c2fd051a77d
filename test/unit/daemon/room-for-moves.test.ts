import { expect, test } from "vitest";
import { giveRoomForMoves } from "../../../src/daemon/room-for-moves.ts";
import { manualClock } from "../../support/manual-clock.ts";

test("the heap may grow while the fleet moves, and is taken back once it has been quiet for 5 s", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const done: string[] = [];
  let tell: (type: string) => void = () => undefined;
  giveRoomForMoves({
    clock,
    signal: stop.signal,
    heap: { grow: () => void done.push("grow"), shrink: () => void done.push("shrink") },
    store: {
      subscribe: (listener) => {
        tell = (type) => listener({ seq: 1, at: 0, type, data: null });
        return { [Symbol.dispose]: () => undefined };
      },
    },
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  tell("session.started");
  expect(done).toEqual([]);
  tell("switchover.started");
  await pass(4_000);
  tell("session.continued");
  await pass(5_000);
  expect(done).toEqual(["grow"]);
  await pass(5_000);
  expect(done).toEqual(["grow", "shrink"]);
  tell("switchover.started");
  expect(done).toEqual(["grow", "shrink", "grow"]);
  stop.abort();
  expect(clock.sleepers).toBe(0);
});
