import type { Clock } from "../clock.ts";
import { nudge, type NudgeDeps, type NudgeOutcome } from "../sessions/nudge.ts";
import type { Store } from "../store/store.ts";
import type { Fleet, FleetSession } from "./fleet.ts";

/** How one session went on, as the journal and the events tell it. */
export interface Continued {
  readonly name: string;
  readonly sessionId: string | null;
  readonly outcome: "continued" | "wentOn" | "notContinued";
  /** From the call to the client's receipt, milliseconds. */
  readonly continuedMs: number | null;
  /** The receipt's prompt id, or why there is none. */
  readonly proof: string | null;
}

export interface ContinuerDeps extends NudgeDeps {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly clock: Clock;
  /** What is typed to go on. */
  readonly text: string;
}

/** Continues turns that were cut off; one driver per session at a time. */
export class Continuer {
  readonly #deps: ContinuerDeps;
  readonly #busy = new Map<string, Promise<Continued>>();

  constructor(deps: ContinuerDeps) {
    this.#deps = deps;
  }

  /** Continues the session named, or joins the attempt that is under way. Never rejects. */
  async continue(name: string): Promise<Continued> {
    const running = this.#busy.get(name);
    if (running !== undefined) return running;
    const attempt = this.#run(name).finally(() => this.#busy.delete(name));
    this.#busy.set(name, attempt);
    return attempt;
  }

  async #run(name: string): Promise<Continued> {
    const { fleet, clock, store, text } = this.#deps;
    const session = fleet.get(name);
    const blocked = whyNot(session);
    if (session === undefined || session.paneId === null || blocked !== null)
      return this.#tell(name, session, {
        outcome: "notContinued",
        proof: blocked ?? "it has no pane",
        continuedMs: null,
      });
    const start = clock.monotonic();
    try {
      const result = await nudge({ session: name, paneId: session.paneId, text }, this.#deps);
      const continuedMs = Math.round((clock.monotonic() - start) * 10) / 10;
      return this.#tell(name, session, {
        ...wordsOf(result),
        continuedMs: result.kind === "continued" ? continuedMs : null,
      });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      store.emit("session.fault", { session: name, text: why });
      return this.#tell(name, session, { outcome: "notContinued", proof: why, continuedMs: null });
    }
  }

  #tell(
    name: string,
    session: FleetSession | undefined,
    result: Omit<Continued, "name" | "sessionId">,
  ): Continued {
    const continued = { name, sessionId: session?.live.sessionId ?? null, ...result };
    const type = result.outcome === "notContinued" ? "session.notContinued" : "session.continued";
    this.#deps.store.emit(type, { session: name, ...result });
    return continued;
  }
}

function whyNot(session: FleetSession | undefined): string | null {
  if (session === undefined) return "it is not known any more";
  if (session.held) return "it is held by the operator";
  return session.cutOff === null ? "it went on by itself" : null;
}

function wordsOf(result: NudgeOutcome): Pick<Continued, "outcome" | "proof"> {
  switch (result.kind) {
    case "continued":
      return {
        outcome: "continued",
        proof: result.receipt.promptId ?? `${result.receipt.channel} receipt`,
      };
    case "draft":
      return { outcome: "notContinued", proof: "an unsent draft stands in the composer" };
    case "dialog":
      return { outcome: "notContinued", proof: `a dialog takes the keys: ${result.dialog}` };
    case "noComposer":
      return { outcome: "notContinued", proof: "no composer was seen" };
    case "noReceipt":
      return {
        outcome: "notContinued",
        proof: `the client took no prompt in ${result.attempts} attempts`,
      };
  }
}
