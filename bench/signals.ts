// What noticing costs: `node bench/signals.ts`. The status line's added time, finding limits at start
// in a transcripts folder of 100 MB, and following 1,000 transcripts in which nothing happens.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sessionSettings } from "../src/claude/launch.ts";
import { keepOwnStatusLine } from "../src/claude/status-line-command.ts";
import { watchTranscripts } from "../src/claude/transcript-watcher.ts";
import { Fleet } from "../src/daemon/fleet.ts";
import { Intake } from "../src/daemon/intake.ts";
import { reconcileTranscripts } from "../src/daemon/reconcile.ts";
import { systemClock } from "../src/clock.ts";
import { Receipts } from "../src/sessions/receipts.ts";
import { openStore } from "../src/store/store.ts";

const TRANSCRIPTS = 1_000;
const TRANSCRIPT_BYTES = 100_000;
const IDLE_MS = 20_000;

const root = mkdtempSync(join(tmpdir(), "cf-bench-signals-"));
try {
  statusLine();
  const ids = writeTranscripts(join(root, "projects"));
  reconcile(ids);
  await watchIdle();
} finally {
  rmSync(root, { recursive: true, force: true });
}

function report(label: string, figure: string): void {
  console.log(`${label.padEnd(60)} ${figure}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The same command by itself and within ours, in turn, as the client runs it. */
function statusLine(): void {
  const own = "read -r all; echo mine";
  const folder = (name: string): string => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  const places = { session: "a", spoolDir: folder("spool"), settingsDir: folder("settings") };
  const slot = folder("slot");
  writeFileSync(
    join(slot, "settings.json"),
    JSON.stringify({ statusLine: { type: "command", command: own } }),
  );
  keepOwnStatusLine({ ...places, slot, cwd: root });
  const { statusLine: ours } = sessionSettings(places) as { statusLine: { command: string } };
  const input = `${JSON.stringify({ session_id: "x", filler: "y".repeat(3_000) })}\n`;
  const timed = (command: string): number => {
    const start = performance.now();
    spawnSync("/bin/sh", ["-c", command], { input });
    return performance.now() - start;
  };
  const [alone, wrapped]: [number[], number[]] = [[], []];
  for (let run = 0; run < 300; run++) {
    alone.push(timed(own));
    wrapped.push(timed(ours.command));
  }
  const added = median(wrapped) - median(alone);
  const p95 = (values: number[]): number => values.toSorted((a, b) => a - b)[285] ?? 0;
  report(
    "status line: added to the operator's own",
    `${added.toFixed(2)} ms (alone ${median(alone).toFixed(2)}, p95 ${p95(wrapped).toFixed(2)} within ours)`,
  );
}

/** Every transcript ends with a limit. */
function writeTranscripts(projectsDir: string): string[] {
  const base = { isSidechain: false, timestamp: new Date().toISOString(), cwd: "/p" };
  return Array.from({ length: TRANSCRIPTS }, (_, index) => {
    const sessionId = randomUUID();
    const folder = join(projectsDir, `-p-${index % 20}`);
    mkdirSync(folder, { recursive: true });
    const row = (fields: object): string =>
      `${JSON.stringify({ ...base, sessionId, uuid: randomUUID(), parentUuid: null, ...fields })}\n`;
    const answer = row({
      type: "assistant",
      message: {
        role: "assistant",
        model: "claude-opus-5-5",
        stop_reason: "end_turn",
        content: [{ type: "text", text: "z".repeat(2_000) }],
      },
    });
    const end =
      row({ type: "user", promptId: "p", message: { role: "user", content: "go on" } }) +
      row({
        type: "assistant",
        isApiErrorMessage: true,
        error: "rate_limit",
        quotaLimits: { status: "rejected", rateLimitType: "five_hour", resetsAt: 4e9 },
        message: {
          role: "assistant",
          model: "<synthetic>",
          content: [{ type: "text", text: "You've hit your 5-hour limit · resets 3pm" }],
        },
      });
    const times = Math.ceil((TRANSCRIPT_BYTES - end.length) / answer.length);
    writeFileSync(join(folder, `${sessionId}.jsonl`), answer.repeat(times) + end);
    return sessionId;
  });
}

function reconcile(ids: readonly string[]): void {
  for (const sessions of [20, 100, 1_000]) {
    const store = openStore(join(root, `${sessions}.db`), systemClock);
    store.periods.begin("one", 0);
    const fleet = new Fleet(store, () => Date.now());
    let found = 0;
    const intake = new Intake({
      fleet,
      store,
      receipts: new Receipts(),
      onCutOff: () => {
        found += 1;
      },
      onRefined: () => undefined,
      onProgress: () => undefined,
    });
    for (const [index, sessionId] of ids.slice(0, sessions).entries())
      fleet.join(
        {
          name: `s${index}`,
          kind: "pool",
          cwd: "/p",
          slot: "shared",
          paneId: null,
          strategy: "hot",
          held: false,
          cutOff: null,
          live: { state: "idle", sessionId, transcriptPath: null, lastPrompt: null },
        },
        null,
      );
    const start = performance.now();
    intake.quietly(() =>
      store.transaction(() =>
        reconcileTranscripts({ fleet, intake, projectsDir: join(root, "projects") }),
      ),
    );
    const ms = performance.now() - start;
    report(
      `at start: limits of ${sessions} sessions in ${(TRANSCRIPTS * TRANSCRIPT_BYTES) / 1e6} MB`,
      `${ms.toFixed(0)} ms, ${found} found`,
    );
    store.close();
  }
}

async function watchIdle(): Promise<void> {
  const stop = new AbortController();
  const begun = performance.now();
  const watch = watchTranscripts({
    projectsDir: join(root, "projects"),
    onRows: () => undefined,
    onError: (error) => console.error(error),
    signal: stop.signal,
  });
  report(
    `begin to follow ${TRANSCRIPTS} transcripts`,
    `${(performance.now() - begun).toFixed(0)} ms`,
  );
  const before = process.cpuUsage();
  for (let passed = 0; passed < IDLE_MS; passed += 5_000) {
    await delay(5_000);
    // As the daemon's slow look does.
    watch.rescan();
  }
  const { user, system } = process.cpuUsage(before);
  const percent = (user + system) / 1_000 / IDLE_MS;
  report(`follow ${TRANSCRIPTS} idle transcripts`, `${(percent * 100).toFixed(2)} % of a core`);
  stop.abort();
}
