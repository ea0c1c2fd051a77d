import type { Config } from "../config/config.ts";
import { workerNumber } from "../config/workers.ts";
import type { Store } from "../store/store.ts";
import type { TaskRow } from "../store/tasks.ts";
import type { SessionFacts } from "./ports.ts";
import type { Workplace, WorkerView } from "./router.ts";

/** Refusals after which nobody continues the turn: the session itself is well. */
const NOT_CONTINUED = ["contextOrRequest", "unknown"];

export function isRefusedForGood({ refused }: SessionFacts): boolean {
  return refused !== null && NOT_CONTINUED.includes(refused.class);
}

/** What a session has that no other part of the daemon needs to know. */
export class Workers {
  readonly #config: Config;
  readonly #store: Store;
  readonly #notBefore = new Map<string, number>();
  /** The tasks that sessions have, as the store says; read once and kept in step. */
  readonly #tasks = new Map<string, number>();
  readonly #last = new Map<string, TaskRow | null>();

  constructor(config: Config, store: Store) {
    this.#config = config;
    this.#store = store;
    for (const { id, session } of store.tasks.active())
      if (session !== null) this.#tasks.set(session, id);
  }

  /** The session could not be typed into: not before `at` (epoch ms). */
  rest(session: string, at: number): void {
    this.#notBefore.set(session, at);
  }

  taken(session: string, task: number): void {
    this.#tasks.set(session, task);
  }

  freed(session: string): void {
    this.#tasks.delete(session);
    this.#last.delete(session);
  }

  taskOf(session: string): number | null {
    return this.#tasks.get(session) ?? null;
  }

  /** How the router sees a session. */
  view(facts: SessionFacts): WorkerView {
    const { name, kind, state, held, draining, startedAt, refused } = facts;
    const task = this.taskOf(name);
    const last = this.#lastOf(name);
    // Only of those that could be given a task: it takes a look at the disk.
    const workplace = kind === "pool" && state === "idle" && task === null;
    return {
      name,
      kind,
      state,
      held,
      draining,
      cutOff: refused !== null && !isRefusedForGood(facts),
      task,
      startedAt,
      freedAt: last?.endedAt ?? null,
      notBefore: this.#notBefore.get(name) ?? 0,
      capabilities: capabilitiesOf(this.#config, name),
      workplace: workplace ? workplaceOf(facts, last) : null,
      spent: refused !== null || (isSame(facts, last) && last?.state !== "done"),
    };
  }

  #lastOf(session: string): TaskRow | null {
    const known = this.#last.get(session);
    if (known !== undefined) return known;
    const last = this.#store.tasks.lastOf(session);
    this.#last.set(session, last);
    return last;
  }
}

function isSame(facts: SessionFacts, last: TaskRow | null): boolean {
  return last !== null && last.sessionId !== null && last.sessionId === facts.sessionId;
}

/** What the conversation was made for: by its last task, or by how the pool starts its sessions. */
function workplaceOf(
  facts: SessionFacts,
  last: TaskRow | null,
): (Omit<Workplace, "project"> & { project: string | null }) | null {
  if (last !== null && isSame(facts, last))
    return { project: last.project, cwd: last.cwd, model: last.model };
  return facts.isFresh() ? { project: null, cwd: facts.cwd, model: null } : null;
}

function capabilitiesOf({ sessions: { pool } }: Config, name: string): string[] {
  const number = pool === null ? null : workerNumber(pool, name);
  if (pool === null || number === null) return [];
  return pool.capabilities
    .filter(({ sessions }) => sessions === null || sessions.includes(number))
    .map((each) => each.name);
}
