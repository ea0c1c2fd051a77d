import { onTestFinished } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { Controller, type ControllerDeps } from "../../src/daemon/controller.ts";
import type { Continued } from "../../src/daemon/continuer.ts";
import type { HomeLook } from "../../src/daemon/observe.ts";
import type { SwitchRequest } from "../../src/daemon/switcher.ts";
import { FailoverError } from "../../src/errors.ts";
import { META } from "../../src/store/meta.ts";
import { refusalOf, type SwitchoverResult } from "../../src/switchover/model.ts";
import { configFrom } from "./config-text.ts";
import { fleetRig, prompted, refused, type FleetRig } from "./fleet-rig.ts";
import { NOW } from "./policy-samples.ts";

/** A controller on a real store, whose switchovers and continuations end as the test says. */
export interface ControllerRig extends FleetRig {
  readonly controller: Controller;
  /** What it was made from, for one of a daemon that is started anew. */
  readonly controllerDeps: ControllerDeps;
  readonly requests: SwitchRequest[];
  /** Names of sessions that were to be continued, in order. */
  readonly continued: string[];
  readonly faults: string[];
  readonly stop: AbortController;
  /** Why the slot leads to no account. */
  slotProblem: string | null;
  /** How the next switchovers end; by default they are committed at once. */
  onSwitch: (request: SwitchRequest) => Promise<SwitchoverResult>;
  /** How the next continuations end; by default the session takes its prompt at once. */
  onContinue: (name: string) => Promise<Partial<Continued>>;
  readonly commit: (request: SwitchRequest) => Promise<SwitchoverResult>;
  readonly refuse: () => Promise<SwitchoverResult>;
  /** A new session, working on a prompt of now. */
  readonly work: (name: string) => void;
  /** The session's turn is refused now. */
  readonly meet: (name: string, refusal?: Parameters<typeof refused>[1]) => void;
  readonly pause: (paused: boolean) => void;
  /** Moves the clock on in small steps, so that whatever is woken runs to its next wait. */
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  readonly events: (type: string) => number;
}

const CONFIG = `
accounts:
  - { name: one, home: ~/.one, priority: 1 }
  - { name: two, home: ~/.two, priority: 2 }
  - { name: three, home: ~/.three, priority: 3 }
policy: { cooldown: 5m }
`;

const HOME: HomeLook = { loggedIn: true, linkProblem: null, identityProblem: null };

export function controllerRig(options: { config?: Config } = {}): ControllerRig {
  const config = options.config ?? configFrom(CONFIG);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const base = fleetRig({
    onCutOff: (session, evidence) => controller.cutOff(session, evidence),
    onProgress: (session) => controller.progressed(session),
  });
  const { store, clock, fleet } = base;
  const acts = actions(base, () => rig);
  const deps: ControllerDeps = {
    config,
    store,
    clock,
    fleet,
    signal: stop.signal,
    relauncher: { leaves: () => null, refused: () => undefined },
    random: () => 0,
    homes: () => new Map(config.accounts.map(({ name }) => [name, HOME])),
    slotProblem: () => rig.slotProblem,
    lookAtHomes: async () => Promise.resolve(),
    onFault: (what, thrown) => void rig.faults.push(`${what}: ${String(thrown)}`),
    switcher: {
      begin: (request) => async () => {
        rig.requests.push(request);
        return rig.onSwitch(request);
      },
      recover: async () => Promise.reject(new Error("nothing to recover")),
    },
    continuer: {
      continue: async (name) => {
        rig.continued.push(name);
        const changes = await rig.onContinue(name);
        return { ...CONTINUED, name, ...changes };
      },
    },
  };
  const controller: Controller = new Controller(deps);
  const rig: ControllerRig = {
    ...base,
    ...acts,
    controller,
    controllerDeps: deps,
    requests: [],
    continued: [],
    faults: [],
    slotProblem: null,
    stop,
    onSwitch: acts.commit,
    onContinue: async (name) => {
      base.hook(name, clock.now() - NOW, prompted(null, "continue"));
      return Promise.resolve({});
    },
  };
  return rig;
}

const CONTINUED: Continued = {
  name: "",
  sessionId: null,
  outcome: "continued",
  typedAfterMs: 1,
  keysAfterMs: 1,
  sentAt: null,
  continuedMs: 1,
  proof: "p-1",
  isOccupied: false,
};
export const OCCUPIED = { outcome: "notContinued", proof: "a draft", isOccupied: true } as const;

type Acts = Pick<
  ControllerRig,
  "commit" | "refuse" | "work" | "meet" | "pause" | "pass" | "events"
>;

function actions(base: FleetRig, rig: () => ControllerRig): Acts {
  const { store, clock } = base;
  const later = (): number => clock.now() - NOW;
  return {
    commit: async ({ slot, cause, to, trigger, sessions }) => {
      const periods = store.periods.of(slot);
      const from = periods.active()?.account ?? "";
      const at = { startedAt: clock.now() };
      const homes = { fromHome: "/f", toHome: "/t", slot: "/s", linkBefore: "/f", linkAfter: "/t" };
      const id =
        store.switchovers.insert({ slotName: slot, cause, from, to, trigger, ...homes, ...at }) ??
        0;
      for (const session of sessions) {
        const pending = { ...session, outcome: "pending", continuedMs: null, proof: null };
        store.switchovers.putSession(id, pending);
      }
      await Promise.resolve();
      periods.begin(to, clock.now());
      store.switchovers.setStage(id, "continuing");
      const entry = store.switchovers.get(id);
      if (entry === null) throw new Error("another one is open");
      await rig().controller.continueEntry(entry, async (each) =>
        store.together(() => store.switchovers.putSession(id, each)),
      );
      store.switchovers.end(id, "committed", clock.now());
      return { kind: "committed", entry: store.switchovers.get(id) ?? entry };
    },
    refuse: async () => {
      const error = new FailoverError("CF_SWITCHOVER_LOCKED", "A login is being refreshed.");
      return Promise.resolve({ kind: "refused", refusal: refusalOf(error), entry: null });
    },
    work: (name) => {
      if (base.fleet.get(name) === undefined) {
        const live = { state: "idle", transcriptPath: null, lastPrompt: null } as const;
        base.join(name, { live: { ...live, sessionId: `id-${name}` } });
      }
      base.hook(name, later(), prompted(null));
    },
    meet: (name, refusal) => base.hook(name, later() + 1, refused(null, refusal)),
    pause: (paused) => {
      if (paused) store.meta.set(META.paused, "now");
      else store.meta.delete(META.paused);
      rig().controller.evaluate();
    },
    pass: async (ms, stepMs = 500) => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(Math.min(stepMs, ms - passed));
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    events: (type) => store.events.since(0, 10_000).filter((each) => each.type === type).length,
  };
}
