import { dirname, join } from "node:path";
import { SHARED_SLOT } from "../policy/slot.ts";
import type {
  AccountConfig,
  Config,
  DedicatedSessionConfig,
  DispatchConfig,
  KeepConfig,
  NotifyConfig,
  PoolConfig,
  SlotConfig,
} from "./config.ts";
import { NOTIFY_EVENTS } from "./config.ts";
import { parseDuration } from "./duration.ts";
import { absolutePath } from "./places.ts";
import type { WrittenConfig } from "./schema.ts";

type ToPath = (text: string) => string;

/**
 * The written configuration as the program uses it: paths absolute (relative ones count from the
 * file's folder), durations in milliseconds, nothing left to default. Frozen through and through.
 */
export function resolveConfig(options: {
  readonly written: WrittenConfig;
  readonly file: string;
  readonly home: string;
  /** Where the links of sessions lie that have a slot of their own; absolute. */
  readonly slotsDir: string;
}): Config {
  const { written, file, home, slotsDir } = options;
  const toPath: ToPath = (text) => absolutePath({ text, home, base: dirname(file) });
  const { claude, tmux, sessions, policy, api } = written;
  return deeplyFrozen<Config>({
    file,
    accounts: accountsOf(written, toPath),
    slot: toPath(written.slot),
    slots: slotsOf(written, { shared: toPath(written.slot), slotsDir }),
    slotsDir,
    shared: { root: toPath(written.shared.root), links: written.shared.links },
    claude: { ...claude, command: commandOf(claude.command, toPath) },
    tmux: {
      socket: tmux.socket,
      configFile: tmux.configFile === null ? null : toPath(tmux.configFile),
    },
    sessions: {
      dedicated: dedicatedOf(written, toPath),
      pool: poolOf(written, toPath),
      nudge: sessions.nudge,
      strategy: sessions.strategy,
      afterExit: sessions.afterExit,
      missingFolder: sessions.missingFolder,
      resumeOffer: sessions.resumeOffer,
    },
    policy: {
      mode: policy.mode,
      candidate: policy.candidate,
      thresholds: policy.thresholds,
      cooldownMs: milliseconds(policy.cooldown),
      failback: {
        enabled: policy.failback.enabled,
        delayMs: milliseconds(policy.failback.delay),
      },
      confirmTimeoutMs: milliseconds(policy.confirmTimeout),
      overage: policy.overage,
      accountTrouble: policy.accountTrouble,
    },
    dispatch: dispatchOf(written, toPath),
    notify: notifyOf(written),
    api: { listen: listenOf(api.listen), tokenEnv: api.tokenEnv },
    keep: keepOf(written),
    log: written.log,
  });
}

function accountsOf(written: WrittenConfig, toPath: ToPath): AccountConfig[] {
  const { thresholds } = written.policy;
  return written.accounts.map((account, index) => ({
    name: account.name,
    home: toPath(account.home),
    priority: account.priority ?? index + 1,
    ceiling: {
      fiveHour: account.ceiling?.fiveHour ?? thresholds.fiveHour,
      weekly: account.ceiling?.weekly ?? thresholds.weekly,
    },
    email: account.email ?? null,
  }));
}

/** A bare name is looked up on PATH by whoever starts it; anything with a slash is a path. */
function commandOf(command: string, toPath: ToPath): string {
  return command.includes("/") ? toPath(command) : command;
}

function dedicatedOf(written: WrittenConfig, toPath: ToPath): DedicatedSessionConfig[] {
  return written.sessions.dedicated.map((session) => ({
    name: session.name,
    cwd: toPath(session.cwd),
    args: session.args,
    sessionId: session.sessionId?.toLowerCase() ?? null,
    strategy: session.strategy ?? written.sessions.strategy,
    slot: slotNameOf(session),
  }));
}

function slotNameOf({ name, slot, group }: WrittenConfig["sessions"]["dedicated"][number]): string {
  return slot === "own" ? (group ?? name) : SHARED_SLOT;
}

