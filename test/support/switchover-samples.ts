import type { NewSwitchover, Stage, SwitchoverEntry } from "../../src/store/switchovers.ts";
import type { PlanContext, SwitchoverRequest } from "../../src/switchover/plan.ts";
import type { SlotState } from "../../src/switchover/slot.ts";

/** A slot that is a link to `home`. */
export function linkTo(
  home: string,
  changes: { text?: string; dangling?: boolean } = {},
): SlotState {
  const { text = home, dangling = false } = changes;
  return { kind: "link", text, target: home, home: dangling ? null : home, madeAt: 1 };
}

/** What a switchover from `one` to `two` begins with in the store. */
export const newSwitchover: NewSwitchover = {
  cause: "failover",
  from: "one",
  to: "two",
  fromHome: "/one",
  toHome: "/two",
  slotName: "shared",
  slot: "/slot",
  linkBefore: "/one",
  linkAfter: "/two",
  trigger: { session: "ccl-1" },
  startedAt: 10,
};

/** An open entry from `one` to `two` at `stage`. */
export function entryAt(stage: Stage, changes: Partial<SwitchoverEntry> = {}): SwitchoverEntry {
  return {
    id: 7,
    cause: "failover",
    from: "one",
    to: "two",
    fromHome: "/homes/one",
    toHome: "/homes/two",
    slotName: "shared",
    slot: "/homes/slot",
    linkBefore: "/homes/one",
    linkAfter: "/homes/two",
    trigger: null,
    stage,
    outcome: null,
    startedAt: 1_000,
    endedAt: null,
    steps: [],
    sessions: [],
    ...changes,
  };
}

/** A request for `two`, and a context in which it is granted. */
export const grantedRequest: SwitchoverRequest = {
  cause: "failover",
  to: "two",
  trigger: null,
  sessions: [{ name: "ccl-1", strategy: "hot", sessionId: "id-1" }],
};
export const grantingContext: PlanContext = {
  slotName: "shared",
  slotPath: "/homes/slot",
  slot: linkTo("/homes/one"),
  active: "one",
  accounts: [
    { name: "one", home: "/homes/one", realHome: "/homes/one" },
    { name: "two", home: "/homes/two", realHome: "/homes/two" },
  ],
  open: null,
  held: null,
  paused: false,
  cooldownUntil: null,
  tick: { kind: "none" },
};
