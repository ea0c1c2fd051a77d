import { asksPerson, type HookSignal } from "../claude/hooks.ts";
import type { PromptTurn } from "../claude/prompt-turn.ts";
import type { TaskRow } from "../store/tasks.ts";
import type { DispatchPorts, SessionFacts } from "./ports.ts";
import { StuckWatch } from "./stuck.ts";
import { isRefusedForGood } from "./workers.ts";

export interface TurnKeeperDeps extends DispatchPorts {
  /** The session has no task any more. */
  readonly onEnd: (task: TaskRow) => void;
}

/** A turn whose end no hook told is believed to have ended when its transcript says so this long. */
const QUIET_MS = 3_000;
/** How often a turn that its client's end cut off is continued before it is given up. */
const MOST_RESUMES = 3;

/** Follows the tasks that sessions have to their end: done, failed, given back, stuck. */
export class TurnKeeper {
  readonly #deps: TurnKeeperDeps;
  readonly #stuck: StuckWatch;
  /** Turns that ended before the receipt was recorded. */
  readonly #early = new Map<string, { readonly at: number; readonly result: string | null }>();
  /** Since when each idle session's transcript says that its task is done. */
  readonly #quiet = new Map<number, number>();
  /** How often each task's turn was continued after its client's end. */
  readonly #resumes = new Map<number, number>();
  readonly #nudging = new Set<number>();
  /** How long each task waited for its account or was held, and since when it does (epoch ms). */
  readonly #waits = new Map<number, { readonly ms: number; readonly since: number | null }>();

