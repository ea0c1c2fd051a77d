// How a fleet scales. `npm run build && node bench/fleet/fleet.ts [sessions] [rounds]`: mini clients in
// real panes, all refused at once; then the daemon at rest, and with every pane printing a line a second.
import { appendFileSync, readFileSync } from "node:fs";
import { systemClock as clock } from "../../src/clock.ts";
import { makeScene, type Scene } from "./scene.ts";

const SESSIONS = Number(process.argv[2] ?? 100);
const ROUNDS = Number(process.argv[3] ?? 3);
const MEASURED_MS = 10_000;

await using scene = await makeScene(SESSIONS, ROUNDS + 1);
console.log(`${SESSIONS} sessions adopted, ${rssOf(scene.pid)} MB RSS`);
for (let round = 1; round <= ROUNDS; round++) await limit(scene, round);
await clock.sleep(3_000);
const idle = await cpuOf(scene.pid, async () => clock.sleep(MEASURED_MS));
console.log(`at rest: ${idle.toFixed(2)} % of a core, ${rssOf(scene.pid)} MB RSS`);
const printing = await cpuOf(scene.pid, async () => print(scene));
console.log(`a line a second in each pane: ${printing.toFixed(2)} % of a core`);

/** All work, all are refused at once; from the first refusal written to the last prompt taken. */
async function limit(fleet: Scene, round: number): Promise<void> {
  const { sessions } = fleet;
  for (const session of sessions)
    fleet.hook(session, "UserPromptSubmit", {
      prompt: "work",
      prompt_id: `${session.name}-w${round}`,
    });
  await clock.sleep(2_000);
  const before = scene.events.filter(({ type }) => type === "session.continued").length;
  const beganAt = clock.now();
  for (const session of sessions)
    fleet.hook(session, "StopFailure", {
      error: "rate_limit",
      prompt_id: `${session.name}-w${round}`,
      last_assistant_message: "You've hit your limit",
    });
  const written = clock.now() - beganAt;
  const all = (await fleet.until("session.continued", before + sessions.length)).slice(before);
  const times = all.map(({ at }) => Date.parse(at) - beganAt).toSorted((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
  console.log(
    `round ${round}: all continued after ${at(1)} ms (half after ${at(0.5)} ms; refusals written in ${written} ms)`,
  );
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
async function cpuOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = ticksOf(pid);
  const beganAt = clock.monotonic();
  await work();
  return ((ticksOf(pid) - before) * 10 * 100) / (clock.monotonic() - beganAt);
}

/** User and system time in hundredths of a second. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function rssOf(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb) / 1024);
}
