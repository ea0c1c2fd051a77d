import { holdsMore, isShownAs } from "../claude/prompt-text.ts";
import { readScreen, type Dialog, type Screen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import { backoffMs } from "../policy/backoff.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Listener, Receipt, Receipts } from "./receipts.ts";

/** What became of a text that was to be typed into a session and submitted. */
export type DeliveryOutcome =
  | {
      readonly kind: "delivered";
      readonly receipt: Receipt;
      readonly attempts: number;
      /** When the text was typed last, and when Enter was pressed last (epoch ms). */
      readonly typedAt: number;
      readonly sentAt: number;
    }
  /** The composer holds text that is not ours; it was not submitted, nor was anything added to it. */
  | { readonly kind: "draft" }
  | { readonly kind: "dialog"; readonly dialog: Dialog }
  /** A turn runs, and did not end in time. */
  | { readonly kind: "busy" }
  /** It was not to be delivered any more: see `isDue`. */
  | { readonly kind: "notDue" }
  /** No composer was seen in time. */
  | { readonly kind: "noComposer" }
  /** Typed and entered, but the client never said that it took it. */
  | { readonly kind: "noReceipt"; readonly attempts: number };

/**
 * Text of ours that may stand unsent in a session's composer. Outlives this process: one that is
 * killed between the text and its Enter leaves what would look like an operator's draft.
 */
export interface TypedTexts {
  get(session: string): string | null;
  /** Resolves once it is remembered. */
  set(session: string, text: string | null): Promise<void>;
}

export interface DeliverDeps {
  readonly panes: Pick<Panes, "capture" | "pasteText" | "sendKeys">;
  readonly clock: Clock;
  readonly receipts: Receipts;
  readonly typed: TypedTexts;
  /** In [0, 1). */
  readonly random: () => number;
  /** Reads what the transcript gained, so that a receipt in it is known before a retry. */
  readonly askTranscript: (session: string) => Promise<void>;
  /** What its hooks say: whether it runs a turn, or has not said yet that it is up. */
  readonly stateOf: (session: string) => "working" | "starting" | "ready";
}

export interface Target {
  readonly session: string;
  readonly paneId: string;
  readonly text: string;
  /** Whether it still is to be delivered. Asked before every key. */
  readonly isDue: () => boolean;
  /** Told right before the text is typed; what it throws keeps it from that. */
  readonly beforeTyping?: () => void;
}

const BOUND_MS = 30_000;
/** How long a turn that runs may take to end before the text is given back. */
const BUSY_MS = 60_000;
/**
 * What an operator has open can stay for hours: it is told soon, and looked at again later. A client
 * that draws for the first time has no composer for a while, either.
 */
const OCCUPIED_MS = new Map([
  ["draft", 2_000],
  ["dialog", 2_000],
  ["noComposer", 10_000],
]);
const LOOK_AGAIN_MS = 40;
/** Keys closer than this after an Escape are read as one with it (measured: "continue" lost its c). */
const AFTER_ESCAPE_MS = 150;
/** A client shows what was pasted within this, or is too busy to; longer texts take longer. */
const SHOWN_MS = 300;
/** A view of the client that came over our text is waited for, because text typed twice is read twice. */
const VIEW_MS = 10_000;
/** Times the sessions that are typed into: looks take the cores that their clients draw with. */
const SHOWN_LOOK_MS = 5;
const RECEIPT = { baseMs: 1_500, mostMs: 60_000 };
/** A text that is not in the composer was taken: a machine out of breath tells it late, typing doubles it. */
const TAKEN_MS = 10_000;
/** Patience for a long text, characters per millisecond. */
const CHARACTERS_PER_MS = 200;
const MOST_ATTEMPTS = 4;

/** Types texts into sessions, each once: the only way for anybody to type. One at a time a session. */
export class Deliveries {
  readonly #deps: DeliverDeps;
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(deps: DeliverDeps) {
    this.#deps = deps;
  }

  /**
   * Types the text into the session's composer, enters it and waits for the client's receipt, after
   * what was asked for before it. Looks at the screen first: a draft is left alone, a turn that runs
   * is waited for, a menu that takes the keys is closed with one Escape. Before every further try
   * the transcript is asked, so that nothing is said twice; a text that has left the composer is typed
   * again 10 s later at the earliest. A text that is not to be delivered any more once it is typed is
   * taken back. Takes 45 s and the turn's end at most; 2 s where a draft or a dialog lets nothing be
   * typed, 10 s where no composer is. Throws CF_TMUX_*, and what `beforeTyping` does.
   */
  async deliver(target: Target): Promise<DeliveryOutcome> {
    const before = this.#last.get(target.session) ?? Promise.resolve();
    const crowd = (): number => this.#last.size;
    const work = before.then(async () => new Delivery(target, this.#deps, crowd).run());
    const settled = work.catch(() => undefined);
    this.#last.set(target.session, settled);
    try {
      return await work;
    } finally {
      if (this.#last.get(target.session) === settled) this.#last.delete(target.session);
    }
  }
}

/** One text on its way into one session. */
class Delivery {
  readonly #target: Target;
  readonly #deps: DeliverDeps;
  /** How many sessions are typed into, this one among them. */
  readonly #crowd: () => number;
  #attempts = 0;
  #typedAt = 0;
  #sentAt = 0;
  /** The screen right before our text was typed, while nothing has changed since. */
  #untouched: string | null = null;
  /** What the composer showed of our text after it was typed. */
  #shown: string | null = null;

  constructor(target: Target, deps: DeliverDeps, crowd: () => number) {
    this.#target = target;
    this.#deps = deps;
    this.#crowd = crowd;
  }

  async run(): Promise<DeliveryOutcome> {
    const { clock, receipts, typed } = this.#deps;
    const { session, text } = this.#target;
    using listener = receipts.listen(session, text, clock.now());
    const last = await this.#tries(listener);
    const receipt = listener.found();
    if (receipt === null) return last;
    await typed.set(session, null);
    return {
      kind: "delivered",
      receipt,
      attempts: this.#attempts,
      typedAt: this.#typedAt,
      sentAt: this.#sentAt,
    };
  }

  async #tries(listener: Listener): Promise<DeliveryOutcome> {
    const { clock, stateOf } = this.#deps;
    const { session, text } = this.#target;
    let end = clock.monotonic() + BOUND_MS + text.length / CHARACTERS_PER_MS;
    const busyEnd = clock.monotonic() + BUSY_MS;
    let last: DeliveryOutcome = { kind: "noComposer" };
    let freeAt = clock.monotonic();
    while (clock.monotonic() < end && this.#attempts < MOST_ATTEMPTS) {
      const lines = await this.#capture();
      const screen = readScreen(lines);
      if (listener.found() !== null) return last;
      const hasReacted = this.#hasReacted(lines);
      if (hasReacted && !this.#target.isDue()) {
        if (this.#isOurs(screen)) await this.#takeBack(screen);
        return { kind: "notDue" };
      }
      const step: Step = hasReacted
        ? nextStep(screen, text, { isOurs: this.#isOurs(screen), state: stateOf(session) })
        : { kind: "look", meanwhile: last };
      if (step.kind !== "look") {
        freeAt = clock.monotonic();
        if (!(await this.#act(step.kind, lines))) continue;
        last = { kind: "noReceipt", attempts: this.#attempts };
        if ((await this.#awaitReceipt(listener)) !== null) return last;
        continue;
      }
      last = step.meanwhile;
      const patience = stateOf(session) === "starting" ? undefined : OCCUPIED_MS.get(last.kind);
      if (patience === undefined) freeAt = clock.monotonic();
      if (last.kind === "busy" && clock.monotonic() < busyEnd) end = clock.monotonic() + BOUND_MS;
      if (last.kind === "busy" && clock.monotonic() >= busyEnd) return last;
      if (this.#attempts === 0 && clock.monotonic() - freeAt >= (patience ?? BOUND_MS)) return last;
      await clock.sleep(LOOK_AGAIN_MS);
    }
    return last;
  }

  async #capture(): Promise<string[]> {
    return this.#deps.panes.capture(this.#target.paneId, { escapes: true });
  }

  /**
   * A client that is stopped, or starved, has read nothing yet: what we typed waits in its terminal,
   * and typing it again would say it twice. Any change of the screen shows that it reads.
   */
  #hasReacted(lines: readonly string[]): boolean {
    if (this.#untouched === lines.join("\n")) return false;
    this.#untouched = null;
    return true;
  }

  /** Whether it is text that we typed, and that may still stand there, that the composer shows. */
  #isOurs({ composer }: Screen): boolean {
    const { session, text } = this.#target;
    if (composer.kind !== "draft" || this.#deps.typed.get(session) !== text) return false;
    return isShownAs(composer.text, text) || composer.text === this.#shown;
  }

  /** Whether Enter was pressed. */
  async #act(kind: "type" | "enter" | "escape", lines: readonly string[]): Promise<boolean> {
    const { panes, clock, typed } = this.#deps;
    const { paneId, session, text, isDue, beforeTyping } = this.#target;
    if (kind === "escape") {
      await panes.sendKeys(paneId, ["Escape"]);
      await clock.sleep(AFTER_ESCAPE_MS);
      return false;
    }
    if (kind === "type") {
      await typed.set(session, text);
      if (!isDue()) {
        await typed.set(session, null);
        return false;
      }
      beforeTyping?.();
      this.#untouched = lines.join("\n");
      this.#typedAt = clock.now();
      await panes.pasteText(paneId, text);
      if (!(await this.#standsAlone()) || !isDue()) return false;
    }
    this.#sentAt = clock.now();
    await panes.sendKeys(paneId, ["Enter"]);
    this.#attempts++;
    return true;
  }

  /**
   * Looks at what was pasted before it is entered: false where it stands beside what an operator
   * typed in the same moment, and where a dialog or a view came and takes the keys: Enter would choose
   * what it shows. A view may be gone in a moment. A client that shows nothing in time reads the Enter
   * after the text all the same.
   */
  async #standsAlone(): Promise<boolean> {
    const { clock } = this.#deps;
    const { text } = this.#target;
    let end = clock.monotonic() + SHOWN_MS + text.length / CHARACTERS_PER_MS;
    const viewEnd = end + VIEW_MS;
    for (;;) {
      const lines = await this.#capture();
      const { composer, dialog } = readScreen(lines);
      this.#hasReacted(lines);
      if (composer.kind === "none")
        end = Math.min(Math.max(end, clock.monotonic() + SHOWN_MS), viewEnd);
      if (dialog !== null) return false;
      if (composer.kind === "draft") {
        if (holdsMore(composer.text, text)) return false;
        this.#shown = composer.text;
        if (isShownAs(composer.text, text)) return true;
      }
      if (clock.monotonic() >= end) return composer.kind !== "none";
      await clock.sleep(Math.min(SHOWN_LOOK_MS * this.#crowd(), end - clock.monotonic()));
    }
  }

  /** What we typed and did not enter must not stay: it would look like an operator's draft. */
  async #takeBack({ composer }: Screen): Promise<void> {
    const { panes, typed } = this.#deps;
    const { paneId, session } = this.#target;
    const lines = composer.kind === "draft" ? composer.text.split("\n").length : 0;
    // One empties a line as it is shown, the next one joins it to the line above (measured, 2.1.332).
    await panes.sendKeys(
      paneId,
      Array.from({ length: 2 * lines }, () => "C-u"),
    );
    await typed.set(session, null);
  }

  async #awaitReceipt(listener: Listener): Promise<Receipt | null> {
    const { clock, random, askTranscript } = this.#deps;
    const { session, text } = this.#target;
    const patience = backoffMs({ attempt: this.#attempts, ...RECEIPT, random: random() });
    const receipt = await listener.within(patience + text.length / CHARACTERS_PER_MS, clock);
    if (receipt !== null) return receipt;
    await askTranscript(session);
    if (listener.found() !== null || !(await this.#isTaken())) return listener.found();
    await listener.within(TAKEN_MS, clock);
    await askTranscript(session);
    return listener.found();
  }

  /**
   * What stood in the composer is there no more; or it was never seen there, and a client out of breath
   * draws other things before it reads what waits in its terminal.
   */
  async #isTaken(): Promise<boolean> {
    return readScreen(await this.#capture()).composer.kind === "empty";
  }
}

type Step =
  | { readonly kind: "type" | "enter" | "escape" }
  | { readonly kind: "look"; readonly meanwhile: DeliveryOutcome };

/**
 * Pure: what to do in front of this screen. `isOurs`: what stands in the composer is what we typed.
 * `state` is what the session's hooks say.
 */
export function nextStep(
  screen: Screen,
  text: string,
  known: { readonly isOurs: boolean; readonly state: "working" | "starting" | "ready" },
): Step {
  if (screen.dialog === "limitMenu" || screen.dialog === "rewindMenu") return { kind: "escape" };
  if (screen.dialog !== null)
    return { kind: "look", meanwhile: { kind: "dialog", dialog: screen.dialog } };
  if (known.state === "starting") return { kind: "look", meanwhile: { kind: "noComposer" } };
  switch (screen.composer.kind) {
    case "none":
      return { kind: "look", meanwhile: { kind: "noComposer" } };
    case "draft":
      return known.isOurs && text !== ""
        ? { kind: "enter" }
        : { kind: "look", meanwhile: { kind: "draft" } };
    case "empty":
      // What is typed into a turn that runs becomes a part of it.
      return known.state === "working" && screen.busy
        ? { kind: "look", meanwhile: { kind: "busy" } }
        : { kind: "type" };
  }
}
