import { PAID_PATTERN, paidNoticeOnScreen } from "../claude/limit-screen.ts";
import type { Clock } from "../clock.ts";
import { readingAccount } from "../policy/evidence.ts";
import { paneFinder } from "../sessions/plan.ts";
import type { Store } from "../store/store.ts";
import type { TmuxClient } from "../tmux/client.ts";
import { SESSION_OPTION } from "../tmux/formats.ts";
import type { Panes } from "../tmux/panes.ts";
import { panesShowing, parsePaneIds } from "../tmux/watch.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { Intake } from "./intake.ts";
import { takePaidUsage } from "./quarantine.ts";

export interface PaidNoticesDeps {
  readonly panes: Panes;
  readonly tmux: Pick<TmuxClient, "subscribe">;
  readonly fleet: Fleet;
  readonly intake: Pick<Intake, "answered">;
  readonly store: Store;
  readonly clock: Clock;
  readonly onNews: () => void;
}

/** The name of the subscription to panes that tell of paid usage. */
export const PAID_PANES = "cf-paid";

/**
 * That an account goes on at a price, the client says on its screen alone: neither a hook nor a row
 * tells it (measured with 2.1.280 and 2.1.332).
 */
export class PaidNotices {
  readonly #deps: PaidNoticesDeps;

  constructor(deps: PaidNoticesDeps) {
    this.#deps = deps;
  }

  async begin(): Promise<void> {
    await this.#deps.tmux.subscribe(PAID_PANES, panesShowing(PAID_PATTERN));
  }

  /** tmux found such words in the panes of `value`. */
  async shown(value: string): Promise<void> {
    const { fleet, panes, store, clock, onNews } = this.#deps;
    const ids = new Set(parsePaneIds(value));
    if (ids.size === 0) return;
    const paneOf = paneFinder(await panes.listPanes(), SESSION_OPTION);
    for (const session of fleet.list()) {
      const paneId = paneOf(session)?.paneId;
      if (paneId === undefined || !ids.has(paneId)) continue;
      const text = paidNoticeOnScreen(await panes.capture(paneId, { escapes: true }));
      const account = this.#accountOf(session);
      if (text === null || account === null) continue;
      if (takePaidUsage(store, { text, account, at: clock.now() })) onNews();
    }
  }

  /** The notice is about the last answer, and stays on the screen over a flip. */
  #accountOf({ name, slot }: FleetSession): string | null {
    const { intake, store, clock } = this.#deps;
    const requestedAt = intake.answered(name)?.requestedAt;
    if (requestedAt === undefined) return null;
    const periods = store.periods.of(slot).list();
    return readingAccount({ requestedAt, shownAt: clock.now(), periods });
  }
}
