import { expect, test } from "vitest";
import { requireWorker, type TaskDeliveryDeps } from "../../../src/daemon/task-delivery.ts";
import { configFrom } from "../../support/config-text.ts";
import { fleetRig } from "../../support/fleet-rig.ts";

const config = configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions:
  dedicated: [{ name: mine, cwd: /p }]
  pool: { prefix: w-, startIndex: 3, min: 1, max: 2, cwd: /p }
`);

test("refuses every session that is not the pool's, whoever asks", () => {
  const rig = fleetRig();
  const deps = { config, core: { fleet: rig.fleet } } as unknown as TaskDeliveryDeps;
  for (const name of ["w-3", "w-4", "w-5", "w-2", "w-x"]) rig.join(name, { kind: "pool" });
  rig.join("mine", { kind: "dedicated" });
  expect(requireWorker("w-3", deps).name).toBe("w-3");
  expect(requireWorker("w-4", deps).name).toBe("w-4");
  rig.join("w-4", { kind: "adopted" });
  const refused = ["w-2", "w-5", "w-x", "w-4", "mine", "ccl-1", "nobody"];
  for (const name of refused)
    expect(() => requireWorker(name, deps)).toThrow(
      expect.objectContaining({ code: "CF_DISPATCH_DEDICATED" }),
    );
  // The fleet may be wrong about itself: the configuration's word counts as well.
  rig.join("mine", { kind: "pool" });
  expect(() => requireWorker("mine", deps)).toThrow(
    expect.objectContaining({ code: "CF_DISPATCH_DEDICATED" }),
  );
});
