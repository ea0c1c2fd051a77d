// Prompts typed into real clients: how many are lost, said twice or altered.
// `CF_TEST_CLAUDE=… node bench/delivery.ts [method] [deliveries] [sessions] [seed] [turns]`
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseHook } from "../src/claude/hooks.ts";
import { sessionEnv } from "../src/claude/launch.ts";
import { isSamePrompt } from "../src/claude/prompt-text.ts";
import { systemClock } from "../src/clock.ts";
import { Deliveries } from "../src/sessions/deliver.ts";
import { Receipts } from "../src/sessions/receipts.ts";
import { watchSpool } from "../src/sessions/spool.ts";
import { startSession } from "../src/sessions/start.ts";
import type { Lab } from "../test/support/agent-lab.ts";
import { inLab } from "../test/support/agent-lab.ts";
import { openTmux } from "../test/support/tmux-server.ts";
import { methodNamed } from "./delivery-methods.ts";
import { madeUpText, numbers } from "./delivery-texts.ts";

const [METHOD = "ours", COUNT = "100", SESSIONS = "4", SEED = "1", TURNS = "short"] =
  process.argv.slice(2);
const TURN_END_MS = 20_000;
const COPY_MODE_SHARE = 0.1;

interface Sent {
  readonly text: string;
  readonly believed: boolean;
  readonly ms: number;
}

/** What one session was sent and what its client told by its hook that it took. */
interface Hand {
  readonly name: string;
  readonly paneId: string;
  readonly sent: Sent[];
  readonly taken: string[];
  state: "working" | "starting" | "ready";
}

const command = process.env["CF_TEST_CLAUDE"] ?? "";
if (command === "") throw new Error("CF_TEST_CLAUDE names no client.");
await inLab(command, measure);

async function measure(lab: Lab): Promise<void> {
  await using connected = await openTmux(lab.tmux);
  const { panes, client } = connected;
  const { box, api } = lab;
  // A turn that takes a while, so that the next text meets it.
  if (TURNS === "long") api.setBehaviour("*", { kind: "answer", durationMs: 400 });
  const hands = new Map<string, Hand>();
  const receipts = new Receipts();
  const typed = new Map<string, string>();
  const deliveries = new Deliveries({
    panes,
    receipts,
    clock: systemClock,
    random: Math.random,
    typed: {
      get: (session) => typed.get(session) ?? null,
      set: async (session, text) => {
        if (text === null) typed.delete(session);
        else typed.set(session, text);
        return Promise.resolve();
      },
    },
    askTranscript: async () => Promise.resolve(),
    stateOf: (session) => hands.get(session)?.state ?? "ready",
  });
  const dirs = { settingsDir: join(box.root, "settings"), spoolDir: join(box.root, "spool") };
  for (const dir of Object.values(dirs)) mkdirSync(dir, { mode: 0o700 });
  using _spool = watchSpool({
    dir: dirs.spoolDir,
    now: () => systemClock.now(),
    onError: (error) => console.error(error),
    onHooks: (hooks) => {
      for (const { session, payload, at } of hooks) {
        const hand = hands.get(session);
        const signal = parseHook(payload, at);
        if (hand === undefined || signal === null) continue;
        if (signal.kind === "sessionStarted" || signal.kind === "turnEnded") hand.state = "ready";
        if (signal.kind !== "promptSubmitted") continue;
        hand.state = "working";
        hand.taken.push(signal.prompt);
        const { prompt: text, promptId } = signal;
        receipts.add({ session, text, promptId, channel: "hook", at });
      }
    },
  });
  const own = box.env({ baseUrl: api.url });
  const env = sessionEnv({
    path: own["PATH"] ?? "",
    home: box.home,
    slot: box.slot,
    keepsAll: false,
    extra: {},
  });
  for (let index = 0; index < Number(SESSIONS); index++) {
    const name = `s${index}`;
    const started = await startSession(
      {
        kind: "create",
        session: {
          name,
          kind: "pool",
          cwd: box.projectDir,
          args: [],
          sessionId: randomUUID(),
          strategy: "auto",
          slot: "shared",
        },
      },
      {
        ...dirs,
        panes,
        command,
        env: () => ({ ...own, ...env }),
        slotPath: () => box.slot,
        projectsDir: join(box.home, ".claude-projects-shared"),
        knownId: () => null,
        permissionMode: () => null,
      },
    );
    if (started.kind !== "started") throw new Error(started.why);
    const { paneId } = started.pane;
    hands.set(name, { name, paneId, sent: [], taken: [], state: "starting" });
    // One of them in a pane of 20 columns.
    if (index === 1) await client.command(["resize-window", "-t", paneId, "-x", "20", "-y", "50"]);
  }
  const method = methodNamed(METHOD, { deliveries, panes, client });
  const random = numbers(Number(SEED));
  const longest = Math.floor(Number(COUNT) / 2);
  const texts = Array.from({ length: Number(COUNT) }, (_, index) =>
    madeUpText(index, random, index === longest),
  );
  const beganAt = performance.now();
  await Promise.all(
    [...hands.values()].map(async (hand, index) => {
      // Other methods know of no start: they get a client that is up.
      while (METHOD !== "ours" && hand.state === "starting") await delay(50);
      if (METHOD !== "ours") await delay(1_000);
      for (const text of texts.filter((_, at) => at % hands.size === index)) {
        if (random() < COPY_MODE_SHARE) await client.command(["copy-mode", "-t", hand.paneId]);
        const start = performance.now();
        const believed = await method({ session: hand.name, paneId: hand.paneId, text });
        hand.sent.push({ text, believed, ms: performance.now() - start });
        const end = performance.now() + TURN_END_MS;
        // With long turns the next text comes while this one's turn still runs.
        if (TURNS === "short") await delay(20);
        while (TURNS === "short" && hand.state !== "ready" && performance.now() < end)
          await delay(10);
      }
    }),
  );
  await delay(2_000);
  report([...hands.values()], (performance.now() - beganAt) / 1_000);
}

function report(hands: readonly Hand[], seconds: number): void {
  const sent = hands.flatMap((hand) =>
    hand.sent.map((each) => ({
      ...each,
      same: hand.taken.filter((taken) => isSamePrompt(taken, each.text)).length,
    })),
  );
  const foreign = hands.flatMap((hand) =>
    hand.taken.filter((taken) => !hand.sent.some(({ text }) => isSamePrompt(taken, text))),
  );
  const lost = sent.filter(({ same }) => same === 0);
  const twice = sent.filter(({ same }) => same > 1);
  const wrong = sent.filter(({ believed, same }) => believed !== same > 0);
  const times = sent.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0);
  const bytes = sent.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  console.log(
    `${METHOD}, ${TURNS} turns: ${sent.length} texts (${(bytes / 1e6).toFixed(1)} MB) into ${hands.length} sessions in ${seconds.toFixed(0)} s: ` +
      `${lost.length} not taken as they were, ${twice.length} twice, ${foreign.length} altered or mixed, ` +
      `${wrong.length} wrongly reported; ${at(0.5)} ms median, ${at(0.99)} ms p99`,
  );
  for (const { text, believed } of lost.slice(0, 5))
    console.log(
      `  not taken${believed ? ", believed" : ""}: ${JSON.stringify(text.slice(0, 60))} (${text.length})`,
    );
  for (const taken of foreign.slice(0, 5))
    console.log(`  altered: ${JSON.stringify(taken.slice(0, 100))} (${taken.length})`);
}
