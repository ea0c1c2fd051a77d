import type { LimitWindow, WindowUsage } from "../policy/model.ts";
import { fieldsOf, numberOf, secondsToMs, textOf } from "./fields.ts";
import { windowOfRateLimitType } from "./limit-text.ts";

/** What the client's status-line JSON says about the account in use. */
export interface StatusLineReport {
  readonly sessionId: string;
  readonly transcriptPath: string | null;
  readonly promptId: string | null;
  readonly modelId: string | null;
  readonly clientVersion: string | null;
  /** Empty before the first answer, and for accounts that are no subscription. */
  readonly windows: readonly WindowUsage[];
}

/**
 * Pure: the status-line payload (client facts 14), or null if it is none. Never throws. The
 * percentages belong to the account of the session's last answer, not of its next request.
 */
export function parseStatusLine(payload: unknown): StatusLineReport | null {
  const fields = fieldsOf(payload);
  const sessionId = textOf(fields?.["session_id"]);
  if (fields === null || sessionId === null) return null;
  return {
    sessionId,
    transcriptPath: textOf(fields["transcript_path"]),
    promptId: textOf(fields["prompt_id"]),
    modelId: textOf(fieldsOf(fields["model"])?.["id"]),
    clientVersion: textOf(fields["version"]),
    windows: windowsOf(fields["rate_limits"]),
  };
}

function windowsOf(rateLimits: unknown): WindowUsage[] {
  return Object.entries(fieldsOf(rateLimits) ?? {}).flatMap(([type, value]) => {
    const window: LimitWindow | null = windowOfRateLimitType(type, "");
    const limit = fieldsOf(value);
    if (window === null || limit === null) return [];
    const used = numberOf(limit["used_percentage"]);
    // Clients before about 2.1.200 tell 7 % as 7.000000000000001.
    const usedPercent = used === null ? null : Math.round(used * 10) / 10;
    return [{ window, usedPercent, resetsAt: secondsToMs(limit["resets_at"]) }];
  });
}
