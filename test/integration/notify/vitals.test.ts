import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { HandlerOptions } from "../../../src/daemon/handler-options.ts";
import { watchVitals } from "../../../src/daemon/notifying.ts";
import type { Notice } from "../../../src/notify/notices.ts";
import { openStore } from "../../../src/store/store.ts";
import { setHeld } from "../../../src/switchover/held.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("what could not be told for a full disk is told by the next look", async () => {
  const clock = manualClock();
  const store = openStore(join(tempDir(), "state.db"), clock);
  onTestFinished(() => store.close());
  const words = { message: "It stands.", hint: "See to it." };
  setHeld(store, { code: "CF_SWITCHOVER_HELD", ...words, since: clock.now(), switchoverId: null });
  const stop = new AbortController();
  const told: string[] = [];
  const faults: unknown[] = [];
  let isFull = true;
  const options = {
    store,
    clock,
    signal: stop.signal,
    config: { notify: { heartbeatMs: null } },
    pulse: { isStale: false },
    core: { onFault: (what: string, thrown: unknown) => faults.push([what, thrown]) },
    notifier: {
      deliveries: [{}],
      tell: ({ event }: Notice) => {
        if (isFull) throw new Error("full");
        told.push(event);
      },
    },
  } as unknown as HandlerOptions & { readonly signal: AbortSignal };
  const watch = watchVitals(options);
  expect(faults).toEqual([["vitals", new Error("full")]]);
  isFull = false;
  clock.advance(5_000);
  await expect.poll(() => told).toEqual(["held"]);
  stop.abort(new Error("stopped"));
  await expect(watch).rejects.toThrow("stopped");
});
