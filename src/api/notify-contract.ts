import type { SCHEMA } from "./contract.ts";

export interface NotifyChannelJson {
  readonly channel: string;
  readonly events: readonly string[];
  /** Why it cannot be used as it is configured, or null. */
  readonly unusable: string | null;
  readonly waiting: number;
  /** Since the daemon started. */
  readonly sent: number;
  readonly failed: number;
  readonly retried: number;
  readonly last: {
    readonly event: string;
    readonly outcome: "sent" | "failed" | "dropped";
    readonly text: string | null;
    readonly at: string;
  } | null;
}

export interface NotifyJson {
  readonly schema: typeof SCHEMA;
  readonly channels: readonly NotifyChannelJson[];
}

export interface NotifyTestJson {
  readonly schema: typeof SCHEMA;
  readonly results: readonly {
    readonly channel: string;
    readonly sent: boolean;
    readonly problem: string | null;
    readonly ms: number;
  }[];
}
