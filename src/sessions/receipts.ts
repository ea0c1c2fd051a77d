import { isSamePrompt } from "../claude/prompt-text.ts";
import { within, type Clock } from "../clock.ts";

/** Proof that the client took a prompt: its own word for it (client facts 20). */
export interface Receipt {
  readonly session: string;
  readonly text: string;
  /** Null from clients that do not tell it. */
  readonly promptId: string | null;
  readonly channel: "hook" | "row";
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Where receipts come in and are waited for. */
export class Receipts {
  /** Those who wait for a prompt of each session. */
  readonly #waiting = new Map<string, Set<(receipt: Receipt) => void>>();

  add(receipt: Receipt): void {
    for (const look of this.#waiting.get(receipt.session) ?? []) look(receipt);
  }

  /**
   * Begins to listen for a prompt of `session` whose text is `text`, submitted at `since` (epoch ms)
   * or later: the row of an earlier prompt with the same text may come only now. Listen before
   * typing: a receipt that came earlier is not found again.
   */
  listen(session: string, text: string, since: number): Listener {
    let found: Receipt | null = null;
    const { promise, resolve } = Promise.withResolvers<Receipt>();
    const look = (receipt: Receipt): void => {
      if (receipt.at < since) return;
      if (!isSamePrompt(receipt.text, text)) return;
      found ??= receipt;
      resolve(receipt);
    };
    const waiting = this.#waiting.get(session) ?? new Set();
    this.#waiting.set(session, waiting.add(look));
    return {
      found: () => found,
      within: async (ms, clock) => within(promise, ms, clock),
      [Symbol.dispose]: () => {
        waiting.delete(look);
        if (waiting.size === 0 && this.#waiting.get(session) === waiting)
          this.#waiting.delete(session);
      },
    };
  }
}

export interface Listener extends Disposable {
  found(): Receipt | null;
  /** The receipt, or null when none came within `ms` milliseconds. */
  within(ms: number, clock: Clock): Promise<Receipt | null>;
}
