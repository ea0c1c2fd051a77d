import { OFFER_KEYS, readScreen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import type { ResumeOffer } from "../config/config.ts";
import type { Panes } from "../tmux/panes.ts";

const LOOK_EVERY_MS = 40;
/** A client that has said that it is up draws its composer or a dialog soon after. */
const BOUND_MS = 5_000;
/** Keys closer than this are taken for one that was pasted. */
const BETWEEN_KEYS_MS = 150;

/**
 * Waits until a client that was just resumed shows what it waits for, and answers its offer to take
 * a summary of a long conversation. Any other dialog is left to a person. At most 5 s.
 */
export async function passOffer(
  paneId: string,
  deps: {
    readonly panes: Pick<Panes, "capture" | "sendKeys">;
    readonly clock: Clock;
    readonly resumeOffer: ResumeOffer;
  },
): Promise<void> {
  const { panes, clock, resumeOffer } = deps;
  const end = clock.monotonic() + BOUND_MS;
  let isAnswered = false;
  while (clock.monotonic() < end) {
    const { composer, dialog } = readScreen(await panes.capture(paneId, { escapes: true }));
    const isOffer = dialog === "resumeSummary";
    if (composer.kind !== "none" || (dialog !== null && !isOffer)) return;
    if (isOffer && resumeOffer === "ask") return;
    if (isOffer && !isAnswered && resumeOffer !== "ask") {
      for (const [index, key] of OFFER_KEYS[resumeOffer].entries()) {
        if (index > 0) await clock.sleep(BETWEEN_KEYS_MS);
        await panes.sendKeys(paneId, [key]);
      }
      isAnswered = true;
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}
