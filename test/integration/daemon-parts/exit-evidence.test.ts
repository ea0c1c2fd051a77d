import { expect, it } from "vitest";
import { noteCutTurn } from "../../../src/daemon/exit-evidence.ts";
import { evidenceJson } from "../../../src/api/explained.ts";
import { evidenceWords } from "../../../src/api/why-text.ts";
import { fleetRig, prompted, turnEnded } from "../../support/fleet-rig.ts";
import { NOW } from "../../support/policy-samples.ts";

const END = { exit: 137, text: "its program ended" };

it("a client that ends in the middle of a turn is kept as evidence, of whoever the request was", () => {
  const rig = fleetRig();
  rig.hook("ccl-1", 0, prompted("p-1"));
  rig.store.periods.begin("two", NOW + 1_000);
  expect(noteCutTurn(rig.store, rig.fleet.get("ccl-1"), { ...END, at: NOW + 2_000 })).toBe(true);
  const [kept, ...more] = rig.store.evidence.ofAccount("one", 0);
  expect([kept, more]).toMatchObject([
    { channel: "exit", promptId: "p-1", refusal: { class: "unknown" } },
    [],
  ]);
  const words = kept === undefined ? "" : evidenceWords(evidenceJson(kept));
  expect(words).toMatch(
    /^the end of the client of session ccl-1 at .*, in the middle of a turn under one: its program ended, with status 137$/,
  );
  expect([rig.exhaustedUntil("one"), rig.fleet.get("ccl-1")?.cutOff]).toEqual([null, null]);
});

it("one that ends between turns is no evidence", () => {
  const rig = fleetRig();
  rig.hook("ccl-1", 0, prompted("p-1"));
  rig.hook("ccl-1", 10, turnEnded);
  expect(noteCutTurn(rig.store, rig.fleet.get("ccl-1"), { ...END, at: NOW + 20 })).toBe(false);
  expect(noteCutTurn(rig.store, undefined, { ...END, at: NOW + 20 })).toBe(false);
});
