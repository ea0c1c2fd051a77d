import { settingsInForce, unreadable, valueInForce } from "./client-settings.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("retention");

/** The client's own default (client facts 28). */
const DEFAULT_DAYS = 30;

/** How long an account keeps transcripts; null where it does not say. */
export interface AccountRetention {
  readonly account: string;
  readonly days: number | null;
}

/**
 * Whether all homes keep transcripts equally long: each start sweeps the shared tree, so that the
 * smallest `cleanupPeriodDays` of any home wins (client facts 28).
 */
export const retentionCheck: Check<Scene> = {
  code: "retention",
  look: (scene) => {
    const all = settingsInForce(scene).filter(({ cwd }) => cwd === null);
    const retentions = all.map(({ account, layers }) => ({
      account,
      days: valueInForce(layers, "cleanupPeriodDays", "number")?.value ?? null,
    }));
    return [judgeRetention(retentions), ...unreadable(all).map(judgeUnreadable)];
  },
};

/** Pure. */
export function judgeRetention(accounts: readonly AccountRetention[]): Finding {
  const days = accounts.map((each) => each.days ?? DEFAULT_DAYS);
  const least = Math.min(...days);
  if (days.every((each) => each === least))
    return say.ok(`Every home keeps transcripts for ${least} days.`);
  const each = accounts.map(
    ({ account, days: own }) => `${account} ${own ?? `${DEFAULT_DAYS} (the default)`}`,
  );
  return say.warn(
    `The homes keep transcripts differently long, and the smallest wins for all (${least} days): ${each.join(", ")}.`,
    "Set the same cleanupPeriodDays in settings.json of every home.",
  );
}

function judgeUnreadable(path: string): Finding {
  return say.unknown(`${path} cannot be read as settings.`, "Mend its JSON, owner or mode.");
}
