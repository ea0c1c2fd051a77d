// The tmux server is killed under a fleet: `[CF_TEST_CLAUDE=…] node bench/server-death.ts [sessions]
// [rounds] [signal]`, after `npm run build`. Half of the sessions are in the middle of a turn. One line a round.
import type { EventJson } from "../src/api/contract.ts";
import { systemClock as clock } from "../src/clock.ts";
import { Operator } from "../src/drill/operator.ts";
import { transcriptsOf, typedTexts } from "../src/drill/rehearsal-checks.ts";
import { makeWorld } from "../src/drill/world.ts";
import { waitForExit } from "../src/tmux/server-process.ts";

const SESSIONS = Number(process.argv[2] ?? 20);
const ROUNDS = Number(process.argv[3] ?? 3);
const SIGNAL = process.argv[4] === "SIGTERM" ? "SIGTERM" : "SIGKILL";
/** Longer than all of them take to be asked. */
const LONG_TURN_MS = 120_000;

const command = process.env["CF_TEST_CLAUDE"];
const names = Array.from({ length: SESSIONS }, (_, index) => `s-${index + 1}`);
const { signal } = new AbortController();
const world = await makeWorld({
  clock,
  client: command === undefined ? { kind: "standIn" } : { kind: "claude", command, args: [] },
  path: process.env["PATH"] ?? "",
  accounts: 2,
  dedicated: names,
  pool: null,
});
const events: EventJson[] = [];
try {
  await world.startDaemon();
  void follow();
  await atRest("at the start");
  for (let round = 1; round <= ROUNDS; round++) console.log(await die(round));
} catch (thrown) {
  console.error(thrown, (await world.status()).sessions);
  process.exitCode = 1;
} finally {
  await world.dispose();
}

async function follow(): Promise<void> {
  try {
    for await (const event of world.events(signal)) events.push(event);
  } catch {
    // The daemon has ended.
  }
}

async function atRest(when: string): Promise<void> {
  const operator = new Operator(world, { clock, signal });
  await operator.until(`all are idle ${when}`, async () => operator.allIdle(names));
}

async function die(round: number): Promise<string> {
  const idsBefore = await sessionIds();
  await ask(`before ${round}`, () => true);
  await atRest(`before death ${round}`);
  const working = names.filter((_, index) => index % 2 === 0);
  world.api.setBehaviour("compte1", { kind: "slow", ms: LONG_TURN_MS });
  await ask(`cut off ${round}`, (name) => working.includes(name));
  world.api.setBehaviour("compte1", { kind: "answer" });
  const pid = world.tmuxPid();
  const serial = events.length;
  const killedAt = clock.now();
  process.kill(pid, SIGNAL);
  await waitForExit({ pid, timeoutMs: 10_000, clock, signal });
  const up = (): readonly EventJson[] =>
    events.slice(serial).filter(({ type }) => type === "session.started");
  const operator = new Operator(world, { clock, signal });
  await operator.until("every client says that it is up", async () =>
    Promise.resolve(new Set(up().map(({ data }) => nameOf(data))).size === SESSIONS),
  );
  await atRest(`after death ${round}`);
  const restedMs = clock.now() - killedAt;
  await ask(`after ${round}`, () => true);
  await atRest(`at the end of round ${round}`);
  return figures(round, {
    idsBefore,
    times: up().map(({ at }) => Date.parse(at) - killedAt),
    restedMs,
  });
}

/** Types a prompt of its own into each of them, side by side. */
async function ask(what: string, isMeant: (name: string) => boolean): Promise<void> {
  const operator = new Operator(world, { clock, signal });
  await Promise.all(
    names.filter(isMeant).map(async (name) => operator.prompt(name, `${what} of ${name}`)),
  );
}

async function sessionIds(): Promise<ReadonlyMap<string, string | null>> {
  const { sessions } = await world.status();
  return new Map(sessions.map(({ name, sessionId }) => [name, sessionId]));
}

async function figures(
  round: number,
  told: { idsBefore: ReadonlyMap<string, string | null>; times: number[]; restedMs: number },
): Promise<string> {
  const ids = await sessionIds();
  const times = told.times.toSorted((a, b) => a - b);
  const other = names.filter((name) => ids.get(name) !== told.idsBefore.get(name));
  const without = names.filter((name) => {
    const [before, after] = [`before ${round} of ${name}`, `after ${round} of ${name}`].map(
      (text) => world.api.requests.find((each) => each.isTurn && each.promptText === text),
    );
    return (after?.messageCount ?? 0) <= (before?.messageCount ?? 0);
  });
  const typed = names.flatMap((name) => typedTexts(world, ids.get(name) ?? ""));
  const files = names.filter((name) => transcriptsOf(world, ids.get(name) ?? "").length !== 1);
  const wanted = names.flatMap((name, index) =>
    ["before", "after", ...(index % 2 === 0 ? ["cut off"] : [])].map(
      (what) => `${what} ${round} of ${name}`,
    ),
  );
  const count = (text: string): number => typed.filter((each) => each === text).length;
  const dead = events.filter(({ type }) => type === "session.crashLoop").length;
  return [
    `round ${round}: tmux server of ${SESSIONS} sessions ended by ${SIGNAL}`,
    `back after ${times[0] ?? 0} ms (first), ${times[Math.floor(times.length / 2)] ?? 0} ms (half), ${times.at(-1) ?? 0} ms (all)`,
    `all at rest after ${told.restedMs} ms`,
    `${times.length - SESSIONS} started twice`,
    `${other.length} with another conversation, ${without.length} without what was said before`,
    `${wanted.filter((text) => count(text) === 0).length} prompts lost, ${wanted.filter((text) => count(text) > 1).length} doubled`,
    `${files.length} with another number of transcripts than one`,
    `${dead} crash loops`,
  ].join("; ");
}

function nameOf(data: unknown): string {
  const session = (data as { session?: unknown }).session;
  return typeof session === "string" ? session : "";
}
