import { expect, it } from "vitest";
import { RefusedTargets } from "../../../src/daemon/refused-targets.ts";

const NOW = 1_000_000;

it("an account that refused is tried again later and later, up to a minute, each on its own", () => {
  const targets = new RefusedTargets();
  expect(targets.notBefore("two")).toBe(0);
  const waits = Array.from({ length: 8 }, () => {
    targets.add("two", { now: NOW, random: 0, isFault: false });
    return targets.notBefore("two") - NOW;
  });
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(targets.notBefore("three")).toBe(0);
});

it("a switchover that was made forgets all refusals", () => {
  const targets = new RefusedTargets();
  for (let time = 0; time < 3; time += 1)
    targets.add("two", { now: NOW, random: 0, isFault: false });
  targets.clear();
  expect(targets.notBefore("two")).toBe(0);
  targets.add("two", { now: NOW, random: 0.999, isFault: false });
  expect(targets.notBefore("two") - NOW).toBe(2_500);
});

it("an account that met a fault is not one that refused, and one that refused is until its next try", () => {
  const targets = new RefusedTargets();
  targets.add("two", { now: NOW, random: 0, isFault: false });
  targets.add("three", { now: NOW, random: 0, isFault: true });
  expect([targets.at(NOW + 1_999), targets.at(NOW + 2_000)]).toEqual([["two"], []]);
});
