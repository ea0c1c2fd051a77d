import { warningText } from "../accounts/shared-problems.ts";
import type { StoppedJson } from "../api/contract.ts";
import { requireSocketPlace } from "../api/listen.ts";
import { findClient } from "../claude/find-client.ts";
import { inheritedEnv } from "../claude/launch.ts";
import { prepareResetTimes } from "../claude/reset-time.ts";
import type { TranscriptWatch } from "../claude/transcript-watcher.ts";
import type { Clock } from "../clock.ts";
import type { AccountConfig, Config } from "../config/config.ts";
import { places, type Env, type Places } from "../config/places.ts";
import { withoutSecrets } from "../config/secrets.ts";
import { FailoverError } from "../errors.ts";
import { Janitor } from "../janitor/janitor.ts";
import { openLog, type Logger } from "../log.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { AccountPeriods } from "../store/account-periods.ts";
import type { SpoolWatch } from "../sessions/spool.ts";
import { takeInstanceLock } from "../store/instance-lock.ts";
import { openStore, type Store } from "../store/store.ts";
import { TmuxClient } from "../tmux/client.ts";
import { Panes } from "../tmux/panes.ts";
import { removeStalePasteFiles } from "../tmux/paste-file.ts";
import { requireTmux } from "../tmux/probe.ts";
import { Checkpoints } from "./checkpoints.ts";
import { keepInStep, trustFolders } from "./client-states.ts";
import { buildCore, type Core, type CoreOptions } from "./core.ts";
import { buildDispatching, type Dispatching } from "./dispatching.ts";
import { Identities } from "./identities.ts";
import { makeFolders } from "./folders.ts";
import { hasLogin, HomesSeen, prepareHomes, requireHomes } from "./homes.ts";
import { keptSessions } from "./kept.ts";
import { Keeper } from "./keeper.ts";
import { readingsOf } from "./readings.ts";
import { reconcileTranscripts } from "./reconcile.ts";
import { Pulse } from "./pulse.ts";
import { stopSessions as endSessions } from "./stop-sessions.ts";
import { tellLastRun, runBegins, runEnds } from "./last-run.ts";
import { notifierOf, watchVitals } from "./notifying.ts";
import { requireToken, serveApi } from "./serve.ts";
import { followHooks, type Hearer, followRows, readRows } from "./signals.ts";
import { sessionFilesIn } from "./session-files.ts";
import { giveRoomForMoves } from "./room-for-moves.ts";
import { accountOfSlot, settleSlots } from "./slot-at-start.ts";
import { keepLooking } from "./slow-look.ts";
import { placesOf, projectsDir, startDeps } from "./starting.ts";
import { slotLinks } from "./unused-slots.ts";

export interface DaemonOptions {
  readonly config: Config;
  /** The whole environment; HOME is the operator's. */
  readonly env: Env;
  readonly home: string;
  readonly uid: number;
  readonly clock: Clock;
  readonly version: string;
  /** Node's name of the operating system. */
  readonly platform: NodeJS.Platform;
  /** Where the log goes; null for standard error. */
  readonly logFile: string | null;
}

export interface Daemon {
  readonly socket: string;
  /** Where the API listens on TCP, or null. */
  readonly url: string | null;
  readonly active: string;
  readonly sessions: number;
  /** Whether its loop goes round. */
  isAlive(): boolean;
  /** Ends every session of ours; the next start brings them back. Before `stop`. */
  stopSessions(): Promise<StoppedJson[]>;
  /** Stops deciding and listening, finishes what it must, and lets go. Every session goes on. */
  stop(): Promise<void>;
}

/** Everything that the parts share. */
interface Assembly extends DaemonOptions {
  readonly place: Places;
  readonly log: Logger;
  readonly rotateLog: () => void;
  readonly command: string;
  readonly socket: string;
  /** What TCP callers must know; null when there is no port. */
  readonly token: string | null;
  readonly store: Store;
  readonly notifier: Notifier;
  readonly signal: AbortSignal;
  readonly releases: AsyncDisposableStack;
}

/** Turns may take so long to end when the sessions end with the daemon. */
const STOP_WAIT_MS = 30_000;

