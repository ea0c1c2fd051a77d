/** What a drill found out about a version of the client. */
export const VERDICTS = ["hot", "relaunch", "broken"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What decides how a session moves to another account. */
export interface StrategyInput {
  /** As configured for this session. */
  readonly configured: "auto" | "hot" | "relaunch";
  /** Node's name of the operating system. */
  readonly platform: string;
  /** Of the version that the session runs; null where no drill has said anything yet. */
  readonly verdict: Verdict | null;
  /** A session that somebody else started: its client is never ended. */
  readonly isAdopted: boolean;
}

/**
 * How a session moves. On macOS the login lies in the Keychain under a name made from the config
 * directory (client facts 10), so that no link switches it and a running client cannot move.
 */
export function strategyFor(input: StrategyInput): "hot" | "relaunch" {
  const { configured, platform, verdict, isAdopted } = input;
  if (isAdopted) return "hot";
  if (platform === "darwin") return "relaunch";
  if (configured !== "auto") return configured;
  return verdict === "hot" ? "hot" : "relaunch";
}
