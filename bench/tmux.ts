// What talking to tmux costs. `node bench/tmux.ts [panes]`; CF_TEST_TMUX names another tmux.
import { once } from "node:events";
import type { PaneHandle } from "../src/tmux/panes.ts";
import { openTmux, startTmux } from "../test/support/tmux-server.ts";

const PANES = Number(process.argv[2] ?? 100);
const RUNS = 20;

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

const back: number[] = [];
for (let run = 0; run < 5; run++) {
  const reconnected = once(client, "reconnected");
  back.push(await timed(() => Promise.all([client.command(["kill-server"]), reconnected])));
}
report("kill-server to reconnected", median(back), Math.max(...back));