/**
 * Brings the daemon up, in the order in which a failure leaves least behind: nothing is started
 * before the configuration, the homes and the slot are right. Throws the FailoverError that says
 * why it cannot run; nothing of it is left then.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const releases = new AsyncDisposableStack();
  try {
    const { config, clock, version } = options;
    const token = requireToken(config, options.env);
    const env = withoutSecrets(config, options.env);
    const place = places(options);
    const command = findClient(config.claude.command, options.env.PATH ?? "");
    makeFolders(place);
    releases.use(lockInstance(place));
    const { log, rotate } = openLog({ level: config.log.level, file: options.logFile });
    const store = releases.adopt(openStore(place.database, clock), (each) => each.close());
    tellLastRun(store);
    const notifier = releases.use(notifierOf({ ...options, store, log }));
    notifier.begin();
    releases.defer(() => runEnds(store));
    const stop = new AbortController();
    const { signal } = stop;
    const daemon = await assemble({
      ...options,
      env,
      token,
      place,
      socket: place.socket,
      log,
      rotateLog: rotate,
      command,
      store,
      notifier,
      signal,
      releases,
    });
    // A switchover under way ends, forward or back, before the store is closed under it.
    releases.defer(async () => daemon.core.controller.settled());
    releases.defer(() => stop.abort(new FailoverError("CF_SWITCHOVER_STOPPED", "Stopping.")));
    runBegins(store, clock, version);
    const end = releases.move();
    const { url, active, core, pulse, stopSessions } = daemon;
    const { socket } = place;
    const sessions = core.fleet.list().length;
    const stopAll = async () => end.disposeAsync();
    const isAlive = () => !pulse.isStale;
    return { socket, url, active, sessions, isAlive, stopSessions, stop: stopAll };
  } catch (thrown) {
    await releases.disposeAsync();
    throw thrown;
  }
}

/** Constructs and joins. The order matters: recover before sessions, sessions before their rows. */
async function assemble(
  options: Assembly,
): Promise<Pick<Daemon, "url" | "active" | "stopSessions"> & { core: Core; pulse: Pulse }> {
  const { config, store, clock, place, releases } = options;
  prepareResetTimes();
  await lookBeforeTouching(options);
  await trustFolders(options);
  await removeStalePasteFiles(place.pasteDir);
  const { warnings } = await prepareHomes(config);
  for (const warning of warnings) options.log.warn(warningText(warning));
  const settled = settleSlots({ config, store, loggedIn: hasLogin });
  await keepInStep(settled, options);
  const identities = new Identities({ ...options, claude: options.command });
  const identityOf = (account: string): string | null => identities.problemOf(account);
  const homes = new HomesSeen(config, identityOf);
  await homes.look();
  const tmux = releases.use(await openTmux(options));
  const panes = new Panes({ client: tmux, clock, privateDir: place.pasteDir });
  const { core, watch } = buildWatchedCore({ ...options, identityOf }, panes, homes);
  const recovery = await core.switcher.recover({ dryRun: false, continueSessions: false });
  for (const { name, account } of settled) beginPeriod(store.periods.of(name), account, clock);
  store.emit("recovery", { action: recovery.action, text: recovery.reason });
  const keeper = buildKeeper(options, core, panes, tmux);
  await Promise.all([core.versions.look(), keeper.look()]);
  const dispatching = buildTasks(options, { core, panes });
  const checkpoints = new Checkpoints({
    ...options,
    ...core,
    panes,
    settled: async () => core.controller.settled(),
  });
  const hearers = [core.versions, core.relauncher, dispatching, keeper, checkpoints];
  const spool = core.intake.quietly(() => {
    const followed = followSignals(options, { core, watch, hearers });
    // One durable commit for all of them.
    store.transaction(() => reconcileTranscripts({ ...core, projectsDir: projectsDir(config) }));
    return followed;
  });
  // Also with no session left to continue: then only the commit is missing.
  if (recovery.entry?.endedAt === null)
    core.background("recovery", core.switcher.recover({ dryRun: false, continueSessions: true }));
  const startedAt = clock.now();
  const pulse = new Pulse(clock);
  const janitor = buildJanitor(options, core);
  const looked = { core, keeper, panes, dispatching, pulse, janitor };
  const tmuxConnected = (): boolean => tmux.connected;
  const answers = { ...options, ...looked, homes: () => homes.now, startedAt, tmuxConnected };
  const url = await serveApi(answers, options);
  core.background("vitals", watchVitals(answers));
  dispatching.begin();
  releases.use(giveRoomForMoves(options));
  keepLooking(options, { ...looked, tmux, watch, spool, homes, identities });
  core.controller.evaluate();
  const active = store.periods.active()?.account ?? settled[0].account.name;
  const stopSessions: Daemon["stopSessions"] = async () => {
    await keeper.stop();
    const how = { dryRun: false, force: false, waitMs: STOP_WAIT_MS, stayEnded: false };
    return endSessions(how, { ...options, fleet: core.fleet, panes, ...placesOf(options) });
  };
  return { url, active, core, pulse, stopSessions };
}

