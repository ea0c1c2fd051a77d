import { settingsInForce, valueInForce } from "./client-settings.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("oneDriver");

/** Whether the client continues by itself at a reset; null where no setting says. */
export interface SelfContinuing {
  readonly account: string;
  readonly cwd: string | null;
  readonly value: boolean | null;
}

/**
 * Whether the client continues a session by itself at the reset (`autoContinueAtUsageLimit`, on by
 * default since 2.1.234): two drivers must never both continue one session (client facts 23).
 */
export const oneDriverCheck: Check<Scene> = {
  code: "oneDriver",
  look: (scene) => [
    judgeOneDriver(
      settingsInForce(scene).map(({ account, cwd, layers }) => ({
        account,
        cwd,
        value: valueInForce(layers, "autoContinueAtUsageLimit", "boolean")?.value ?? null,
      })),
    ),
  ],
};

/** Pure. */
export function judgeOneDriver(all: readonly SelfContinuing[]): Finding {
  const on = all.filter(({ value }) => value !== false);
  if (on.length === 0) return say.ok("claude-failover alone continues sessions at a reset.");
  const isSet = on.some(({ value }) => value === true);
  const accounts = [...new Set(on.map(({ account }) => account))].join(", ");
  return say.warn(
    `The client continues by itself at a reset (autoContinueAtUsageLimit is ${isSet ? "on" : "not set, which means on"}: ${accounts}): a session that waits for one may be continued twice.`,
    'Set "autoContinueAtUsageLimit": false in settings.json of every home. The client then shows a menu at a limit, which claude-failover closes.',
  );
}
