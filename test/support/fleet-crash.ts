import { systemClock } from "../../src/clock.ts";
import { Operator } from "../../src/drill/operator.ts";
import { transcriptsOf, typedTexts } from "../../src/drill/rehearsal-checks.ts";
import { makeWorld, type DrillClient, type World } from "../../src/drill/world.ts";

const NAMES = ["one", "two", "w-1"];

/** What a matrix of kills left behind; empty lists are what everybody wants. */
export interface CrashFigures {
  readonly kills: number;
  readonly wrongPrompts: readonly string[];
  /** Sessions that were told to continue more often than they were refused. */
  readonly doubledNudges: readonly string[];
  readonly secondTranscripts: readonly string[];
  readonly held: readonly string[];
  readonly openSwitchovers: number;
  /** Accounts that the fleet was moved away from without having been refused by them. */
  readonly wastedAccounts: readonly string[];
  readonly strays: readonly string[];
}

/** The figures of a matrix in which nothing was lost. */
export function nothingLost(kills: number): CrashFigures {
  return {
    kills,
    wrongPrompts: [],
    doubledNudges: [],
    secondTranscripts: [],
    held: [],
    openSwitchovers: 0,
    wastedAccounts: [],
    strays: [],
  };
}

/**
 * Drives a fleet into one limit after the other and kills the daemon (SIGKILL) at a random moment of
 * each failover. A new daemon must finish or undo it, and every session must go on.
 */
export async function killDuringFailovers(options: {
  client: DrillClient;
  kills: number;
  /** A number in [0, 1) per call; decides when each kill comes. */
  random: () => number;
  /** The longest a kill may come after the prompts were sent, ms. */
  spreadMs: number;
}): Promise<CrashFigures> {
  const { client, kills, random, spreadMs } = options;
  const signal = new AbortController().signal;
  const world = await makeWorld({
    clock: systemClock,
    client,
    path: process.env["PATH"] ?? "",
    accounts: kills + 1,
    dedicated: NAMES.slice(0, 2),
    pool: { prefix: "w-", count: 1 },
  });
  try {
    const operator = new Operator(world, { clock: systemClock, signal });
    for (const { name } of world.sandbox.accounts) world.api.setBehaviour(name, { kind: "answer" });
    await world.startDaemon();
    await operator.until("all clients are up", async () => operator.allIdle(NAMES));
    for (let kill = 1; kill <= kills; kill++)
      await killOnce({ world, operator, kill, afterMs: random() * spreadMs });
    return await figures(world, operator, kills);
  } finally {
    await world.dispose();
  }
}

async function killOnce(options: {
  world: World;
  operator: Operator;
  kill: number;
  afterMs: number;
}): Promise<void> {
  const { world, operator, kill, afterMs } = options;
  const from = (await world.status()).activeAccount ?? "";
  const resetsAt = Math.floor(systemClock.now() / 1000) + 7_200;
  world.api.setBehaviour(from, { kind: "limit", type: "five_hour", resetsAt });
  const serial = world.api.requests.length;
  await Promise.all(NAMES.map(async (name) => operator.prompt(name, `task ${kill} of ${name}`)));
  await systemClock.sleep(afterMs);
  await world.killDaemon();
  await world.startDaemon();
  const wait = operator.until(`everybody went on after kill ${kill}`, async () => {
    const news = world.api.requests.slice(serial);
    const moved = NAMES.every((name) =>
      news.some((each) => each.account !== from && operator.isOf(each.sessionId, name)),
    );
    return moved && (await operator.allIdle(NAMES));
  });
  await wait.catch(async (thrown: unknown) => {
    process.stderr.write(await picture(world, afterMs));
    throw thrown;
  });
}

/** Everything one wants to know about a fleet that does not go on. */
async function picture(world: World, afterMs: number): Promise<string> {
  const rows = await world.panes.listPanes();
  const screens = await Promise.all(
    rows.map(async ({ sessionName, paneId }) => {
      const lines = await world.panes.capture(paneId, { escapes: false });
      return [`--- ${sessionName}`, ...lines.filter((line) => line.trim() !== "").slice(-8)];
    }),
  );
  const events: string[] = [];
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 500);
  try {
    for await (const event of world.events(stop.signal)) events.push(JSON.stringify(event));
  } catch {
    // Stopped.
  }
  clearTimeout(timer);
  const status = JSON.stringify(await world.status(), null, 1);
  return [`killed after ${afterMs} ms`, status, ...screens.flat(), ...events.slice(-60), ""].join(
    "\n",
  );
}

async function figures(world: World, operator: Operator, kills: number): Promise<CrashFigures> {
  const sessions = await operator.sessions();
  const { held } = await world.status();
  const { entries } = await world.history();
  const { readdir } = await import("node:fs/promises");
  const names = await readdir(world.sandbox.home);
  return {
    kills,
    wrongPrompts: operator.prompts.flatMap(({ session, sessionId, text }) => {
      const count = typedTexts(world, sessionId).filter((typed) => typed === text).length;
      return count === 1 ? [] : [`${session}: "${text}" ${count} times`];
    }),
    doubledNudges: sessions.flatMap(({ name, sessionId }) => {
      const nudges = typedTexts(world, sessionId ?? "").filter((typed) => typed === "continue");
      const refused = world.api.requests.filter(
        (each) => each.isTurn && each.behaviour === "limit" && each.sessionId === sessionId,
      );
      return nudges.length <= refused.length ? [] : [`${name}: ${nudges.length} nudges`];
    }),
    secondTranscripts: sessions.flatMap(({ sessionId }) => {
      const found = transcriptsOf(world, sessionId ?? "");
      return found.length === 1 ? [] : found;
    }),
    held: held === null ? [] : [held.message],
    openSwitchovers: entries.filter((entry) => entry.outcome === null).length,
    wastedAccounts: entries.flatMap(({ from, outcome }) => {
      const isRefused = world.api.requests.some(
        ({ account, behaviour }) => account === from && behaviour === "limit",
      );
      return outcome === "committed" && !isRefused ? [from] : [];
    }),
    strays: names.filter((name) => name.includes("cf-flip") || name.endsWith(".tmp")),
  };
}
