// Weeks in a while: `node bench/soak.ts [failovers] [seed]` drives stand-in agents into one limit after
// the other and kills clients, the tmux server and the daemon at random moments. One line of figures.
import { systemClock as clock } from "../src/clock.ts";
import { Operator, type Prompted } from "../src/drill/operator.ts";
import { transcriptsOf, typedTexts } from "../src/drill/rehearsal-checks.ts";
import { makeWorld, type World } from "../src/drill/world.ts";
import type { PaneRow } from "../src/tmux/formats.ts";
import { waitForExit } from "../src/tmux/server-process.ts";
import { randomFrom } from "../src/simulate/random.ts";

type Kill = "none" | "daemon" | "client" | "tmux";

const FAILOVERS = Number(process.argv[2] ?? 500);
const numbers = randomFrom(Number(process.argv[3] ?? 1));
const NAMES = ["one", "two", "w-1"];
/** How often of a hundred. */
const KILLS: ReadonlyArray<readonly [Kill, number]> = [
  ["daemon", 25],
  ["client", 25],
  ["tmux", 10],
];
/** Longer than any kill is put off, so that many hit the failover itself. */
const REFUSED_AFTER_MS = 300;
const SPREAD_MS = 900;
const LIMIT_SECONDS = 3;

/** One that dies again and again soon after its start is left alone, as it should be. */
const STABLE_MS = 65_000;
const diedAt = new Map<string, number>();

interface Asked extends Prompted {
  /** Its client was killed with the prompt under way: it may have taken it or not. */
  readonly mayBeLost: boolean;
}

const { signal } = new AbortController();
const asked: Asked[] = [];
const kills: Record<Kill, number> = { none: 0, daemon: 0, client: 0, tmux: 0 };
const beganAt = clock.monotonic();
const world = await makeWorld({
  clock,
  client: { kind: "standIn" },
  path: process.env["PATH"] ?? "",
  accounts: 5,
  dedicated: NAMES.slice(0, 2),
  pool: { prefix: "w-", count: 1 },
});
try {
  await world.startDaemon();
  await settled(new Operator(world, { clock, signal }), "at the start");
  let count = 0;
  for (let round = 1; count < FAILOVERS; round++) {
    await fail(world, round);
    count = (await world.status()).lastSwitchover?.id ?? 0;
    if (round % 20 === 0) process.stderr.write(`${count} failovers\n`);
  }
  console.log(await figures());
} catch (thrown) {
  console.error(thrown);
  process.exitCode = 1;
} finally {
  await world.dispose();
}

/** One limit for everybody, and perhaps a death in the middle of it. */
async function fail({ api, sandbox }: World, round: number): Promise<void> {
  const operator = new Operator(world, { clock, signal });
  const from = (await world.status()).activeAccount ?? "";
  for (const { name } of sandbox.accounts) api.setBehaviour(name, { kind: "answer" });
  const resetsAt = Math.floor(clock.now() / 1000) + LIMIT_SECONDS + 1;
  const next = { kind: "limit", type: "five_hour", resetsAt } as const;
  api.setBehaviour(from, { kind: "slow", ms: REFUSED_AFTER_MS, next });
  await Promise.all(NAMES.map(async (name) => operator.prompt(name, `soak ${round} of ${name}`)));
  const kill = chosen();
  if (kill !== "client") kills[kill] += 1;
  await clock.sleep(numbers.next() * SPREAD_MS);
  const dead = await carryOut(kill);
  asked.push(
    ...operator.prompts.map((each) => ({ ...each, mayBeLost: dead.includes(each.session) })),
  );
  await settled(operator, `after limit ${round} (${kill})`);
}

function chosen(): Kill {
  let left = numbers.next() * 100;
  for (const [kill, share] of KILLS) {
    left -= share;
    if (left < 0) return kill;
  }
  return "none";
}

/** Also the daemon has a session there. */
async function clientPanes(): Promise<PaneRow[]> {
  const rows = await world.panes.listPanes();
  return rows.filter(({ sessionName }) => NAMES.includes(sessionName));
}

