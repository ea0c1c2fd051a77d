// Which policy blocks least. `node bench/policy.ts [seeds] [weeks]` plays every policy over the same
// generated usage, prints a table and draws docs/policies.svg.
import { writeFileSync } from "node:fs";
import { defaultPolicy } from "../src/config/default-policy.ts";
import { generateAccounts, generateTurns } from "../src/simulate/generate.ts";
import type { Outcome } from "../src/simulate/model.ts";
import { policyNamed, policyNames } from "../src/simulate/policies.ts";
import { Simulation } from "../src/simulate/simulation.ts";
import { chart, type Row } from "./policy-chart.ts";

const SEEDS = Number(process.argv[2] ?? 8);
const WEEKS = Number(process.argv[3] ?? 30);

const SCENARIOS = [
  { name: "2 accounts, 4 sessions, 60 % wanted", accounts: 2, sessions: 4, load: 0.6 },
  { name: "3 accounts, 6 sessions, 75 % wanted", accounts: 3, sessions: 6, load: 0.75 },
  { name: "3 accounts, 6 sessions, 90 % wanted", accounts: 3, sessions: 6, load: 0.9 },
  {
    name: "4 accounts, one five times as big, 8 sessions, 80 % wanted",
    accounts: 4,
    sessions: 8,
    load: 0.8,
    capacities: [5, 1, 1, 1],
  },
];

const settings = defaultPolicy();
const defaults = { settings, ceiling: settings.thresholds };
const { fiveHour, weekly } = settings.thresholds;
const DEFAULT = settings.candidate;
const OURS = ["priority", "mostHeadroom", "soonestReset"].flatMap((rule) =>
  [rule, `${rule}@off`, `${rule}@90/95`, `${rule}@95/98`].filter(
    (each) => each !== `${rule}@${fiveHour}/${weekly}`,
  ),
);
const TRIALS = ["mostHeadroom@90/90", "mostHeadroom@85/95", "tokenmaxxing@90/95"];
const PEERS = policyNames().filter((name) => !OURS.includes(name));

function play(policy: string, scenario: (typeof SCENARIOS)[number], seed: number): Outcome {
  const { sessions, load, capacities } = scenario;
  const accounts = generateAccounts(scenario.accounts, {
    seed,
    ...(capacities === undefined ? {} : { capacities }),
  });
  const turns = generateTurns({ sessions, weeks: WEEKS, seed, load, accounts });
  const found = policyNamed(policy, defaults);
  if (found === null) throw new Error(`no policy ${policy}`);
  const simulation = new Simulation({ policy: found, accounts, turns });
  while (simulation.advance(WEEKS));
  return simulation.outcome();
}

function cellOf(policy: string, scenario: (typeof SCENARIOS)[number]): Row["cells"][number] {
  const sum = { blocked: 0, cutOff: 0, switches: 0, weeks: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = play(policy, scenario, seed);
    sum.blocked += outcome.blockedMinutes;
    sum.cutOff += outcome.cutOff;
    sum.switches += outcome.switches;
    sum.weeks += outcome.weeks;
  }
  const aWeek = (value: number): number => value / sum.weeks;
  return { blocked: aWeek(sum.blocked), cutOff: aWeek(sum.cutOff), switches: aWeek(sum.switches) };
}

function kindOf(name: string): Row["kind"] {
  if (name === DEFAULT) return "default";
  if (TRIALS.includes(name)) return "trial";
  return OURS.includes(name) ? "ours" : "peer";
}

const begun = performance.now();
const all = [...OURS, ...PEERS, ...TRIALS].map((name): Row => ({
  name,
  kind: kindOf(name),
  cells: SCENARIOS.map((scenario) => cellOf(name, scenario)),
}));
const seconds = (performance.now() - begun) / 1000;

/** The mean place of a policy: in each scenario its share of the worst that moves at all. */
const moving = all.filter(({ name }) => name !== "wait");
const worst = SCENARIOS.map((_, index) =>
  Math.max(...moving.map(({ cells }) => cells[index]?.blocked ?? 0)),
);
const scoreOf = ({ cells }: Row): number =>
  cells.reduce((sum, { blocked }, index) => sum + blocked / (worst[index] ?? 1), 0) / cells.length;
const ranked = moving.toSorted((a, b) => scoreOf(a) - scoreOf(b));

console.log(
  "Per week: session-minutes blocked / turns cut off / switches. Score: 1 is the worst everywhere.",
);
console.log(
  `${"".padEnd(22)} score ${SCENARIOS.map((_, index) => `scenario ${index + 1}`.padStart(22)).join("")}`,
);
for (const row of [...ranked, ...all.filter(({ name }) => name === "wait")]) {
  const cells = row.cells.map(({ blocked, cutOff, switches }) =>
    `${blocked.toFixed(1)} / ${cutOff.toFixed(1)} / ${switches.toFixed(1)}`.padStart(22),
  );
  const mark = row.kind === "default" ? "*" : " ";
  console.log(
    `${row.name.padEnd(21)}${mark} ${scoreOf(row).toFixed(2).padStart(5)} ${cells.join("")}`,
  );
}
for (const [index, { name }] of SCENARIOS.entries()) console.log(`scenario ${index + 1}: ${name}`);
const weeks = all.length * SCENARIOS.length * SEEDS * WEEKS;
console.log(
  `${weeks} weeks in ${seconds.toFixed(0)} s: ${((weeks * 60) / seconds).toFixed(0)} weeks a minute`,
);

const title = "Session-minutes a week in which a limit kept a turn from running";
const names = SCENARIOS.map(({ name }) => name);
writeFileSync(new URL("../docs/policies.svg", import.meta.url), chart(title, names, ranked));
