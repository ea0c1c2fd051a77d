import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openStore } from "../../../src/store/store.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { newSwitchover } from "../../support/switchover-samples.ts";
import { tempDir } from "../../support/temp-dir.ts";

it("what became of a session after its switchover stands in the entry, once it went on", () => {
  const store = openStore(join(tempDir(), "state.db"), manualClock());
  onTestFinished(() => store.close());
  const { switchovers } = store;
  const id = switchovers.insert(newSwitchover) ?? 0;
  const row = { strategy: "hot", sessionId: "id", continuedMs: null } as const;
  const draft = { ...row, name: "a", outcome: "notContinued", proof: "a draft" } as const;
  const done = { ...row, name: "b", outcome: "continued", proof: "p-1" } as const;
  for (const session of [draft, done]) switchovers.putSession(id, session);
  const left = { slotName: newSwitchover.slotName, from: newSwitchover.from };
  const later = { ...row, outcome: "continued", continuedMs: 90_000, proof: "p-9" } as const;
  for (const name of ["a", "b", "c"]) switchovers.addLateSession(left, { ...later, name });
  expect(switchovers.get(id)?.sessions).toEqual([
    { ...later, name: "a" },
    done,
    { ...later, name: "c" },
  ]);
});
