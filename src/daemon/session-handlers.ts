import type { ActionJson, StoppedJson } from "../api/contract.ts";
import type { SessionHandlers } from "../api/session-routes.ts";
import { sessionsJson } from "../api/session-view.ts";
import { nearest } from "../config/suggest.ts";
import { FRESHLY_KEPT } from "../policy/keep.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { configuredSessions } from "./observe.ts";
import { sessionFilesIn } from "./session-files.ts";
import { nothingToDo, refused } from "./refused.ts";
import { projectsDir } from "./starting.ts";
import { stopSessions } from "./stop-sessions.ts";

/** What the daemon does when it is asked about sessions. */
export function sessionHandlers(options: HandlerOptions): SessionHandlers {
  const { config, store, clock } = options;
  return {
    sessions: () => sessionsJson(configuredSessions(store, config), clock.now()),
    hold: (name) => hold(name, options),
    release: (name) => release(name, options),
    drain: (request) => drain(request, options),
    down: async (request) => down(request, options),
  };
}

function hold(name: string, options: HandlerOptions): ActionJson {
  const { core, store } = options;
  const unknown = unknownName(name, options);
  if (unknown !== null) return unknown;
  if (core.fleet.get(name)?.held === true) return nothingToDo(`${name} is held already.`);
  store.transaction(() => {
    core.fleet.change(name, { held: true });
    store.emit("session.held", { session: name });
  });
  return done(`${name} is held: nothing is typed, dispatched or started there until release.`);
}

function release(name: string | null, options: HandlerOptions): ActionJson {
  const { store, core, keeper } = options;
  const unknown = name === null ? null : unknownName(name, options);
  if (unknown !== null) return unknown;
  const names = (name === null ? namesOf(options) : [name]).filter((each) => isKept(each, options));
  if (names.length === 0)
    return nothingToDo(
      name === null
        ? "Nothing is held, drained or ended."
        : `${name} is not held, drained or ended.`,
    );
  for (const each of names)
    store.transaction(() => {
      core.fleet.change(each, { held: false });
      core.fleet.setDraining(each, false);
      keeper.release(each);
      store.emit("session.released", { session: each });
    });
  core.controller.evaluate();
  return done(`Released: ${names.join(", ")}.`);
}

/** Whether something keeps a session from being acted on that `release` ends. */
function isKept(name: string, { store, core }: HandlerOptions): boolean {
  const { draining, ...care } = store.sessionCare.get(name);
  const isFresh = Object.entries(FRESHLY_KEPT).every(
    ([key, value]) => key === "deaths" || care[key as keyof typeof FRESHLY_KEPT] === value,
  );
  return !isFresh || draining || core.fleet.get(name)?.held === true;
}

function drain(
  { session: name, undo }: { session: string | null; undo: boolean },
  options: HandlerOptions,
): ActionJson {
  const { store } = options;
  const unknown = name === null ? null : unknownName(name, options);
  if (unknown !== null) return unknown;
  const names = (name === null ? namesOf(options) : [name]).filter(
    (each) => store.sessionCare.get(each).draining === undo,
  );
  if (names.length === 0)
    return nothingToDo(
      undo ? "Nothing is being drained." : `${name ?? "Everything"} is drained already.`,
    );
  for (const session of names)
    store.transaction(() => {
      options.core.fleet.setDraining(session, !undo);
      if (undo) store.emit("session.undrained", { session });
      else store.emit("session.drained", { session });
    });
  const list = names.join(", ");
  if (undo) return done(`Given work again: ${list}.`);
  const working = names.filter((each) => options.core.fleet.get(each)?.live.state === "working");
  const still = working.length === 0 ? "" : ` Turns that still run: ${working.join(", ")}.`;
  return done(`Given no new work: ${list}.${still}`);
}

async function down(
  request: { dryRun: boolean; force: boolean; waitMs: number },
  options: HandlerOptions,
): Promise<ActionJson> {
  const { config, core } = options;
  const deps = {
    ...options,
    fleet: core.fleet,
    sessionFiles: sessionFilesIn(config, options.store),
    projectsDir: projectsDir(config),
  };
  const sessions = await stopSessions({ ...request, stayEnded: true }, deps);
  const left = sessions.filter(({ outcome }) => outcome === "left" || outcome === "stillRuns");
  const ended = sessions.filter(({ outcome }) => outcome === "ended" || outcome === "wouldEnd");
  if (ended.length === 0 && left.length === 0)
    return { ...nothingToDo("No session runs."), sessions };
  const text = sentence(ended, left, request.dryRun);
  if (left.length === 0 || request.dryRun) return { ...done(text), sessions };
  return { ...refused("CF_SESSION_LEFT", text), sessions };
}

function sentence(
  ended: readonly StoppedJson[],
  left: readonly StoppedJson[],
  dryRun: boolean,
): string {
  const word = ended.length === 1 ? "session" : "sessions";
  const rest = left.length === 0 ? "" : `, ${left.length} left`;
  if (dryRun) return `Would end ${ended.length} ${word}${rest}:`;
  return `Ended ${ended.length} ${word}${rest}. They stay ended until claude-failover release --all.`;
}

function namesOf({ store, config }: HandlerOptions): string[] {
  return configuredSessions(store, config).map(({ row }) => row.name);
}

function unknownName(name: string, options: HandlerOptions): ActionJson | null {
  const names = namesOf(options);
  if (names.includes(name)) return null;
  const near = nearest(name, names);
  const mean = near === null ? "" : ` Did you mean ${near}?`;
  return refused("CF_SESSION_UNKNOWN", `There is no session ${name}.${mean}`);
}

function done(text: string): ActionJson {
  return { schema: 1, done: true, text };
}
