import { basename } from "node:path";
import { parseHook, type HookSignal } from "../claude/hooks.ts";
import { watchTranscripts, type TranscriptWatch } from "../claude/transcript-watcher.ts";
import type { Clock } from "../clock.ts";
import { watchSpool, type SpooledHook, type SpoolWatch } from "../sessions/spool.ts";
import type { Store } from "../store/store.ts";
import type { Core } from "./core.ts";
import type { FleetSession } from "./fleet.ts";

/** What takes in what the sessions tell. */
type Taking = Pick<Core, "fleet" | "intake" | "missed" | "onFault" | "background">;

/** A hook that cannot tell whose request was refused waits this long for its row. */
const ROW_BOUND_MS = 2_000;
const ROW_LOOK_MS = 20;

/** Follows every transcript of the shared projects directory. */
export function followRows(options: {
  projectsDir: string;
  signal: AbortSignal;
  core: () => Taking;
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
  core: Taking,
): void {
  const path = session?.live.transcriptPath ?? null;
  if (session === undefined || path === null) return;
  const rows = watch.poke(path);
  if (rows.length > 0) takeIn(session.name, core, () => core.intake.rows(session.name, rows));
}

/** What the store could not keep is told (false), and found again in the transcript once it can. */
function takeIn(name: string, core: Taking, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (thrown) {
    core.missed.add(name);
    core.onFault("intake", thrown);
    return false;
  }
}

/** Whoever wants to know what the sessions' hooks tell. */
export interface Hearer {
  /** Told after the intake took it in; `at` is epoch ms. */
  heard(session: string, signal: HookSignal, at: number): void;
}

export interface FollowHooksOptions {
  readonly spoolDir: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly core: Taking;
  readonly watch: TranscriptWatch;
  readonly onSignal: Hearer["heard"];
  readonly readings: { take(session: string, payload: unknown, at: number): void };
  readonly onFault: (thrown: unknown) => void;
}

/** Reads hooks from the spool, those first that were written while no daemon ran. */
export function followHooks(options: FollowHooksOptions): SpoolWatch {
  const { spoolDir, clock, core, onFault } = options;
  return watchSpool({
    dir: spoolDir,
    now: () => clock.now(),
    onError: onFault,
    onStatusLine: ({ session, payload, at }) =>
      takeIn(session, core, () => options.readings.take(session, payload, at)),
    onHooks: (hooks) => takeInHooks(hooks, options),
  });
}

/** What came together is in one durable commit; a fault of one undoes that one alone. */
function takeInHooks(hooks: readonly SpooledHook[], options: FollowHooksOptions): void {
  const { store, core, onSignal } = options;
  const told = hooks.flatMap(({ session, payload, at }) => {
    const signal = parseHook(payload, at);
    return signal === null ? [] : [{ session, signal, at }];
  });
  let takenIn: typeof told = [];
  try {
    takenIn = store.transaction(() =>
      told.filter(
        ({ session, signal, at }) =>
          core.fleet.owns(session, signal) &&
          takeIn(session, core, () => core.intake.hook(session, signal, at)),
      ),
    );
  } catch (thrown) {
    for (const { session } of told) core.missed.add(session);
    core.onFault("intake", thrown);
  }
  for (const { session, signal, at } of takenIn) {
    takeIn(session, core, () => onSignal(session, signal, at));
    if (core.intake.isWaiting(session))
      core.background("row", awaitRow(session, { ...options, at }));
  }
}

/**
 * The hook came, its row is being flushed (measured: up to 0.1 s later). If it never comes, the
 * refusal is charged to the account that was active when the hook was written.
 */
async function awaitRow(
  name: string,
  options: { core: Taking; watch: TranscriptWatch; clock: Clock; signal: AbortSignal; at: number },
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