/** The shared one, then each that is a session's or a group's own, in the order written. */
function slotsOf(
  { sessions }: WrittenConfig,
  { shared, slotsDir }: { shared: string; slotsDir: string },
): Config["slots"] {
  const own = new Map<string, SlotConfig>();
  for (const session of sessions.dedicated) {
    const name = slotNameOf(session);
    if (name === SHARED_SLOT) continue;
    const account = session.account ?? own.get(name)?.account ?? null;
    own.set(name, { name, path: join(slotsDir, name), account });
  }
  return [{ name: SHARED_SLOT, path: shared, account: null }, ...own.values()];
}

function poolOf({ sessions }: WrittenConfig, toPath: ToPath): PoolConfig | null {
  const { pool } = sessions;
  if (pool === null) return null;
  const capabilities = pool.capabilities.map(({ name, sessions: numbers }) => ({
    name,
    sessions: numbers ?? null,
  }));
  const { shrinkAfter, ...kept } = pool;
  const shrinkAfterMs = milliseconds(shrinkAfter);
  return { ...kept, shrinkAfterMs, cwd: toPath(pool.cwd), capabilities };
}

function dispatchOf({ dispatch }: WrittenConfig, toPath: ToPath): DispatchConfig {
  return {
    projects: dispatch.projects.map(({ path, priority }) => ({ path: toPath(path), priority })),
    ageingMs: milliseconds(dispatch.ageing),
    models: dispatch.models,
    cooldownMs: milliseconds(dispatch.cooldown),
    settleMs: milliseconds(dispatch.settle),
    timeoutMs: dispatch.timeout === null ? null : milliseconds(dispatch.timeout),
    retries: dispatch.retries,
    retryDelayMs: milliseconds(dispatch.retryDelay),
    stuck: { afterMs: milliseconds(dispatch.stuck.after), steps: dispatch.stuck.steps },
  };
}

const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;

function keepOf({ keep }: WrittenConfig): KeepConfig {
  return {
    tasksMs: keep.taskDays * DAY_MS,
    taskBytes: keep.taskMb * MEGABYTE,
    checkpointsMs: keep.checkpointDays * DAY_MS,
    evidenceMs: keep.evidenceDays * DAY_MS,
    usageMs: keep.usageDays * DAY_MS,
    events: keep.events,
    decisions: keep.decisions,
    databaseBytes: keep.databaseMb * MEGABYTE,
    logBytes: keep.logMb * MEGABYTE,
  };
}

/** The section `notify` as the program uses it. */
export function notifyOf({ notify }: Pick<WrittenConfig, "notify">): NotifyConfig {
  const { webhook, telegram, email, desktop } = notify;
  return {
    webhook: webhook.map(({ url, urlEnv, tokenEnv, format, name, events }, index) => ({
      name: name ?? `webhook-${index + 1}`,
      url: url ?? null,
      urlEnv: urlEnv ?? null,
      tokenEnv: tokenEnv ?? null,
      format,
      events: events ?? NOTIFY_EVENTS,
    })),
    telegram: telegram && {
      ...telegram,
      chatId: String(telegram.chatId),
      events: telegram.events ?? NOTIFY_EVENTS,
    },
    email: email && { ...email, events: email.events ?? NOTIFY_EVENTS },
    desktop: desktop && { events: desktop.events ?? NOTIFY_EVENTS },
    heartbeatMs: notify.heartbeat === null ? null : milliseconds(notify.heartbeat),
    repeatMs: milliseconds(notify.repeat),
    perMinute: notify.perMinute,
    templates: notify.templates,
  };
}

function listenOf(listen: string | null): { host: string; port: number } | null {
  if (listen === null) return null;
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: Number(listen.slice(colon + 1)) };
}

/** The schema has let only durations through. */
function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deeplyFrozen(inner);
  return value;
}
