// Whether our client slows a pane that prints. `node bench/tmux-throughput.ts [rounds]`. The cases
// take turns, because the machine's load changes more than they differ.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { openTmux, startTmux } from "../test/support/tmux-server.ts";

const ROUNDS = Number(process.argv[2] ?? 8);
const HOLD_CLIENT = join(import.meta.dirname, "../test/integration/tmux/programs/hold-client.ts");
const HUB_WINDOW = "=claude-failover-hub:7";

await using tmux = await startTmux();
const times = new Map<string, number[]>();

/** Runs a program in a new session that prints 20 MB, also shown in the hub if `linked`. */
async function measure(label: string, linked: boolean): Promise<void> {
  const done = join(tmux.dir, "done");
  const script = `head -c 20000000 /dev/zero | tr '\\0' x | fold -w 190; echo > ${done}; sleep 1000`;
  const start = performance.now();
  await tmux.run("new-session", "-d", "-s", "print", "-x", "200", "-y", "50", "sh", "-c", script);
  if (linked) await tmux.run("link-window", "-s", "=print:", "-t", HUB_WINDOW);
  while ((await readFile(done).catch(() => null)) === null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  times.set(label, [...(times.get(label) ?? []), performance.now() - start]);
  await tmux.run("kill-session", "-t", "=print");
  if (linked) await tmux.run("unlink-window", "-k", "-t", HUB_WINDOW);
  await rm(done);
}

await tmux.run("new-session", "-d", "-s", "keep", "sleep", "100000");
for (let round = 0; round < ROUNDS; round++) {
  await measure("no client of ours", false);
  const connected = await openTmux(tmux);
  await measure("our client connected", false);
  await measure("our client connected, pane linked into the hub", true);
  await connected.client.close();

  const holder = spawn(process.execPath, [HOLD_CLIENT, tmux.binary, tmux.socket.name], {
    env: { ...tmux.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  holder.kill("SIGSTOP");
  await measure("our process stopped, pane linked into the hub", true);
  holder.kill("SIGKILL");
  await once(holder, "exit");
}
for (const [label, values] of times) {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const range = `${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}`;
  console.log(`${label.padEnd(50)} ${median.toFixed(0).padStart(6)} ms for 20 MB (${range})`);
}
