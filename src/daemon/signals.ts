import { basename } from "node:path";
import { parseHook, type HookSignal } from "../claude/hooks.ts";
import { watchTranscripts, type TranscriptWatch } from "../claude/transcript-watcher.ts";
import type { Clock } from "../clock.ts";
import { watchSpool } from "../sessions/spool.ts";
import type { Core } from "./core.ts";
import type { FleetSession } from "./fleet.ts";

/** A hook that cannot tell whose request was refused waits this long for its row. */
const ROW_BOUND_MS = 2_000;
const ROW_LOOK_MS = 20;

/** Follows every transcript of the shared projects directory. */
export function followRows(options: {
  projectsDir: string;
  signal: AbortSignal;
  core: () => Core;
  onFault: (thrown: unknown) => void;
}): TranscriptWatch {
  return watchTranscripts({
    projectsDir: options.projectsDir,
    signal: options.signal,
    onError: options.onFault,
    onRows: (path, rows) => {
      const core = options.core();
      const session = core.fleet.byTranscript(path, basename(path, ".jsonl"));
      if (session !== undefined)
        takeIn(session.name, core, () => core.intake.rows(session.name, rows));
    },
  });
}

/** Reads what the transcript of one session gained, now. */
export function readRows(
  session: FleetSession | undefined,
  watch: TranscriptWatch,
  core: Core,
): void {
  const path = session?.live.transcriptPath ?? null;
  if (session === undefined || path === null) return;
  const rows = watch.poke(path);
  if (rows.length > 0) takeIn(session.name, core, () => core.intake.rows(session.name, rows));
}

/** What the store could not keep is told, and found again in the transcript once it can. */
function takeIn(name: string, core: Core, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    core.missed.add(name);
    core.onFault("intake", thrown);
  }
}

/** Whoever wants to know what the sessions' hooks tell. */
export interface Hearer {
  /** Told after the intake took it in; `at` is epoch ms. */
  heard(session: string, signal: HookSignal, at: number): void;
}

/** Reads hooks from the spool, those first that were written while no daemon ran. */
export function followHooks(options: {
  spoolDir: string;
  clock: Clock;
  signal: AbortSignal;
  core: Core;
  watch: TranscriptWatch;
  onSignal: Hearer["heard"];
  readings: { take(session: string, payload: unknown, at: number): void };
  onFault: (thrown: unknown) => void;
}): Disposable {
  const { spoolDir, clock, core, onFault, onSignal } = options;
  return watchSpool({
    dir: spoolDir,
    now: () => clock.now(),
    onError: onFault,
    onStatusLine: ({ session, payload, at }) =>
      takeIn(session, core, () => options.readings.take(session, payload, at)),
    onHook: ({ session, payload, at }) => {
      const signal = parseHook(payload, at);
      if (signal === null) return;
      takeIn(session, core, () => {
        core.intake.hook(session, signal, at);
        onSignal(session, signal, at);
      });
      if (core.intake.isWaiting(session))
        core.background("row", awaitRow(session, { ...options, at }));
    },
  });
}

/**
 * The hook came, its row is being flushed (measured: up to 0.1 s later). If it never comes, the
 * refusal is charged to the account that was active when the hook was written.
 */
async function awaitRow(
  name: string,
  options: { core: Core; watch: TranscriptWatch; clock: Clock; signal: AbortSignal; at: number },
): Promise<void> {
  const { core, watch, clock, signal, at } = options;
  const end = clock.monotonic() + ROW_BOUND_MS;
  while (core.intake.isWaiting(name) && clock.monotonic() < end) {
    readRows(core.fleet.get(name), watch, core);
    if (!core.intake.isWaiting(name)) return;
    await clock.sleep(ROW_LOOK_MS, signal);
  }
  core.intake.settle(name, at);
}
