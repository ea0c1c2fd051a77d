import { expect, it } from "vitest";
import { Deliveries } from "../../../src/sessions/deliver.ts";
import { Receipts } from "../../../src/sessions/receipts.ts";
import { FakeClientPane } from "../../support/fake-client-pane.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { passTime } from "../../support/pass-time.ts";

it("a text is not typed when it is due no more once it was noted", async () => {
  const clock = manualClock();
  const panes = new FakeClientPane();
  let isDue = true;
  const notes: (string | null)[] = [];
  const deliveries = new Deliveries({
    panes,
    clock,
    receipts: new Receipts(),
    random: () => 0,
    stateOf: () => "ready",
    typed: {
      get: () => notes.at(-1) ?? null,
      set: async (_session, text) => {
        notes.push(text);
        isDue = false;
        return Promise.resolve();
      },
    },
    askTranscript: async () => Promise.resolve(),
  });
  const target = { session: "ccl-1", paneId: "%1", text: "continue", isDue: () => isDue };
  expect(await passTime(clock, deliveries.deliver(target))).toEqual({ kind: "notDue" });
  expect([panes.log, notes]).toEqual([[], ["continue", null]]);
});
