import { Hookless, LIMIT_PANES, type HooklessDeps } from "./hookless.ts";
import { PAID_PANES, PaidNotices, type PaidNoticesDeps } from "./paid-notices.ts";

/** What only screens tell. */
export interface Screens {
  /** Looks at every session without hooks. */
  look(): Promise<void>;
  /** Has tmux search the panes from now on. */
  begin(): Promise<void>;
  /** Takes what a subscription of tmux tells; null for another's. */
  shown(subscription: string, value: string): Promise<void> | null;
}

export function screensOf(deps: HooklessDeps & PaidNoticesDeps): Screens {
  const hookless = new Hookless(deps);
  const paid = new PaidNotices(deps);
  return {
    look: async () => hookless.look(),
    begin: async () => paid.begin(),
    shown: (subscription, value) => {
      if (subscription === LIMIT_PANES) return hookless.shown(value);
      return subscription === PAID_PANES ? paid.shown(value) : null;
    },
  };
}
