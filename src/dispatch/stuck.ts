import type { StuckStep } from "../config/config.ts";
import type { TaskRow } from "../store/tasks.ts";
import type { DispatchPorts, SessionFacts } from "./ports.ts";

interface Growth {
  readonly length: number | null;
  /** Since when it is as long, by the monotonic clock: a machine that was suspended hung nobody. */
  readonly since: number;
  /** How many steps were taken since then. */
  readonly steps: number;
}

/** Notices a session whose transcript does not grow while it has a task, and does what is configured. */
export class StuckWatch {
  readonly #ports: DispatchPorts;
  readonly #acts: {
    readonly nudge: (task: TaskRow) => Promise<void>;
    readonly stop: (task: TaskRow, reason: string) => Promise<void>;
  };
  readonly #growth = new Map<number, Growth>();

  constructor(
    ports: DispatchPorts,
    acts: {
      readonly nudge: (task: TaskRow) => Promise<void>;
      readonly stop: (task: TaskRow, reason: string) => Promise<void>;
    },
  ) {
    this.#ports = ports;
    this.#acts = acts;
  }

  /** It has ended, or stands still as it should. */
  forget(task: number): void {
    this.#growth.delete(task);
  }

  look(task: TaskRow, facts: SessionFacts): void {
    const { clock, lengthOf, config } = this.#ports;
    const { afterMs, steps } = config.dispatch.stuck;
    const length = task.sessionId === null ? null : lengthOf(task.sessionId);
    const before = this.#growth.get(task.id);
    const now = clock.monotonic();
    if (before === undefined || before.length !== length) {
      this.#growth.set(task.id, { length, since: now, steps: 0 });
      return;
    }
    if (now - before.since < afterMs * (before.steps + 1)) return;
    const step = steps[before.steps];
    if (step === undefined) return;
    this.#growth.set(task.id, { ...before, steps: before.steps + 1 });
    this.#take(step, task, facts, now - before.since);
  }

  #take(step: StuckStep, task: TaskRow, facts: SessionFacts, forMs: number): void {
    const { store, onFault, signal } = this.#ports;
    const text = `its transcript did not grow for ${Math.round(forMs / 1000)} s while it is ${facts.state}`;
    store.emit("task.stuck", { task: task.id, session: facts.name, step, text });
    if (step === "report") return;
    const work =
      step === "nudge" ? this.#acts.nudge(task) : this.#acts.stop(task, `it is stuck: ${text}`);
    work.catch((thrown: unknown) => {
      if (!signal.aborted) onFault("stuck task", thrown);
    });
  }
}
