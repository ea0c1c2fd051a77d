import type { Decision, ReasonCode } from "../policy/model.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { Proposal } from "../store/proposal.ts";
import { readProposal, writeProposal } from "../store/proposal.ts";
import { answeredKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

type Ending = "confirmed" | "declined" | "expired" | "withdrawn";
type Proposed = Extract<Decision, { kind: "propose" }>;

/** Decisions that say nothing about whether the proposal is still wanted. */
const SAYS_NOTHING: ReadonlySet<ReasonCode> = new Set([
  "held",
  "paused",
  "switchoverOpen",
  "slotAstray",
  "cooldown",
]);
/** After these the reason to ask is gone: the next time it is asked again. */
const IS_OVER: ReadonlySet<ReasonCode> = new Set(["healthy", "resetPassed", "failbackLater"]);

/** The one question that `mode: confirm` has open about a slot, and what became of the last one. */
export class Proposals {
  readonly #store: Store;
  readonly #slot: string;
  /** What `mode: notify` told last. */
  #told: string | null = null;

  constructor(store: Store, slot: string) {
    this.#store = store;
    this.#slot = slot;
  }

  /** Before a decision: a question that nobody answered in time is answered with nothing. */
  expire(now: number): void {
    const open = readProposal(this.#store, this.#slot);
    if (open !== null && now >= open.until) this.#answer(open, "expired");
  }

  /** After a decision: asks, asks no more, or leaves it as it is. Returns until when it waits. */
  follow(decision: Decision, ask: { readonly now: number; readonly timeoutMs: number }): void {
    const open = readProposal(this.#store, this.#slot);
    if (decision.kind === "propose") return this.#propose(decision, { ...ask, open });
    const { code } = decision.reason;
    if (SAYS_NOTHING.has(code)) return;
    if (open !== null) this.#end(open, "withdrawn", decision.reason.text);
    if (IS_OVER.has(code) || decision.kind === "failover")
      this.#store.meta.delete(answeredKey(this.#slot));
  }

  /** In `mode: notify`: tells once what would be done. */
  tell({ key, from, to, cause, reason }: Proposed): void {
    const store = this.#store;
    if (this.#told === `${key}>${to}`) return;
    this.#told = `${key}>${to}`;
    store.emit("proposal.told", { slot: this.#slot, cause, from, to, text: reason.text });
  }

  /** The operator's yes: the question is open no more. Null when there was none. */
  accept(): Proposal | null {
    const open = readProposal(this.#store, this.#slot);
    if (open !== null) this.#end(open, "confirmed", open.text);
    return open;
  }

  /** The operator's no. Null when nothing was asked. */
  decline(): Proposal | null {
    const open = readProposal(this.#store, this.#slot);
    if (open !== null) this.#answer(open, "declined");
    return open;
  }

  #propose(
    { key, from, to, cause, reason }: Proposed,
    { open, now, timeoutMs }: { open: Proposal | null; now: number; timeoutMs: number },
  ): void {
    if (open?.key === key && open.to === to) return;
    // Another account takes over, or the window is known better: still the same question.
    const isSame = open?.key === key;
    const times = isSame ? { at: open.at, until: open.until } : { at: now, until: now + timeoutMs };
    const store = this.#store;
    const slot = this.#slot;
    store.transaction(() => {
      writeProposal(store, slot, { key, from, to, cause, text: reason.text, ...times });
      store.emit("proposal.made", {
        slot,
        cause,
        from,
        to,
        text: reason.text,
        until: rfc3339(times.until),
      });
    });
  }

  #answer(open: Proposal, how: "declined" | "expired"): void {
    this.#store.transaction(() => {
      this.#store.meta.set(answeredKey(this.#slot), open.key);
      this.#end(open, how, open.text);
    });
  }

  #end({ from, to }: Proposal, how: Ending, text: string): void {
    const store = this.#store;
    store.transaction(() => {
      writeProposal(store, this.#slot, null);
      store.emit(`proposal.${how}`, { slot: this.#slot, from, to, text });
    });
  }
}
