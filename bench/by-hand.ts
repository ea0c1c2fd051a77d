// Real clients at their limit at once, moved by the daemon and by what a person would write: a link, a
// rename and one tmux command line. `CF_TEST_CLAUDE=… node bench/by-hand.ts [sessions] [rounds]`, after a build.
import { execFile } from "node:child_process";
import { renameSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock as clock } from "../src/clock.ts";
import { Operator } from "../src/drill/operator.ts";
import { makeWorld } from "../src/drill/world.ts";

const COUNT = Number(process.argv[2] ?? 20);
const ROUNDS = Number(process.argv[3] ?? 2);
const command = process.env["CF_TEST_CLAUDE"] ?? "";
if (command === "") throw new Error("CF_TEST_CLAUDE names no client.");

/** Longer than it takes to type a prompt into each session. */
const HOLD_BACK_MS = 800 * COUNT + 4_000;
const LIMIT_SECONDS = 3;
const TRY_AGAIN_MS = 5_000;
const NAMES = Array.from({ length: COUNT }, (_, index) => `ccl-${index + 1}`);

const world = await makeWorld({
  clock,
  client: { kind: "claude", command, args: [] },
  path: process.env["PATH"] ?? "",
  accounts: 3,
  dedicated: NAMES,
  pool: null,
});
try {
  await world.startDaemon();
  const { signal } = new AbortController();
  const operator = new Operator(world, { clock, signal });
  const idle = async (): Promise<void> =>
    operator.until("all sessions are idle", async () => operator.allIdle(NAMES));
  for (const { name } of world.sandbox.accounts) world.api.setBehaviour(name, { kind: "answer" });
  await idle();
  const figures: Record<"daemon" | "byHand", number[]> = { daemon: [], byHand: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    await idle();
    const first = await activeAccount(operator);
    figures.daemon.push(await lastAfter(operator, { from: first, what: `daemon ${round}` }));
    await idle();
    const second = await activeAccount(operator);
    await world.killDaemon();
    const byHand = { from: second, what: `by hand ${round}`, move: moveByHand };
    figures.byHand.push(await lastAfter(operator, byHand));
    await world.startDaemon();
  }
  const [daemon, byHand] = [median(figures.daemon), median(figures.byHand)];
  console.log(
    `${COUNT} sessions, last of them under the next account: daemon ${daemon} ms (${figures.daemon.join(", ")}), by hand ${byHand} ms (${figures.byHand.join(", ")}), ${(daemon / byHand).toFixed(2)} ×`,
  );
} finally {
  await world.dispose();
}

interface Limit {
  readonly from: string;
  readonly what: string;
  /** Moves them by hand; `left` tells which sessions did not go on yet. */
  readonly move?: (from: string, refused: Promise<unknown>, left: () => string[]) => Promise<void>;
}

/** From the moment in which all are refused to the last one's request under another account, ms. */
async function lastAfter(operator: Operator, { from, what, move }: Limit): Promise<number> {
  const { api, sandbox } = world;
  for (const { name } of sandbox.accounts) api.setBehaviour(name, { kind: "answer" });
  const refusedAt = clock.now() + HOLD_BACK_MS;
  const resetsAt = Math.ceil(refusedAt / 1000) + LIMIT_SECONDS;
  const next = { kind: "limit", type: "five_hour", resetsAt } as const;
  api.setBehaviour(from, () => ({ kind: "slow", ms: Math.max(0, refusedAt - clock.now()), next }));
  const serial = api.requests.length;
  await Promise.all(NAMES.map(async (name) => operator.prompt(name, `${what} of ${name}`)));
  if (clock.now() > refusedAt) throw new Error("typing took longer than the limit was held back");
  const nextOf = (name: string) =>
    api.requests
      .slice(serial)
      .find((each) => each.isTurn && each.account !== from && operator.isOf(each.sessionId, name));
  const left = (): string[] => NAMES.filter((name) => nextOf(name) === undefined);
  const moving = move?.(from, clock.sleep(refusedAt - clock.now()), left);
  await operator.until(`${what}: all went on`, async () => Promise.resolve(left().length === 0));
  await moving;
  return Math.round(Math.max(...NAMES.map((name) => nextOf(name)?.at.epochMs ?? 0)) - refusedAt);
}

async function activeAccount(operator: Operator): Promise<string> {
  let active = "";
  await operator.until("another account is free", async () => {
    const { accounts, activeAccount: now } = await world.status();
    active = now ?? "";
    return accounts.some(
      ({ name, limitations }) =>
        name !== active && limitations.every(({ code }) => code !== "exhausted"),
    );
  });
  return active;
}

/** The moment of the refusal is given away; no person and no script would know it as exactly. */
async function moveByHand(
  from: string,
  refused: Promise<unknown>,
  left: () => string[],
): Promise<void> {
  const { sandbox, socketName, env } = world;
  const to = sandbox.accounts.find(({ name }) => name !== from);
  if (to === undefined) throw new Error("there is no other account");
  await refused;
  const now = new Date();
  utimesSync(join(to.home, ".credentials.json"), now, now);
  const beside = `${sandbox.slot}.by-hand`;
  symlinkSync(to.home, beside);
  renameSync(beside, sandbox.slot);
  // Keys that came before a client had drawn its refusal may do nothing: a person would see that.
  for (let tries = 0; tries < 5 && left().length > 0; tries++) {
    const keys = left().flatMap((name) =>
      [["Escape"], ["-l", "continue"], ["Enter"]].flatMap((typed) => [
        "send-keys",
        "-t",
        `=${name}:`,
        ...typed,
        ";",
      ]),
    );
    await promisify(execFile)("tmux", ["-L", socketName, ...keys], { env });
    const end = clock.monotonic() + TRY_AGAIN_MS;
    while (left().length > 0 && clock.monotonic() < end) await clock.sleep(20);
  }
}

function median(of: readonly number[]): number {
  const sorted = of.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
