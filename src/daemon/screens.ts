import { Hookless, LIMIT_PANES, type HooklessDeps } from "./hookless.ts";
import { SecondLook } from "./second-look.ts";
import { PAID_PANES, PaidNotices, type PaidNoticesDeps } from "./paid-notices.ts";

/** What only screens tell. */
export interface Screens {
  /** Looks at every session without hooks, then at what hooks do not tell of the others. */
  look(): Promise<void>;
  /** Has tmux search the panes from now on. */
  begin(): Promise<void>;
  /** Takes what a subscription of tmux tells; null for another's. */
  shown(subscription: string, value: string): Promise<void> | null;
}

export function screensOf(deps: HooklessDeps & PaidNoticesDeps): Screens {
  const hookless = new Hookless(deps);
  const second = new SecondLook(deps);
  const paid = new PaidNotices(deps);
  return {
    look: async () => {
      await hookless.look();
      await second.look();
    },
    begin: async () => paid.begin(),
    shown: (subscription, value) => {
      if (subscription === LIMIT_PANES) return hookless.shown(value);
      return subscription === PAID_PANES ? paid.shown(value) : null;
    },
  };
}
