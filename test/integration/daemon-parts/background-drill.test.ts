import { expect, it, onTestFinished } from "vitest";
import { BackgroundDrill, type BackgroundDrillDeps } from "../../../src/daemon/background-drill.ts";
import { drillKey } from "../../../src/store/meta.ts";
import { fleetRig, type FleetRig } from "../../support/fleet-rig.ts";
import { HOUR } from "../../support/policy-samples.ts";

function drillOf(rig: FleetRig): BackgroundDrill {
  const config = { claude: { drill: true }, file: "/nowhere/config" };
  return new BackgroundDrill({ ...rig, config, env: {} } as unknown as BackgroundDrillDeps);
}

function begun({ store }: FleetRig): number {
  return store.events.since(0, 100).filter(({ type }) => type === "client.drill").length;
}

it("a drill that could not be started is not taken for tried, and is tried again an hour later", async () => {
  const { execPath } = process;
  onTestFinished(() => void (process.execPath = execPath));
  process.execPath = "/nowhere/node";
  const rig = fleetRig();
  const drill = drillOf(rig);
  const fails = async () =>
    expect(drill.certify("2.1.900")).rejects.toMatchObject({ code: "ENOENT" });
  await fails();
  await drill.certify("2.1.900");
  expect(begun(rig)).toBe(1);
  rig.clock.advance(HOUR);
  await fails();
  expect(begun(rig)).toBe(2);
  expect(rig.store.meta.get(drillKey("2.1.900"))).toBeNull();
  expect(rig.clock.sleepers).toBe(0);
});

it("no drill begins behind the back of a daemon that stops while it asks for the version", async () => {
  const rig = fleetRig();
  const drill = drillOf(rig);
  await drill.stop();
  await drill.certify("2.1.900");
  expect(begun(rig)).toBe(0);
  expect(rig.store.meta.get(drillKey("2.1.900"))).toBeNull();
});
