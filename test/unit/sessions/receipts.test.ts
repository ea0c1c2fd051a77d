import { describe, expect, it } from "vitest";
import { Receipts, type Receipt } from "../../../src/sessions/receipts.ts";
import { manualClock } from "../../support/manual-clock.ts";

const receipt = (changes: Partial<Receipt> = {}): Receipt => ({
  session: "ccl-1",
  text: "continue",
  promptId: "p-1",
  channel: "hook",
  at: 100,
  ...changes,
});

describe("a listener for receipts", () => {
  it("finds the first receipt for its prompt and keeps it", () => {
    const receipts = new Receipts();
    using listener = receipts.listen("ccl-1", "continue", 100);
    expect(listener.found()).toBeNull();
    receipts.add(receipt());
    receipts.add(receipt({ promptId: "p-2", channel: "row" }));
    expect(listener.found()?.promptId).toBe("p-1");
  });

  it.each<readonly [string, Partial<Receipt>]>([
    ["another session", { session: "ccl-2" }],
    ["another text", { text: "continue!" }],
    ["a prompt from before it listened", { at: 99 }],
  ])("does not find one of %s", (_what, changes) => {
    const receipts = new Receipts();
    using listener = receipts.listen("ccl-1", "continue", 100);
    receipts.add(receipt(changes));
    expect(listener.found()).toBeNull();
  });

  it("does not find one that was told before it listened", () => {
    const receipts = new Receipts();
    receipts.add(receipt());
    using listener = receipts.listen("ccl-1", "continue", 100);
    expect(listener.found()).toBeNull();
  });

  it("waits for one, and leaves no timer behind", async () => {
    const clock = manualClock();
    const receipts = new Receipts();
    using listener = receipts.listen("ccl-1", "continue", 100);
    const waiting = listener.within(1_000, clock);
    expect(clock.sleepers).toBe(1);
    receipts.add(receipt());
    expect((await waiting)?.promptId).toBe("p-1");
    expect(clock.sleepers).toBe(0);
    expect((await listener.within(1_000, clock))?.promptId).toBe("p-1");
  });

  it("gives null at the end of its time, and finds a later one all the same", async () => {
    const clock = manualClock();
    const receipts = new Receipts();
    using listener = receipts.listen("ccl-1", "continue", 100);
    const waiting = listener.within(1_000, clock);
    clock.advance(1_000);
    expect(await waiting).toBeNull();
    receipts.add(receipt());
    expect(listener.found()?.promptId).toBe("p-1");
  });

  it("hears nothing any more when it is disposed of, while others still do", () => {
    const receipts = new Receipts();
    const first = receipts.listen("ccl-1", "continue", 100);
    using second = receipts.listen("ccl-1", "continue", 100);
    first[Symbol.dispose]();
    receipts.add(receipt());
    expect(first.found()).toBeNull();
    expect(second.found()).not.toBeNull();
  });
});
