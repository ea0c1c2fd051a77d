// The daemon's own share of moving one session by ending its client and resuming it elsewhere.
// `node bench/relaunch.ts [rounds]`, after a build: a stand-in agent runs into a limit again and again. What
// the client takes is taken off: to write its rows and to end, and from its process's start to its word that
// it is up.
import { readFileSync } from "node:fs";
import { systemClock as clock } from "../src/clock.ts";
import { Operator } from "../src/drill/operator.ts";
import { makeWorld } from "../src/drill/world.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const NAME = "one";

const world = await makeWorld({
  clock,
  client: { kind: "standIn" },
  path: process.env["PATH"] ?? "",
  accounts: ROUNDS + 1,
  dedicated: [NAME],
  pool: null,
  strategy: "relaunch",
});
const stop = new AbortController();
try {
  await world.startDaemon();
  const operator = new Operator(world, { clock, signal: stop.signal });
  const idle = async (): Promise<void> =>
    operator.until("the session is idle", async () => operator.allIdle([NAME]));
  const events = gather(stop.signal);
  const shares: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    await idle();
    const from = (await world.status()).activeAccount ?? "";
    const resetsAt = Math.floor(clock.now() / 1000) + 7_200;
    world.api.setBehaviour(from, { kind: "limit", type: "five_hour", resetsAt });
    const before = events.length;
    await operator.prompt(NAME, `round ${round}`);
    const told = (type: string) => events.slice(before).find((each) => each.type === type);
    await operator.until(`round ${round} goes on`, async () =>
      Promise.resolve(told("session.continued") !== undefined),
    );
    const share = shareOf(told);
    shares.push(share.daemonMs);
    console.log(`round ${round}: ${JSON.stringify(share)}`);
  }
  const median = shares.toSorted((a, b) => a - b)[Math.floor(shares.length / 2)];
  console.log(`${ROUNDS} relaunches: the daemon's share ${median} ms (${shares.join(", ")})`);
} finally {
  stop.abort();
  await world.dispose();
}

interface Told {
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
}

function gather(signal: AbortSignal): Told[] {
  const events: Told[] = [];
  void (async () => {
    for await (const event of world.events(signal)) events.push(event);
  })().catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown;
  });
  return events;
}

/** All in milliseconds: from the refusal to the text typed, what of it was the client's, and ours. */
function shareOf(told: (type: string) => Told | undefined) {
  const relaunched = fieldsOf(told("session.relaunched"));
  const typedMs = Number(fieldsOf(told("session.continued"))["typedAfterMs"]);
  const upAt = Date.parse(told("session.started")?.at ?? "");
  const startMs = Math.round(upAt - startedAt(Number(relaunched["pid"])));
  const endMs = Number(relaunched["endedMs"]);
  return { typedMs, endMs, startMs, daemonMs: Math.round(typedMs - endMs - startMs) };
}

function fieldsOf(event: Told | undefined): Record<string, unknown> {
  return { ...(event?.data as object | undefined) };
}

/** When a process began, epoch ms, as exactly as the kernel's ticks of 10 ms tell. */
function startedAt(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return clock.now() - uptime * 1000 + ticks * 10;
}
