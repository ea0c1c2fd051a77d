import { expect, it } from "vitest";
import type { StatusJson } from "../../../src/api/contract.ts";
import { metricsText } from "../../../src/api/metrics-view.ts";
import { PROPOSAL } from "../../support/top-samples.ts";
import { STATUS } from "../docs/json-examples.ts";

const [ACCOUNT] = STATUS.accounts;
const [WINDOW] = ACCOUNT?.windows ?? [];
const unknown = {
  ...STATUS,
  accounts: [{ ...ACCOUNT, windows: [{ ...WINDOW, usedPercent: null }] }],
};

const INPUT = {
  status: STATUS,
  switchovers: [{ cause: "failover", outcome: "committed", count: 3 }],
  continued: {
    buckets: [
      { upToMs: 50, count: 1 },
      { upToMs: 1_000, count: 2 },
    ],
    sumMs: 2_500,
    count: 3,
  },
  tasks: { queued: 4, done: 1 },
  channels: [{ channel: "telegram", waiting: 2, sent: 5, failed: 1, retried: 3 }],
  lastEvent: 19,
  healthy: true,
  lastLookAt: 1_000,
  loopLagMs: 2,
  residentBytes: 7,
};

it("tells limits, percentages, switchovers, continuations, sessions, tasks and lag", () => {
  const lines = metricsText(INPUT).split("\n");
  for (const line of [
    'claude_failover_info{version="0.1.0"} 1',
    "claude_failover_healthy 1",
    "claude_failover_held 0",
    'claude_failover_account_state{account="work",state="exhausted"} 1',
    'claude_failover_account_limitations{account="work"} 1',
    'claude_failover_account_exhausted_until_timestamp_seconds{account="work"} 1795266000',
    'claude_failover_window_resets_timestamp_seconds{account="work",window="fiveHour"} 1795266000',
    'claude_failover_switchovers_total{cause="failover",outcome="committed"} 3',
    'claude_failover_continued_seconds_bucket{le="0.05"} 1',
    'claude_failover_continued_seconds_bucket{le="1"} 2',
    'claude_failover_continued_seconds_bucket{le="+Inf"} 3',
    "claude_failover_continued_seconds_sum 2.5",
    "claude_failover_continued_seconds_count 3",
    'claude_failover_sessions{state="idle"} 1',
    'claude_failover_tasks{state="queued"} 4',
    "claude_failover_loop_lag_seconds 0.002",
    'claude_failover_notifications_total{channel="telegram",outcome="sent"} 5',
    'claude_failover_notifications_waiting{channel="telegram"} 2',
    'claude_failover_window_used_percent{account="work",window="fiveHour"} 62',
    "claude_failover_events_total 19",
  ])
    expect(lines).toContain(line);
});

it("tells that an answer is waited for, and that an account is pinned", () => {
  const asking = metricsText({
    ...INPUT,
    status: { ...STATUS, pinned: "home", proposal: PROPOSAL },
  });
  for (const [text, value] of [
    [asking, 1],
    [metricsText(INPUT), 0],
  ] as const)
    for (const name of ["asking", "pinned"])
      expect(text.split("\n")).toContain(`claude_failover_${name} ${value}`);
});

it("leaves out what is not known", () => {
  const text = metricsText({ ...INPUT, status: unknown as StatusJson });
  expect(text).not.toMatch(/^claude_failover_window_used_percent\{/m);
});

it("is in the text format: help, kind and samples of each name together, labels escaped", () => {
  const status = { ...STATUS, daemon: { ...STATUS.daemon, version: 'a"b\\c\nd' } };
  const text = metricsText({ ...INPUT, status });
  expect(text).toContain('claude_failover_info{version="a\\"b\\\\c\\nd"} 1\n');
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(
      /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [-+\d.eE]+)$/,
    );
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
});
