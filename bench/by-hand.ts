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
const HOLD_BACK_MS = 1_500 * COUNT + 4_000;
const LIMIT_SECONDS = 3;
const TRY_AGAIN_MS = 5_000;
/** Ours; by hand once every screen shows the limit; by hand at the very moment of the refusal. */
const WAYS = ["daemon", "seen", "told"] as const;
type Way = (typeof WAYS)[number];
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
  const figures = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
  for (let round = 1; round <= ROUNDS; round++)
    for (const way of WAYS) {
      await idle();
      const from = await activeAccount(operator);
      if (way !== "daemon") await world.killDaemon();
      figures.get(way)?.push(await lastAfter(operator, { from, way, round }));
      if (way !== "daemon") await world.startDaemon();
    }
  const ours = median(figures.get("daemon") ?? []);
  for (const [way, all] of figures)
    console.log(
      `${COUNT} sessions, ${way}: the last went on after ${median(all)} ms (${all.join(", ")}), ours ${(ours / median(all)).toFixed(2)} ×`,
    );
} finally {
  await world.dispose();
}

/** From the moment in which all are refused to the last one's request under another account, ms. */
async function lastAfter(
  operator: Operator,
  { from, way, round }: { from: string; way: Way; round: number },
): Promise<number> {
  const what = `${way} ${round}`;
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
  await clock.sleep(refusedAt - clock.now());
  const moving = way === "daemon" ? null : moveByHand({ from, way, what, left });
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

/** No person and no script would know the moment of the refusal as exactly as `told`. */
async function moveByHand(round: {
  from: string;
  way: Way;
  what: string;
  left: () => string[];
}): Promise<void> {
  const { from, way, what, left } = round;
  const { sandbox, socketName, env } = world;
  const to = sandbox.accounts.find(({ name }) => name !== from);
  if (to === undefined) throw new Error("there is no other account");
  if (way === "seen") await allShowTheLimit(what);
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

/** A person waits for the last one, and sees it at once. */
async function allShowTheLimit(what: string): Promise<void> {
  const waiting = (await world.panes.listPanes()).filter((row) => NAMES.includes(row.sessionName));
  while (waiting.length > 0) {
    for (const row of waiting.slice()) {
      const screen = (await world.panes.capture(row.paneId, { escapes: false })).join("\n");
      const isShown = screen.slice(screen.lastIndexOf(`${what} of`)).includes("hit your");
      if (isShown) waiting.splice(waiting.indexOf(row), 1);
    }
    await clock.sleep(50);
  }
}

function median(of: readonly number[]): number {
  const sorted = of.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