  constructor(deps: TurnKeeperDeps) {
    this.#deps = deps;
    this.#stuck = new StuckWatch(deps, {
      nudge: async (task) => void (await this.#nudge(task, deps.config.sessions.nudge)),
      stop: async (task, reason) => this.#stopAndFail(task, reason),
    });
  }

  /** What a hook told of a session. `at` is epoch ms. */
  signal(session: string, signal: HookSignal, at: number): void {
    const { store } = this.#deps;
    if (signal.agentId !== null) return;
    const task = store.tasks.activeOf(session);
    if (task === null) return;
    if (signal.kind === "notified" && asksPerson(signal))
      this.#inBackground(this.#tellAsking(task.id, session, signal.message));
    // A background task wakes the session again; its last turn is the one that counts.
    if (signal.kind !== "turnEnded" || signal.backgroundTasks > 0) return;
    const result = signal.lastMessage;
    if (task.state === "assigned") this.#early.set(session, { at, result });
    else if (at >= (task.deliveredAt ?? 0)) this.#done(task, result);
  }

  /** The client took the prompt. */
  delivered(
    task: TaskRow,
    receipt: { readonly promptId: string | null; readonly at: number },
  ): void {
    const { queue, store, session } = this.#deps;
    const name = task.session ?? "";
    const sessionId = task.sessionId ?? session(name)?.sessionId ?? "";
    if (!queue.delivered(task, { ...receipt, sessionId })) return;
    const early = this.#early.get(name);
    this.#early.delete(name);
    const now = store.tasks.get(task.id);
    if (now !== null && early !== undefined && early.at >= receipt.at)
      this.#done(now, early.result);
  }

  /** Looks an assigned task up in the transcripts, and takes it as delivered if it is there. */
  found(task: TaskRow): PromptTurn | null {
    const turn = this.#look(task);
    if (turn !== null) this.delivered(task, turn);
    return turn;
  }

  /** A prompt of which no receipt came: what the transcripts say counts. */
  undelivered(task: TaskRow, why: string, { wasTyped }: { readonly wasTyped: boolean }): void {
    const { queue } = this.#deps;
    if (this.found(task) !== null) return;
    const proof = `no transcript of ${task.sessionId ?? task.session ?? "its session"} holds it`;
    if (wasTyped) {
      const reason = `it is not known whether ${task.session ?? ""} took it: ${why}; ${proof}`;
      queue.fail(task, reason, { mayRetry: false });
    } else queue.requeue(task, `${why}; its client was ended, and ${proof}`);
    this.#forget(task);
  }

  /** Ends the turn of a task that is not wanted any more. */
  async stop(task: TaskRow): Promise<void> {
    await this.#interrupt(task);
    this.#forget(task);
  }

  /** Looks at every task that a session has. */
  review(): void {
    const { store, signal, onFault } = this.#deps;
    for (const task of store.tasks.active()) {
      if (signal.aborted) return;
      try {
        if (task.state === "delivered") this.#review(task);
      } catch (thrown) {
        onFault("task", thrown);
      }
    }
  }

  #review(task: TaskRow): void {
    const { session, whyLost, clock } = this.#deps;
    const name = task.session ?? "";
    const facts = session(name);
    const lost = facts === null || facts.state === "dead" ? whyLost(name) : null;
    if (lost !== null) return this.#gone(task, lost);
    if (facts === null) return;
    if (task.sessionId !== null && facts.sessionId !== task.sessionId)
      return this.#gone(task, `${facts.name} carries another conversation now`);
    if (isRefusedForGood(facts)) {
      const text = facts.refused?.text ?? "";
      return this.#fail(task, `its request was refused: ${text}`);
    }
    // It is continued when there is an account for it again.
    const isWaiting = facts.refused !== null || facts.held;
    const waitedMs = this.#waited(task, isWaiting);
    if (isWaiting) return this.#stuck.forget(task.id);
    const { timeoutMs, deliveredAt } = task;
    if (timeoutMs !== null && clock.now() - (deliveredAt ?? 0) - waitedMs > timeoutMs) {
      const reason = `it took longer than ${Math.round(timeoutMs / 1000)} s`;
      return this.#inBackground(this.#stopAndFail(task, reason));
    }
    if (facts.state === "dead") return this.#dead(task, facts);
    if (facts.state === "idle") this.#idle(task, facts);
    else this.#quiet.delete(task.id);
    this.#stuck.look(task, facts);
  }

  /** How long it waited until now. */
  #waited({ id }: TaskRow, isWaiting: boolean): number {
    const now = this.#deps.clock.now();
    const { ms, since } = this.#waits.get(id) ?? { ms: 0, since: null };
    const waited = ms + (since === null ? 0 : Math.max(0, now - since));
    if (isWaiting || waited > 0) this.#waits.set(id, { ms: waited, since: isWaiting ? now : null });
    return waited;
  }

  /** Its turn is over and no hook said how: the transcript does, once it stood still for a while. */
  #idle(task: TaskRow, facts: SessionFacts): void {
    const { clock } = this.#deps;
    const turn = this.#look(task);
    if (turn?.ended !== true) {
      this.#quiet.delete(task.id);
      if (turn !== null && isCutOff(turn, facts)) this.#goOn(task);
      return;
    }
    const since = this.#quiet.get(task.id) ?? clock.now();
    this.#quiet.set(task.id, since);
    if (clock.now() - since >= QUIET_MS) this.#done(task, turn.answer);
  }

  /** A dead client is started again with its conversation, unless that was never begun. */
  #dead(task: TaskRow, facts: SessionFacts): void {
    if (this.#look(task) !== null) return this.#stuck.look(task, facts);
    this.#gone(task, `the client of ${facts.name} ended`);
  }

  /** What the conversation's transcript says decides: done, gone with the prompt, or never there. */
  #gone(task: TaskRow, why: string): void {
    const { queue } = this.#deps;
    const turn = this.#look(task);
    if (turn?.ended === true) return this.#done(task, turn.answer);
    const conversation = task.sessionId ?? "its conversation";
    if (turn === null) {
      queue.requeue(task, `${why}, and no transcript of ${conversation} holds the prompt`);
      return this.#forget(task);
    }
    this.#fail(task, `${why}; the prompt is in ${conversation}, whose turn did not end`);
  }

  #look(task: TaskRow): PromptTurn | null {
    const { store, look } = this.#deps;
    if (task.sessionId === null) return null;
    return look(task.sessionId, {
      promptId: task.promptId,
      text: store.tasks.texts(task.id)?.prompt ?? "",
      since: task.assignedAt ?? 0,
    });
  }

  #done(task: TaskRow, result: string | null): void {
    const { queue } = this.#deps;
    const text = result ?? this.#look(task)?.answer ?? null;
    if (queue.done(task, text)) this.#forget(task);
  }

  #fail(task: TaskRow, reason: string): void {
    this.#deps.queue.fail(task, reason, { mayRetry: true });
    this.#forget(task);
  }

  async #stopAndFail(task: TaskRow, reason: string): Promise<void> {
    const isOver = await this.#interrupt(task);
    this.#fail(task, isOver ? reason : `${reason}; its turn could not be ended`);
  }

  async #interrupt(task: TaskRow): Promise<boolean> {
    const { interrupt, onFault, session } = this.#deps;
    const name = task.session ?? "";
    if (session(name)?.sessionId !== task.sessionId) return true;
    return interrupt(name).catch((thrown: unknown) => {
      onFault("interrupt", thrown);
      return false;
    });
  }

  /** The client's own words name no more than the tool. */
  async #tellAsking(task: number, session: string, message: string): Promise<void> {
    const { store, askedFor } = this.#deps;
    const what = await askedFor(session).catch(() => null);
    const text = what === null ? message : `${message}: ${what}`;
    store.emit("task.asking", { task, session, text });
  }

  /** What cut the turn off again and again may be what the turn does. */
  #goOn(task: TaskRow): void {
    const resumes = this.#resumes.get(task.id) ?? 0;
    if (this.#nudging.has(task.id)) return;
    if (resumes === MOST_RESUMES)
      return this.#fail(task, `its client ended ${resumes + 1} times in the middle of its turn`);
    const nudge = this.#nudge(task, this.#deps.nudgeAfterResume(task.session ?? ""));
    this.#inBackground(
      nudge.then((isTaken) => void (isTaken && this.#resumes.set(task.id, resumes + 1))),
    );
  }

  /** Goes on with a turn in its own session; an operator's draft or a dialog is left alone. */
  async #nudge(task: TaskRow, text: string): Promise<boolean> {
    const { deliver, signal, store } = this.#deps;
    const session = task.session ?? "";
    if (this.#nudging.has(task.id)) return false;
    this.#nudging.add(task.id);
    try {
      const delivery = await deliver({ session, text, signal });
      if (delivery.kind === "notDelivered") return false;
      store.emit("task.continued", { task: task.id, session, promptId: delivery.promptId });
      return true;
    } finally {
      this.#nudging.delete(task.id);
    }
  }

  #inBackground(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      if (!this.#deps.signal.aborted) this.#deps.onFault("task", thrown);
    });
  }

  #forget(task: TaskRow): void {
    this.#early.delete(task.session ?? "");
    this.#quiet.delete(task.id);
    this.#resumes.delete(task.id);
    this.#waits.delete(task.id);
    this.#stuck.forget(task.id);
    this.#deps.onEnd(task);
  }
}

/**
 * Whether its client was started since anything was said: it ended in the middle of the turn. One that
 * is told to end, by a signal or its terminal, writes what it writes when a person interrupts it.
 */
function isCutOff({ lastAt }: PromptTurn, facts: SessionFacts): boolean {
  return facts.startedAt > Math.max(lastAt, facts.promptedAt);
}