function mayDie({ sessionName }: PaneRow): boolean {
  return clock.monotonic() - (diedAt.get(sessionName) ?? -STABLE_MS) >= STABLE_MS;
}

/** Returns the sessions whose clients died. */
async function carryOut(kill: Kill): Promise<readonly string[]> {
  const rows = await clientPanes();
  switch (kill) {
    case "none":
      return [];
    case "daemon":
      await world.killDaemon();
      await world.startDaemon();
      return [];
    case "client": {
      const row = rows.filter(mayDie).at(Math.floor(numbers.next() * rows.length));
      if (row === undefined) return [];
      diedAt.set(row.sessionName, clock.monotonic());
      kills.client += 1;
      if (!row.dead) process.kill(row.panePid, "SIGKILL");
      // Until tmux knows, everything looks as if it were at rest.
      const runs = ({ panePid, dead }: PaneRow): boolean => panePid === row.panePid && !dead;
      while ((await clientPanes()).some(runs)) await clock.sleep(10);
      return [row.sessionName];
    }
    case "tmux": {
      const pid = world.tmuxPid();
      process.kill(pid, "SIGKILL");
      await waitForExit({ pid, timeoutMs: 5_000, clock, signal });
      while ((await clientPanes().catch(() => [])).length < NAMES.length) await clock.sleep(50);
      for (const name of NAMES) diedAt.set(name, clock.monotonic());
      return NAMES;
    }
  }
}

/** Every session is up and at rest, and no switchover is under way. */
async function settled(operator: Operator, when: string): Promise<void> {
  const wait = operator.until(`everything is at rest ${when}`, async () => {
    const { sessions, lastSwitchover, held } = await world.status();
    if (held !== null) throw new Error(`held ${when}: ${held.message}`);
    const isAtRest = NAMES.every((name) =>
      sessions.some((each) => each.name === name && each.state === "idle"),
    );
    // The daemon may not know yet that a client was killed.
    const rows = await clientPanes().catch(() => []);
    const isUp = rows.length === NAMES.length && rows.every(({ dead }) => !dead);
    return isAtRest && isUp && (lastSwitchover === null || lastSwitchover.outcome !== null);
  });
  await wait.catch(async (thrown: unknown) => {
    process.stderr.write(await picture());
    throw thrown;
  });
}

/** What one wants to know about a fleet that does not go on. */
async function picture(): Promise<string> {
  const { sessions, decision, lastSwitchover } = await world.status();
  const screens: string[] = [];
  for (const { sessionName, paneId } of await world.panes.listPanes().catch(() => [])) {
    const lines = await world.panes.capture(paneId, { escapes: false }).catch(() => []);
    screens.push(`--- ${sessionName}`, ...lines.filter((line) => line.trim() !== "").slice(-8));
  }
  const events: string[] = [];
  const stop = AbortSignal.timeout(500);
  try {
    for await (const event of world.events(stop)) events.push(JSON.stringify(event));
  } catch {
    // Its time is over.
  }
  const known = JSON.stringify({ sessions, decision, lastSwitchover }, null, 1);
  return [known, ...screens, ...events.slice(-40), ""].join("\n");
}

async function figures(): Promise<string> {
  const { sessions } = await world.status();
  const { entries } = await world.history();
  const counts = asked.map((each) => ({
    ...each,
    found: typedTexts(world, each.sessionId).filter((typed) => typed === each.text).length,
  }));
  const second = sessions.filter(
    ({ sessionId }) => transcriptsOf(world, sessionId ?? "").length > 1,
  );
  const seconds = Math.round((clock.monotonic() - beganAt) / 1000);
  return [
    `${entries[0]?.id ?? 0} failovers in ${seconds} s`,
    `kills: ${kills.daemon} daemon, ${kills.client} client, ${kills.tmux} tmux`,
    `${asked.length} prompts: ${counts.filter((each) => each.found === 0 && !each.mayBeLost).length} lost`,
    `${counts.filter((each) => each.found > 1).length} doubled`,
    `${second.length} second transcripts`,
    `${entries.filter(({ outcome }) => outcome === null).length} switchovers left open`,
  ].join("; ");
}
