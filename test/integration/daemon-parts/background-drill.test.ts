import { expect, it, onTestFinished } from "vitest";
import { BackgroundDrill, type BackgroundDrillDeps } from "../../../src/daemon/background-drill.ts";
import { fleetRig } from "../../support/fleet-rig.ts";

it("a drill that could not be started keeps no other version from its own", async () => {
  const { execPath } = process;
  onTestFinished(() => void (process.execPath = execPath));
  process.execPath = "/nowhere/node";
  const rig = fleetRig();
  const config = { claude: { drill: true }, file: "/nowhere/config" };
  const drill = new BackgroundDrill({ ...rig, config, env: {} } as unknown as BackgroundDrillDeps);
  for (const version of ["2.1.900", "2.1.901"])
    await expect(drill.certify(version)).rejects.toMatchObject({ code: "ENOENT" });
  expect(rig.clock.sleepers).toBe(0);
});
