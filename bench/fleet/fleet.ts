// How a fleet scales. `npm run build && node bench/fleet/fleet.ts [sessions] [rounds]`: mini clients in
// real panes, all refused at once; then the daemon at rest, and with every pane printing a line a second.
// The last line has the figures of docs/scale.md.
import { appendFileSync } from "node:fs";
import { loadavg } from "node:os";
import { systemClock as clock } from "../../src/clock.ts";
import { cpuOf, cpuOfMachine, rssOf } from "./cpu.ts";
import { makeScene, type Scene } from "./scene.ts";

const SESSIONS = Number(process.argv[2] ?? 100);
const ROUNDS = Number(process.argv[3] ?? 3);
const MEASURED_MS = 10_000;

interface Round {
  readonly allMs: number;
  readonly daemonCpuMs: number;
}

const load = loadavg()[0]?.toFixed(1);
await using scene = await makeScene(SESSIONS, ROUNDS + 1);
console.log(`${SESSIONS} sessions adopted, ${rssOf(scene.pid)} MB RSS`);
const rounds: Round[] = [];
for (let round = 1; round <= ROUNDS; round++) rounds.push(await limit(scene, round));
await clock.sleep(5_000);
const rest = await shareOf(scene.pid, async () => clock.sleep(MEASURED_MS));
const restRss = rssOf(scene.pid);
const printing = await shareOf(scene.pid, async () => print(scene));
console.log(
  [
    `${SESSIONS} sessions`,
    `all continued ${listed(rounds.map(({ allMs }) => allMs))} ms`,
    `daemon's CPU of it ${listed(rounds.map(({ daemonCpuMs }) => daemonCpuMs))} ms`,
    `at rest ${rest} % of a core`,
    `printing ${printing} %`,
    `${restRss} MB RSS at rest, ${rssOf(scene.pid)} MB at the end`,
    `load before ${load}`,
  ].join("; "),
);

/** All work, all are refused at once; from the first refusal written to the last prompt taken. */
async function limit(fleet: Scene, round: number): Promise<Round> {
  const { sessions, pid, tmuxPid } = fleet;
  for (const session of sessions)
    fleet.hook(session, "UserPromptSubmit", {
      prompt: "work",
      prompt_id: `${session.name}-w${round}`,
    });
  await clock.sleep(2_000);
  const before = scene.events.filter(({ type }) => type === "session.continued").length;
  const cpuBefore = [cpuOf(pid), cpuOf(tmuxPid), cpuOfMachine()] as const;
  const beganAt = clock.now();
  for (const session of sessions)
    fleet.hook(session, "StopFailure", {
      error: "rate_limit",
      prompt_id: `${session.name}-w${round}`,
      last_assistant_message: "You've hit your limit",
    });
  const written = clock.now() - beganAt;
  const all = (await fleet.until("session.continued", before + sessions.length)).slice(before);
  const [daemon, tmux, machine] = [
    cpuOf(pid) - cpuBefore[0],
    cpuOf(tmuxPid) - cpuBefore[1],
    cpuOfMachine() - cpuBefore[2],
  ].map(Math.round) as [number, number, number];
  const times = all.map(({ at }) => Date.parse(at) - beganAt).toSorted((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
  console.log(
    `round ${round}: all continued after ${at(1)} ms (half after ${at(0.5)} ms; refusals written in ${written} ms); CPU: daemon ${daemon}, tmux ${tmux}, all else ${machine - daemon - tmux} ms`,
  );
  return { allMs: at(1), daemonCpuMs: daemon };
}

/** Appears in the pane as its program's output does. */
async function print({ panes }: Scene): Promise<void> {
  const ttys = (await panes.listPanes([])).map(({ panePid }) => `/proc/${panePid}/fd/1`);
  const end = clock.monotonic() + MEASURED_MS;
  while (clock.monotonic() < end) {
    const next = clock.monotonic() + 1_000;
    for (const tty of ttys) appendFileSync(tty, "\u001b[4;1Hsomething was done\u001b[2;3H");
    await clock.sleep(Math.max(0, next - clock.monotonic()));
  }
}

/** Percent of a core that a process used while `work` ran. */
async function shareOf(pid: number, work: () => Promise<unknown>): Promise<string> {
  const before = cpuOf(pid);
  const beganAt = clock.monotonic();
  await work();
  return (((cpuOf(pid) - before) * 100) / (clock.monotonic() - beganAt)).toFixed(2);
}

/** The median, the lower of two, and between what it lies. */
function listed(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[Math.floor((sorted.length - 1) / 2)]} (${sorted[0]}–${sorted.at(-1)})`;
}
