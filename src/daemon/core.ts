import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { slotNamed } from "../config/slots.ts";
import type { Env } from "../config/places.ts";
import { asFailoverError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { Deliveries, type TypedTexts } from "../sessions/deliver.ts";
import { Receipts } from "../sessions/receipts.ts";
import type { StartDeps } from "../sessions/start.ts";
import { typedKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { slotProblem } from "../switchover/slot-position.ts";
import type { Panes } from "../tmux/panes.ts";
import { ClientVersions } from "./client-versions.ts";
import { Continuer } from "./continuer.ts";
import { Controller } from "./controller.ts";
import { Fleet } from "./fleet.ts";
import { Intake, type IntakeDeps } from "./intake.ts";
import type { HomeLook } from "./observe.ts";
import { Relauncher } from "./relauncher.ts";
import { sessionFilesIn } from "./session-files.ts";
import { Switcher } from "./switcher.ts";

export interface CoreOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly panes: Panes;
  readonly start: StartDeps;
  readonly env: Env;
  /** HOME, absolute. */
  readonly home: string;
  readonly platform: string;
  readonly homes: () => ReadonlyMap<string, HomeLook>;
  /** Looks at every home anew. */
  readonly lookAtHomes: () => Promise<void>;
  /** Why an account is not who it should be, or null; from memory. */
  readonly identityOf: (account: string) => string | null;
  readonly askTranscript: (session: string) => Promise<void>;
}

/** The parts that know each other: what is seen, what is decided, what is done. */
export interface Core {
  readonly fleet: Fleet;
  readonly intake: Intake;
  readonly controller: Controller;
  readonly switcher: Switcher;
  readonly relauncher: Relauncher;
  readonly versions: ClientVersions;
  /** The only way to type into a session. */
  readonly deliveries: Deliveries;
  readonly typed: TypedTexts;
  /**
   * Sessions of which something told could not be taken in, or that are resumed and were not known: their
   * transcripts are read again.
   */
  readonly missed: Set<string>;
  /** Runs work nobody waits for; a fault of it is told, never thrown. */
  readonly onFault: (what: string, thrown: unknown) => void;
  readonly background: (what: string, work: Promise<unknown>) => void;
}

/** Constructs the core. Switchover and controller need each other; the one calls the other late. */
export function buildCore(options: CoreOptions): Core {
  const { config, store, clock, panes, askTranscript } = options;
  const onFault = faultTeller(options);
  const fleet = new Fleet(store, () => clock.now());
  const receipts = new Receipts();
  const text = config.sessions.nudge;
  const typed = typedTexts(store);
  const movers = moversOf(options, fleet);
  const deliveries = new Deliveries({
    typed,
    clock,
    panes,
    receipts,
    askTranscript,
    random: Math.random,
    stateOf: (name) => fleet.readiness(name),
  });
  const continuer = new Continuer({ fleet, store, deliveries, ...movers, text });
  const switcher: Switcher = new Switcher({
    ...options,
    onFault,
    continueSessions: async (entry, record) => controller.continueEntry(entry, record),
  });
  const controller: Controller = new Controller({
    ...options,
    fleet,
    continuer,
    ...movers,
    switcher,
    slotProblem: (slot) => slotProblem(slotNamed(config, slot).path, config.accounts),
    random: Math.random,
    onFault,
  });
  const intake = intakeOf({ fleet, store, receipts }, controller, onFault);
  const background: Core["background"] = (what, work) =>
    void work.catch((thrown: unknown) => onFault(what, thrown));
  return {
    fleet,
    intake,
    controller,
    switcher,
    ...movers,
    deliveries,
    typed,
    missed: new Set(),
    onFault,
    background,
  };
}

function intakeOf(
  deps: Pick<IntakeDeps, "fleet" | "store" | "receipts">,
  controller: Controller,
  onFault: Core["onFault"],
): Intake {
  const act = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      onFault("intake", thrown);
    }
  };
  return new Intake({
    ...deps,
    onCutOff: (session, evidence) => act(() => controller.cutOff(session, evidence)),
    onRefined: () => controller.evaluateSoon(),
    onProgress: (session) => act(() => controller.progressed(session)),
  });
}

/** How sessions move, by the client that each runs. */
function moversOf(options: CoreOptions, fleet: Fleet): Pick<Core, "versions" | "relauncher"> {
  const { command } = options.start;
  const sessionFiles = sessionFilesIn(options.config, options.store);
  return {
    versions: new ClientVersions({ ...options, fleet, command }),
    relauncher: new Relauncher({ ...options, fleet, sessionFiles, random: Math.random }),
  };
}

function faultTeller({ log, store, signal }: CoreOptions): (what: string, thrown: unknown) => void {
  return (what, thrown) => {
    if (signal.aborted) return;
    const error = asFailoverError(thrown);
    log.error({ what, code: error.code, err: error }, error.message);
    try {
      store.emit("fault", { what, code: error.code, text: error.message });
    } catch {
      // The store itself is at fault, on a full disk for one; the log has it.
    }
  };
}

function typedTexts(store: Store): TypedTexts {
  return {
    get: (session) => store.meta.get(typedKey(session)),
    set: async (session, text) =>
      store.together(() => {
        if (text === null) store.meta.delete(typedKey(session));
        else store.meta.set(typedKey(session), text);
      }),
  };
}
