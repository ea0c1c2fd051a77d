import { expect, it } from "vitest";
import { statusJson } from "../../../src/api/view.ts";
import { whyJson } from "../../../src/api/why-view.ts";
import { configFrom } from "../../support/config-text.ts";
import { fleetRig } from "../../support/fleet-rig.ts";
import { accountNamed, evidenceOf, HOUR, NOW } from "../../support/policy-samples.ts";

const CONFIG = configFrom("accounts: [{ name: one, home: ~/.one }, { name: two, home: ~/.two }]");

it("why tells of an account where its signals differ, and only of the last day", () => {
  const { store } = fleetRig();
  const status = statusJson({
    daemon: { running: true, pid: 7, version: "1", paused: false, startedAt: null },
    client: null,
    slots: [
      {
        name: "shared",
        path: "/slot",
        active: "one",
        pinned: null,
        proposal: null,
        decision: null,
      },
    ],
    held: null,
    config: CONFIG,
    accounts: [{ view: accountNamed("one"), row: undefined, usage: [], evidence: [] }],
    sessions: [],
    last: null,
    jitterMs: 0,
    now: NOW,
  });
  const differs = () =>
    whyJson("one", { store, status, now: NOW })?.explanation.filter((line) =>
      line.startsWith("Its signals differ"),
    );
  const refusal = { window: "weekly", resetsAt: NOW + 24 * HOUR } as const;
  store.evidence.add(evidenceOf({ id: "e-1", observedAt: NOW - 30 * HOUR, refusal }));
  store.evidence.add(evidenceOf({ id: "e-2", channel: "hook", observedAt: NOW - 30 * HOUR }));
  expect(differs()).toEqual([]);
  store.evidence.add(evidenceOf({ id: "e-3", promptId: "p-2", refusal }));
  store.evidence.add(evidenceOf({ id: "e-4", promptId: "p-2", channel: "hook" }));
  expect(differs()).toEqual([
    expect.stringMatching(/the row says weekly, the hook says fiveHour\.$/),
  ]);
});
