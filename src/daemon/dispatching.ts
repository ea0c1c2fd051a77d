import { existsSync, statSync } from "node:fs";
import type { DispatchHandlers } from "../api/dispatch-routes.ts";
import { snippetOf } from "../api/redact.ts";
import { findTranscripts } from "../claude/find-transcripts.ts";
import { readLastTool } from "../claude/last-tool.ts";
import type { HookSignal } from "../claude/hooks.ts";
import { readPromptTurn } from "../claude/prompt-turn.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import { Inbox } from "../dispatch/inbox.ts";
import type { DispatchPorts, SessionFacts } from "../dispatch/ports.ts";
import { TaskQueue } from "../dispatch/queue.ts";
import type { StartDeps } from "../sessions/start.ts";
import type { Store } from "../store/store.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { readHeld } from "../switchover/held.ts";
import type { Controller } from "./controller.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import { nudgeAfterResume } from "./checkpoints.ts";
import { keptSessions } from "./kept.ts";
import { isPaused } from "./observe.ts";
import { recycle } from "./recycle.ts";
import {
  deliverTask,
  interruptTask,
  requireWorker,
  type TaskDeliveryDeps,
} from "./task-delivery.ts";
import { taskHandlers } from "./task-handlers.ts";

export interface DispatchingOptions extends TaskDeliveryDeps {
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly start: StartDeps;
  readonly projectsDir: string;
}

/** Dispatching as the rest of the daemon knows it. */
export interface Dispatching {
  readonly handlers: DispatchHandlers;
  /** Takes up what was under way, and looks at the inboxes. */
  begin(): void;
  heard(session: string, signal: HookSignal, at: number): void;
  /** A slow second look at everything. */
  look(): void;
  /** How many tasks wait for nothing but a session. */
  waiting(): number;
  /** The task that a session has, or null. */
  taskOf(session: string): number | null;
  /** Why nothing is given out now, or null. */
  frozen(): string | null;
}

/** What may end a freeze, or begin one. */
const CHANGES = /^(?:switchover\.|resumed$|paused$|recovery$|decision$|session\.)/;

/** Joins dispatching with the fleet, the transcripts and the panes. */
export function buildDispatching(options: DispatchingOptions): Dispatching {
  const { config, store, clock, signal, core } = options;
  const queue = new TaskQueue({ config, store, clock, random: Math.random });
  const startedAt = new Map<string, number>();
  const dispatcher = new Dispatcher(portsOf(options, { queue, startedAt }));
  const inboxes = config.dispatch.projects.map(
    ({ path: project }) =>
      new Inbox({
        project,
        queue,
        store,
        clock,
        signal,
        onTask: () => dispatcher.kick(),
        onFault: core.onFault,
      }),
  );
  const scan = (): void => {
    for (const inbox of inboxes) void inbox.scan();
  };
  return {
    handlers: taskHandlers({ config, store, clock, queue, dispatcher }),
    begin: () => {
      const subscription = store.subscribe(({ type }) => {
        if (CHANGES.test(type)) dispatcher.kick();
      });
      signal.addEventListener("abort", () => subscription[Symbol.dispose](), { once: true });
      dispatcher.start();
      scan();
    },
    heard: (session, hook, at) => {
      // A compaction begins nothing: the turn in which it happened goes on.
      if (hook.kind === "sessionStarted" && hook.source !== "compact") startedAt.set(session, at);
      dispatcher.signal(session, hook, at);
    },
    waiting: () => dispatcher.waiting(),
    taskOf: (session) => dispatcher.taskOf(session),
    frozen: () => whyFrozen(options),
    look: () => {
      scan();
      dispatcher.look();
    },
  };
}

function portsOf(
  options: DispatchingOptions,
  { queue, startedAt }: { queue: TaskQueue; startedAt: Map<string, number> },
): DispatchPorts {
  const { store, core } = options;
  const transcripts = (id: string) => findTranscripts(options.projectsDir, id);
  const facts = (session: FleetSession): SessionFacts =>
    factsOf(session, { store, startedAt, fleet: core.fleet });
  return {
    ...options,
    queue,
    random: Math.random,
    onFault: core.onFault,
    sessions: () => core.fleet.list().map(facts),
    session: (name) => {
      const session = core.fleet.get(name);
      return session === undefined ? null : facts(session);
    },
    whyLost: (name) => whyLost(name, options),
    frozen: () => whyFrozen(options),
    deliver: async (request) => deliverTask(request, options),
    askedFor: async (name) => {
      const path = core.fleet.get(name)?.live.transcriptPath ?? null;
      const tool = path === null ? null : await readLastTool(path);
      return tool?.isOpen === true ? snippetOf(`${tool.name} (${tool.input})`) : null;
    },
    nudgeAfterResume: (name) => {
      const session = core.fleet.get(name);
      const { nudge } = options.config.sessions;
      return session === undefined ? nudge : nudgeAfterResume(session, store, nudge);
    },
    interrupt: async (name) => interruptTask(name, options),
    recycle: async (name, place) =>
      recycle(requireWorker(name, options), place, { ...options, fleet: core.fleet }),
    look: (id, sought) =>
      transcripts(id)
        .map((path) => readPromptTurn(path, sought))
        .find((turn) => turn !== null) ?? null,
    lengthOf: (id) =>
      transcripts(id).reduce<number | null>((sum, path) => (sum ?? 0) + statSync(path).size, null),
  };
}

function factsOf(
  session: FleetSession,
  known: {
    readonly store: Store;
    readonly fleet: Fleet;
    readonly startedAt: Map<string, number>;
  },
): SessionFacts {
  const { name, kind, live, cutOff, cwd } = session;
  let startedAt = known.startedAt.get(name);
  if (startedAt === undefined) {
    startedAt = known.store.sessions.get(name)?.startedAt ?? 0;
    known.startedAt.set(name, startedAt);
  }
  return {
    name,
    kind,
    state: live.state,
    held: known.fleet.whyLeftAlone(name) !== null,
    draining: known.fleet.isDraining(name),
    refused: cutOff === null ? null : { class: cutOff.refusal.class, text: cutOff.refusal.text },
    startedAt,
    promptedAt: live.lastPrompt?.at ?? 0,
    cwd,
    sessionId: live.sessionId,
    isFresh: () =>
      live.lastPrompt === null &&
      (live.transcriptPath === null || !existsSync(live.transcriptPath)),
  };
}

/** A session that is kept comes back, unless its client crashed too often: then a person releases it. */
function whyLost(name: string, { config, store }: DispatchingOptions): string | null {
  if (!keptSessions(store, config).some((kept) => kept.name === name))
    return `${name} is not there any more`;
  const { stoppedAt } = store.sessionCare.get(name);
  return stoppedAt === null ? null : `the client of ${name} crashed again and again`;
}

/** Before, during and after a flip nothing is given out; nor where it would only be refused. */
export function whyFrozen({
  store,
  clock,
  core,
}: Pick<DispatchingOptions, "store" | "clock"> & {
  readonly core: {
    readonly controller: Pick<Controller, "isSwitching">;
  };
}): string | null {
  if (isPaused(store)) return "paused: observing only";
  if (readHeld(store) !== null) return "a switchover is held";
  const isOpen = store.switchovers.open()?.slotName === SHARED_SLOT;
  if (core.controller.isSwitching(SHARED_SLOT) || isOpen) return "a switchover is under way";
  const active = store.periods.active()?.account ?? null;
  if (active === null) return "no account is active";
  const until = store.accounts.get(active)?.exhaustedUntil ?? 0;
  return until > clock.now() ? `${active} is exhausted` : null;
}
