// Whether every task is done once whatever dies: `node bench/dispatch-chaos.ts [tasks] [sessions]
// [seed] [minutes]` (24, 6, 1 and 10 without them). Stand-in agents work while the daemon, clients and
// the tmux server are killed with SIGKILL at random and accounts meet their limits; one line of figures
// at the end. Exit status 1 when a prompt is lost, doubled or in a dedicated
// session, or the time was too short.
import { setTimeout as delay } from "node:timers/promises";
import { randomFrom } from "../src/simulate/random.ts";
import { hour } from "../test/support/daemon-limit.ts";
import type { Running } from "../test/support/daemon-process.ts";
import { dispatchRig, type DispatchRig } from "../test/support/dispatch-rig.ts";

const [TASKS = 24, SESSIONS = 6, SEED = 1, MINUTES = 10] = process.argv.slice(2).map(Number);
const ACCOUNTS = ["compte1", "compte2", "compte3"];
/** Tasks that are named below the figures, of those that were not done once. */
const MOST_SHOWN = 20;
/** What an answer takes: a run of few tasks is to last for several deaths as well. */
const durationMs = Math.max(300, (12_000 * SESSIONS) / TASKS);
const OVER = ["done", "failed", "cancelled"];
const numbers = randomFrom(SEED);
const random = (): number => numbers.next();
const began = performance.now();
const counts = { daemon: 0, client: 0, tmux: 0, limit: 0 };

await using rig = await dispatchRig({
  accounts: ACCOUNTS.length,
  sessions: ["mine"],
  pool: { min: SESSIONS, max: SESSIONS },
});
rig.api.setBehaviour("*", { kind: "answer", durationMs });
let daemon = await rig.startDaemon();
for (let each = 1; each <= TASKS; each++) rig.drop(`t${each}.md`, `${textOf(each)}\n`);
const end = performance.now() + MINUTES * 60_000;
while (performance.now() < end) {
  await delay(1_000 + random() * 3_000);
  const left = await leftOver(rig);
  if (left === 0) break;
  if (left !== null || isGone(daemon)) daemon = await harm(rig, daemon);
}
// What was killed last comes back, and rows are flushed after their hooks.
await delay(3_000);
process.exitCode = await report(rig);
daemon.kill("SIGTERM");
await daemon.closed;

function textOf(task: number): string {
  return `Task no. ${task} of all.`;
}

/** How many are not over; null where the daemon does not answer now. */
async function leftOver(of: DispatchRig): Promise<number | null> {
  const tasks = await of.tasks().catch(() => null);
  return tasks === null ? null : TASKS - tasks.filter(({ state }) => OVER.includes(state)).length;
}

function isGone({ pid }: Running): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** One thing dies, or one account is spent for a while. Returns the daemon that runs then. */
async function harm(of: DispatchRig, running: Running): Promise<Running> {
  const dice = random();
  if (isGone(running) || dice < 0.35) {
    if (!isGone(running)) counts.daemon += 1;
    running.kill("SIGKILL");
    await running.closed;
    return of.startDaemon();
  }
  if (dice < 0.75) await killClient(of);
  else if (dice < 0.85) await killTmux(of);
  else {
    const account = ACCOUNTS[Math.floor(random() * ACCOUNTS.length)] ?? "compte1";
    counts.limit += 1;
    of.api.setBehaviour(account, hour(15));
    setTimeout(() => of.api.setBehaviour(account, { kind: "answer", durationMs }), 15_000).unref();
  }
  return running;
}

async function killClient(of: DispatchRig): Promise<void> {
  const status = await of.status().catch(() => null);
  const pids =
    status?.sessions.flatMap(({ kind, pid }) => (kind === "pool" ? (pid ?? []) : [])) ?? [];
  const pid = pids[Math.floor(random() * pids.length)];
  if (pid !== undefined && kill(pid)) counts.client += 1;
}

async function killTmux(of: DispatchRig): Promise<void> {
  const pid = Number(await of.tmux("display-message", "-p", "#{pid}").catch(() => "0"));
  if (pid > 0 && kill(pid)) counts.tmux += 1;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Prints the line; the exit status. */
async function report(of: DispatchRig): Promise<number> {
  const tasks = await of.tasks();
  const prompts = of.prompts();
  const mine = (await of.status()).sessions.find(({ name }) => name === "mine")?.sessionId;
  const wanted = new Map(tasks.map((task) => [textOf(Number(task.name?.slice(1))), task]));
  const times = new Map([...wanted.keys()].map((text) => [text, 0]));
  for (const { text } of prompts) {
    const before = times.get(text);
    if (before !== undefined) times.set(text, before + 1);
  }
  const of_ = (is: (count: number, state: string, reason: string | null) => boolean): number =>
    [...wanted].filter(([text, { state, reason }]) => is(times.get(text) ?? 0, state, reason))
      .length;
  const told = of_((_count, state, reason) => state === "failed" && reason !== null);
  const once = of_((count, state) => state === "done" && count === 1);
  const twice = of_((count) => count > 1);
  const open = of_((_count, state) => !OVER.includes(state)) + TASKS - wanted.size;
  const lost = TASKS - open - told - of_((count, state) => state === "done" && count > 0);
  const dedicated = prompts.filter(({ sessionId, text }) => sessionId === mine && times.has(text));
  const seconds = Math.round((performance.now() - began) / 1_000);
  const { daemon: daemons, client, tmux, limit } = counts;
  console.log(
    `${TASKS} tasks, ${SESSIONS} sessions, seed ${SEED}, ${seconds} s; killed ${daemons} daemons, ${client} clients, ${tmux} tmux servers, ${limit} limits: ${once} done once, ${told} failed with a reason, ${twice} twice, ${lost} lost, ${open} not over when the time was up, ${dedicated.length} in a dedicated session`,
  );
  const odd = [...wanted].filter(([text, { state }]) => state !== "done" || times.get(text) !== 1);
  for (const [text, { state, reason }] of odd.slice(0, MOST_SHOWN))
    console.log(`  ${text} ${state}, ${times.get(text)} times: ${reason}`);
  return twice + lost + open + dedicated.length === 0 ? 0 : 1;
}
