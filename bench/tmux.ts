// What talking to tmux costs. `node bench/tmux.ts [panes]`; CF_TEST_TMUX names another tmux.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PaneHandle } from "../src/tmux/panes.ts";
import { openTmux, startTmux } from "../test/support/tmux-server.ts";

const PANES = Number(process.argv[2] ?? 100);
const RUNS = 20;
/** Whether panes that print are in the session our client is attached to. */
let link = false;
const HOLD_CLIENT = join(import.meta.dirname, "../test/integration/tmux/programs/hold-client.ts");

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

async function repeat(label: string, what: () => Promise<unknown>, runs = RUNS): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await timed(what));
  report(label, median(times), Math.max(...times));
}

function report(label: string, ms: number, worst = ms): void {
  console.log(`${label.padEnd(60)} ${ms.toFixed(2).padStart(9)} ms  worst ${worst.toFixed(2)}`);
}

/** Runs a program in a new session that prints 20 MB. */
async function printing(): Promise<void> {
  const done = join(tmux.dir, "done");
  const script = `head -c 20000000 /dev/zero | tr '\\0' x | fold -w 190; echo > ${done}; sleep 100000`;
  await tmux.run("new-session", "-d", "-s", "print", "-x", "200", "-y", "50", "sh", "-c", script);
  if (link) await tmux.run("link-window", "-s", "=print:", "-t", "=claude-failover-hub:7");
  while ((await readFile(done).catch(() => null)) === null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await tmux.run("kill-session", "-t", "=print");
  if (link) await tmux.run("unlink-window", "-k", "-t", "=claude-failover-hub:7");
  await rm(done);
}

await using tmux = await startTmux();
report(
  "open, server to be started",
  await timed(async () => (await openTmux(tmux)).client.close()),
);
await repeat(
  "open and close, server running",
  async () => (await openTmux(tmux)).client.close(),
  5,
);

await repeat("a pane prints 20 MB, no client of ours", printing, 5);

await using connected = await openTmux(tmux);
const { client, panes } = connected;
await repeat("one command", () => client.command(["display-message", "-p", "x"]), 200);

const program = { cwd: tmux.dir, env: {}, argv: ["sleep", "100000"] };
const made: PaneHandle[] = [];
const making = await timed(async () => {
  const names = Array.from({ length: PANES }, (_, index) => `s${index}`);
  made.push(...(await Promise.all(names.map((name) => panes.newSession({ name, ...program })))));
});
report(`new session, of ${PANES} at once, each`, making / PANES);
await repeat(`list ${PANES} panes`, () => panes.listPanes());
await repeat(`capture ${PANES} panes`, () =>
  Promise.all(made.map(({ paneId }) => panes.capture(paneId, { escapes: true }))),
);
const respawning = await timed(() =>
  Promise.all(made.map(({ paneId }) => panes.respawn(paneId, { ...program, kill: true }))),
);
report(`respawn, of ${PANES} at once, each`, respawning / PANES);

const [first] = made;
if (first === undefined) throw new Error("no pane");
for (const bytes of [1, 1 << 10, 100 << 10, 1 << 20]) {
  const sink = await panes.respawn(first.paneId, {
    ...program,
    argv: ["sh", "-c", "stty raw -echo; exec cat >/dev/null"],
    kill: true,
  });
  await repeat(`paste ${bytes} bytes`, () => panes.pasteText(sink.paneId, "x".repeat(bytes)));
}

const deaths: number[] = [];
let unknown = 0;
for (let run = 0; run < RUNS; run++) {
  const { paneId, panePid } = await panes.respawn(first.paneId, { ...program, kill: true });
  const start = performance.now();
  process.kill(panePid, "SIGKILL");
  for (;;) {
    const row = (await panes.listPanes()).find((each) => each.paneId === paneId);
    if (row?.dead !== true) continue;
    deaths.push(performance.now() - start);
    if (row.deadStatus === null && row.deadSignal === null) unknown++;
    break;
  }
}
report(`kill to dead in listPanes (${unknown} without its signal yet)`, median(deaths));

await repeat("a pane prints 20 MB, our client connected", printing, 5);
link = true;
await repeat("… linked into the hub", printing, 5);
const holder = spawn(process.execPath, [HOLD_CLIENT, tmux.binary, tmux.socket.name], {
  env: { ...tmux.env },
  stdio: ["ignore", "pipe", "inherit"],
});
await once(holder.stdout, "data");
holder.kill("SIGSTOP");
await repeat("… linked into the hub, another client stopped (SIGSTOP)", printing, 5);
holder.kill("SIGKILL");
await once(holder, "exit");

const back: number[] = [];
for (let run = 0; run < 5; run++) {
  const reconnected = once(client, "reconnected");
  back.push(await timed(() => Promise.all([client.command(["kill-server"]), reconnected])));
}
report("kill-server to reconnected", median(back), Math.max(...back));
