// How long one decision takes: `node bench/decide.ts [accounts] [sessions]`, 20 and 1,000 by default.
// Each case is decided in rounds; the median round counts, since a garbage collection hits some.
import { decide } from "../src/policy/decide.ts";
import type { AccountView, Evidence, Observation, PolicySettings } from "../src/policy/model.ts";

const ACCOUNTS = Number(process.argv[2] ?? 20);
const SESSIONS = Number(process.argv[3] ?? 1_000);
const ROUNDS = 200;
const PER_ROUND = 100;

const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;

const accounts = Array.from({ length: ACCOUNTS }, (_, index): AccountView => ({
  name: `account${index + 1}`,
  priority: index + 1,
  ceiling: { fiveHour: 90, weekly: 95 },
  exhaustedUntil: index === 0 ? NOW + HOUR : null,
  quarantined: null,
  diedAt: null,
  paidUntil: null,
  loggedIn: true,
  linkProblem: null,
  identityProblem: null,
  windows: [
    { window: "fiveHour", usedPercent: (index * 37) % 100, resetsAt: NOW + 2 * HOUR },
    { window: "weekly", usedPercent: (index * 53) % 100, resetsAt: NOW + 90 * HOUR },
  ],
}));

const evidence = Array.from({ length: SESSIONS }, (_, index): Evidence => ({
  id: `e${index}`,
  channel: "row",
  session: `ccl-auto-${index}`,
  sessionId: `s${index}`,
  promptId: `p${index}`,
  account: "account1",
  requestedAt: NOW - 2_000,
  observedAt: NOW - 1_000,
  refusal: {
    class: "usageLimit",
    window: "fiveHour",
    resetsAt: NOW + HOUR,
    pattern: "row:quotaLimits",
    text: "You've hit your 5-hour limit",
  },
}));

const quiet: Observation = {
  active: "account1",
  accounts: accounts.map((each) => ({ ...each, exhaustedUntil: null })),
  evidence: [],
  paused: false,
  held: null,
  switchoverOpen: false,
  slotProblem: null,
  lastSwitchAt: null,
  activeSince: NOW - 5 * HOUR,
  pinned: null,
  atTurnEnd: true,
  models: ["claude-opus-5-5", "claude-sonnet-5"],
  spending: [
    { window: "fiveHour", percentPerHour: 21, limitAt: null },
    { window: "weekly", percentPerHour: 2, limitAt: null },
  ],
  jitterMs: 500,
  answered: null,
  limit: null,
  refused: [],
};
const threshold = accounts.map((each, index) =>
  index > 0
    ? { ...each, exhaustedUntil: null }
    : {
        ...each,
        exhaustedUntil: null,
        windows: [{ window: "fiveHour" as const, usedPercent: 91, resetsAt: NOW + HOUR }],
      },
);

const CASES: Readonly<Record<string, Observation>> = {
  "nothing was refused": quiet,
  "a threshold is reached": { ...quiet, accounts: threshold },
  "every session is cut off": { ...quiet, accounts, evidence },
  "every account is exhausted": {
    ...quiet,
    accounts: accounts.map((each) => ({ ...each, exhaustedUntil: NOW + HOUR })),
    evidence,
  },
};

const settings: PolicySettings = {
  mode: "auto",
  candidate: "mostHeadroom",
  cooldownMs: 300_000,
  failback: { enabled: true, delayMs: 600_000 },
  overage: "avoid",
  accountTrouble: "failover",
};

console.log(
  `decide, ${ACCOUNTS} accounts, ${SESSIONS} sessions, microseconds (median, 99th percentile):`,
);
for (const [name, seen] of Object.entries(CASES)) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    for (let count = 0; count < PER_ROUND; count++) decide(seen, settings, NOW);
    return ((performance.now() - begun) * 1_000) / PER_ROUND;
  }).toSorted((a, b) => a - b);
  const at = (share: number): string => (rounds[Math.floor(rounds.length * share)] ?? 0).toFixed(1);
  const { kind, reason } = decide(seen, settings, NOW);
  console.log(
    `${name.padEnd(28)} ${at(0.5).padStart(6)} ${at(0.99).padStart(6)}  ${kind}: ${reason.code}`,
  );
}
