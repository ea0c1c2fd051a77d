import type { StatusJson } from "./contract.ts";
import { exposition, histogramSamples, type Metric, type Sample } from "./exposition.ts";

/** Everything `/metrics` tells, looked up by the daemon. */
export interface MetricsInput {
  readonly status: StatusJson;
  readonly switchovers: readonly {
    readonly cause: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  /** Milliseconds; `buckets` are cumulative. */
  readonly continued: {
    readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
    readonly sumMs: number;
    readonly count: number;
  };
  readonly tasks: Readonly<Record<string, number>>;
  readonly channels: readonly {
    readonly channel: string;
    readonly waiting: number;
    readonly sent: number;
    readonly failed: number;
    readonly retried: number;
  }[];
  readonly lastEvent: number;
  readonly healthy: boolean;
  readonly lastLookAt: number | null;
  readonly loopLagMs: number;
  readonly residentBytes: number;
}

const P = "claude_failover_";

/** Pure: the text of `/metrics`. */
export function metricsText(input: MetricsInput): string {
  return exposition([
    ...daemonMetrics(input),
    ...accountMetrics(input),
    ...workMetrics(input),
    ...tellingMetrics(input),
  ]);
}

function gauge(name: string, help: string, samples: readonly Sample[] | number | null): Metric {
  const all = typeof samples === "number" || samples === null ? [{ value: samples }] : samples;
  return { name: P + name, type: "gauge", help, samples: all };
}

function daemonMetrics(input: MetricsInput): Metric[] {
  const { status, lastLookAt } = input;
  const { version, paused, startedAt } = status.daemon;
  return [
    gauge("info", "The version.", [{ labels: { version }, value: 1 }]),
    gauge("healthy", "1 when /healthz answers 200.", Number(input.healthy)),
    gauge("held", "1 when a person is needed.", Number(status.held !== null)),
    gauge("asking", "1 when a proposal waits for an answer.", Number(status.proposal !== null)),
    gauge("pinned", "1 when an account is pinned by hand.", Number(status.pinned !== null)),
    gauge("paused", "1 when it only observes.", Number(paused)),
    gauge("start_time_seconds", "When the daemon started.", seconds(startedAt)),
    gauge(
      "last_look_timestamp_seconds",
      "When the last whole look at everything ended.",
      lastLookAt === null ? null : lastLookAt / 1_000,
    ),
    gauge(
      "loop_lag_seconds",
      "How late a timer came, at worst, in the last minute.",
      input.loopLagMs / 1_000,
    ),
    gauge("resident_memory_bytes", "Memory of the daemon.", input.residentBytes),
    {
      name: `${P}events_total`,
      type: "counter",
      help: "Events that happened.",
      samples: [{ value: input.lastEvent }],
    },
  ];
}

function accountMetrics({ status }: MetricsInput): Metric[] {
  const { accounts, activeAccount, slots } = status;
  const windows = accounts.flatMap(({ name, windows }) =>
    windows.map((each) => ({ ...each, labels: { account: name, window: each.window } })),
  );
  return [
    gauge(
      "account_active",
      "1 for the account that the shared slot leads to.",
      accounts.map(({ name }) => ({
        labels: { account: name },
        value: Number(name === activeAccount),
      })),
    ),
    gauge(
      "slot_account",
      "1 for the account that a slot leads to.",
      slots.flatMap(({ name, account }) =>
        account === null ? [] : [{ labels: { slot: name, account }, value: 1 }],
      ),
    ),
    gauge(
      "account_state",
      "1 for the state that an account is in.",
      accounts.map(({ name, state }) => ({ labels: { account: name, state }, value: 1 })),
    ),
    gauge(
      "account_limitations",
      "How many reasons keep an account from taking over.",
      accounts.map(({ name, limitations }) => ({
        labels: { account: name },
        value: limitations.length,
      })),
    ),
    gauge(
      "account_exhausted_until_timestamp_seconds",
      "Until when an exhausted account is.",
      accounts.map(({ name, exhaustedUntil }) => ({
        labels: { account: name },
        value: seconds(exhaustedUntil),
      })),
    ),
    gauge(
      "window_used_percent",
      "How much of a window is used.",
      windows.map(({ labels, usedPercent }) => ({ labels, value: usedPercent })),
    ),
    gauge(
      "window_resets_timestamp_seconds",
      "When a window is reset.",
      windows.map(({ labels, resetsAt }) => ({ labels, value: seconds(resetsAt) })),
    ),
  ];
}

function workMetrics({ status, switchovers, continued, tasks }: MetricsInput): Metric[] {
  const states = new Map<string, number>();
  for (const { state } of status.sessions) states.set(state, (states.get(state) ?? 0) + 1);
  return [
    {
      name: `${P}switchovers_total`,
      type: "counter",
      help: "Switchovers by cause and outcome.",
      samples: switchovers.map(({ cause, outcome, count }) => ({
        labels: { cause, outcome },
        value: count,
      })),
    },
    {
      name: `${P}continued_seconds`,
      type: "histogram",
      help: "From the refusal to the receipt of a session that a switchover continued.",
      samples: histogramSamples(
        continued.buckets.map(({ upToMs, count }) => ({ upTo: upToMs / 1_000, count })),
        { sum: continued.sumMs / 1_000, count: continued.count },
      ),
    },
    gauge(
      "sessions",
      "Sessions by state.",
      [...states].map(([state, value]) => ({ labels: { state }, value })),
    ),
    gauge(
      "tasks",
      "Tasks by state.",
      Object.entries(tasks).map(([state, value]) => ({ labels: { state }, value })),
    ),
  ];
}

function tellingMetrics({ channels }: MetricsInput): Metric[] {
  return [
    {
      name: `${P}notifications_total`,
      type: "counter",
      help: "Tries to notify by channel and outcome, since the daemon started.",
      samples: channels.flatMap(({ channel, sent, failed, retried }) =>
        Object.entries({ sent, failed, retried }).map(([outcome, value]) => ({
          labels: { channel, outcome },
          value,
        })),
      ),
    },
    gauge(
      "notifications_waiting",
      "Notifications that wait by channel.",
      channels.map(({ channel, waiting }) => ({ labels: { channel }, value: waiting })),
    ),
  ];
}

function seconds(time: string | null): number | null {
  return time === null ? null : Date.parse(time) / 1_000;
}
