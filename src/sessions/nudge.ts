import { isShownAs } from "../claude/prompt-text.ts";
import { readScreen, type Dialog, type Screen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Receipt, Receipts } from "./receipts.ts";

/** What became of an attempt to go on with a turn that was cut off. */
export type NudgeOutcome =
  | {
      readonly kind: "continued";
      readonly receipt: Receipt;
      readonly attempts: number;
      /** When the keys of the last attempt were sent, epoch ms. */
      readonly sentAt: number;
    }
  /** The composer holds text that is not ours; it was not touched. */
  | { readonly kind: "draft" }
  | { readonly kind: "dialog"; readonly dialog: Dialog }
  /** It was not to be continued any more: see `isDue`. */
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
  set(session: string, text: string | null): void;
}

export interface NudgeDeps {
  readonly panes: Pick<Panes, "capture" | "pasteText" | "sendKeys">;
  readonly clock: Clock;
  readonly receipts: Receipts;
  readonly typed: TypedTexts;
  /** Reads what the transcript gained, so that a receipt in it is known before a retry. */
  readonly askTranscript: (session: string) => Promise<void>;
  /** Whether its turn still is cut off, and nobody wants it left alone. Asked before every key. */
  readonly isDue: (session: string) => boolean;
}

const BOUND_MS = 30_000;
/** An operator's draft or dialog can stay for hours: it is told soon, and looked at again later. */
const OCCUPIED_MS = 2_000;
const LOOK_AGAIN_MS = 40;
/** Keys closer than this after an Escape are read as one with it (measured: "continue" lost its c). */
const AFTER_ESCAPE_MS = 150;
const FIRST_RECEIPT_MS = 1_500;
const MOST_ATTEMPTS = 4;

/**
 * Types `text` into the session's composer, enters it and waits for the receipt. Looks at the screen
 * first: a draft is left alone, a menu that takes the keys is closed with one Escape. Before a
 * second try the transcript is asked, so that nothing is said twice. Ends when the operator goes on
 * before us. Takes up to 30 s; 2 s where a draft or a dialog lets nothing be typed.
 */
export async function nudge(
  target: { readonly session: string; readonly paneId: string; readonly text: string },
  deps: NudgeDeps,
): Promise<NudgeOutcome> {
  const { clock, typed } = deps;
  using listener = deps.receipts.listen(target.session, target.text, clock.now());
  const end = clock.monotonic() + BOUND_MS;
  let attempts = 0;
  let sentAt = 0;
  let last: NudgeOutcome = { kind: "noComposer" };
  let freeAt = clock.monotonic();
  while (clock.monotonic() < end && attempts < MOST_ATTEMPTS) {
    const screen = readScreen(await deps.panes.capture(target.paneId, { escapes: true }));
    if (listener.found() !== null) break;
    if (!deps.isDue(target.session)) return { kind: "notDue" };
    const step = nextStep(screen, target.text, typed.get(target.session) === target.text);
    if (step.kind !== "look" || step.meanwhile.kind === "noComposer") freeAt = clock.monotonic();
    if (step.kind === "look") {
      last = step.meanwhile;
      if (attempts === 0 && clock.monotonic() - freeAt >= OCCUPIED_MS) break;
      await clock.sleep(LOOK_AGAIN_MS);
      continue;
    }
    if (step.kind === "escape") {
      await closeMenu(target.paneId, deps);
      continue;
    }
    if (step.kind === "type") {
      typed.set(target.session, target.text);
      await deps.panes.pasteText(target.paneId, target.text);
    }
    sentAt = clock.now();
    await deps.panes.sendKeys(target.paneId, ["Enter"]);
    attempts++;
    if ((await awaitReceipt(target.session, listener, deps, attempts)) !== null) break;
    last = { kind: "noReceipt", attempts };
  }
  const receipt = listener.found();
  if (receipt === null) return last;
  typed.set(target.session, null);
  return { kind: "continued", receipt, attempts, sentAt };
}

type Step =
  | { readonly kind: "type" | "enter" | "escape" }
  | { readonly kind: "look"; readonly meanwhile: NudgeOutcome };

/** Pure: what to do in front of this screen. `isOurs`: we have typed it, and it may still stand there. */
export function nextStep(screen: Screen, text: string, isOurs: boolean): Step {
  if (screen.dialog === "limitMenu" || screen.dialog === "rewindMenu") return { kind: "escape" };
  if (screen.dialog !== null)
    return { kind: "look", meanwhile: { kind: "dialog", dialog: screen.dialog } };
  switch (screen.composer.kind) {
    case "empty":
      return { kind: "type" };
    case "draft":
      return isOurs && isShownAs(screen.composer.text, text)
        ? { kind: "enter" }
        : { kind: "look", meanwhile: { kind: "draft" } };
    case "none":
      return { kind: "look", meanwhile: { kind: "noComposer" } };
  }
}

async function closeMenu(paneId: string, deps: NudgeDeps): Promise<void> {
  await deps.panes.sendKeys(paneId, ["Escape"]);
  await deps.clock.sleep(AFTER_ESCAPE_MS);
}

async function awaitReceipt(
  session: string,
  listener: ReturnType<Receipts["listen"]>,
  deps: NudgeDeps,
  attempt: number,
): Promise<Receipt | null> {
  const receipt = await listener.within(FIRST_RECEIPT_MS * 2 ** (attempt - 1), deps.clock);
  if (receipt !== null) return receipt;
  await deps.askTranscript(session);
  return listener.found();
}
