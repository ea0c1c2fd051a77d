import { setFlagsFromString } from "node:v8";
import type { Clock } from "../clock.ts";
import { dropGarbage, keepHeapSmall } from "../heap.ts";
import type { Store } from "../store/store.ts";

/** Below this a collection costs more than what it gives back, in bytes. */
const WORTH_IT = 32 * 1024 * 1024;

/** The heap of this process, and how much was resident when it began to grow. */
function ownHeap(): { grow(): void; shrink(): void } {
  let before = 0;
  return {
    grow: () => {
      before = process.memoryUsage.rss();
      setFlagsFromString("--semi-space-growth-factor=2");
    },
    shrink: () => {
      keepHeapSmall();
      if (process.memoryUsage.rss() - before > WORTH_IT) dropGarbage();
    },
  };
}

/** What a moving fleet tells, and how long it must have told nothing of it. */
const MOVES = /^(?:switchover\.|session\.continued$)/;
const QUIET_MS = 5_000;

/**
 * Gives a move of the fleet a young generation that grows, and takes it back once that is over:
 * what a thousand sessions need for a second survives in a small one, which is looked through for it
 * again and again (measured: a third of the daemon's processor time).
 */
export function giveRoomForMoves(deps: {
  readonly store: Pick<Store, "subscribe">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly heap?: ReturnType<typeof ownHeap>;
}): Disposable {
  const { store, clock, signal, heap = ownHeap() } = deps;
  let told = 0;
  const untilQuiet = async (): Promise<void> => {
    for (let before = 0; before !== told; await clock.sleep(QUIET_MS, signal)) before = told;
    told = 0;
    heap.shrink();
  };
  return store.subscribe(({ type }) => {
    if (!MOVES.test(type)) return;
    told++;
    if (told > 1) return;
    heap.grow();
    untilQuiet().catch(() => undefined);
  });
}