/** What can be wrong without anything having been made: a start that is refused changes nothing. */
async function lookBeforeTouching({ config, env, place }: Assembly): Promise<void> {
  await requireTmux("tmux", inheritedEnv(env));
  requireSocketPlace(place.socket);
  for (const { path } of config.slots) accountOfSlot(config, path);
  await requireHomes(config);
}

function lockInstance(place: Places): Disposable {
  const lock = takeInstanceLock(place.lockFile);
  if (lock !== null) return lock;
  throw new FailoverError("CF_DAEMON_RUNNING", `A daemon runs on ${place.stateDir} already.`, {
    details: { stateDir: place.stateDir, socket: place.socket },
  });
}

async function openTmux({ config, env, clock }: Assembly): Promise<TmuxClient> {
  return TmuxClient.open({
    socket: { name: config.tmux.socket },
    configFile: config.tmux.configFile,
    env: inheritedEnv(env),
    clock,
  });
}

/** The core and the transcripts it reads: each row finds its session, each session its rows. */
function buildWatchedCore(
  options: Assembly & Pick<CoreOptions, "identityOf">,
  panes: Panes,
  homes: HomesSeen,
): { core: Core; watch: TranscriptWatch } {
  const onFault = (thrown: unknown): void =>
    options.log.warn({ err: thrown }, "a transcript cannot be followed");
  const core: Core = buildCore({
    ...options,
    panes,
    start: startDeps(options, panes),
    homes: () => homes.now,
    lookAtHomes: async () => homes.look(),
    askTranscript: async (name) => Promise.resolve(readRows(core.fleet.get(name), watch, core)),
  });
  const watch: TranscriptWatch = followRows({
    projectsDir: projectsDir(options.config),
    signal: options.signal,
    core: () => core,
    onFault,
  });
  return { core, watch };
}

function buildKeeper(options: Assembly, core: Core, panes: Panes, tmux: TmuxClient): Keeper {
  const { config } = options;
  return new Keeper({
    ...options,
    ...startDeps(options, panes),
    panes,
    tmux,
    fleet: core.fleet,
    missed: core.missed,
    onFault: core.onFault,
    sessionFiles: sessionFilesIn(config, options.store),
    random: Math.random,
    strategyOf: core.versions.strategyOf,
    wanted: () => keptSessions(options.store, config),
  });
}

function buildJanitor(options: Assembly, core: Core): Janitor {
  return new Janitor({
    ...options,
    settingsDir: options.place.settingsDir,
    slots: slotLinks({ ...options, fleet: core.fleet }),
    sessions: () => [
      ...core.fleet.list().map(({ name }) => name),
      ...keptSessions(options.store, options.config).map(({ name }) => name),
    ],
    onFault: core.onFault,
  });
}

function buildTasks(options: Assembly, { core, panes }: { core: Core; panes: Panes }): Dispatching {
  return buildDispatching({
    ...options,
    core,
    panes,
    start: startDeps(options, panes),
    projectsDir: projectsDir(options.config),
  });
}

function followSignals(
  options: Assembly,
  parts: { core: Core; watch: TranscriptWatch; hearers: Hearer[] },
): SpoolWatch {
  const { config, store, place, clock, signal, log, releases } = options;
  const { core, watch, hearers } = parts;
  const onFault = (thrown: unknown): void => log.error({ err: thrown }, "hooks cannot be read");
  const onSignal: Hearer["heard"] = (...told) => hearers.forEach((hearer) => hearer.heard(...told));
  const readings = readingsOf(core, { store, watch, projectsDir: projectsDir(config) });
  const { spoolDir } = place;
  return releases.use(
    followHooks({ spoolDir, store, clock, signal, core, watch, readings, onFault, onSignal }),
  );
}

function beginPeriod(periods: AccountPeriods, { name }: AccountConfig, clock: Clock): void {
  if (periods.active() === null) periods.begin(name, clock.now());
}
