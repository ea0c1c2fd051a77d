import type { ActionJson, StatusJson } from "../api/contract.ts";
import type { ApiHandlers } from "../api/server.ts";
import { eventJson, historyJson, statusJson, switchoverJson } from "../api/view.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { CATALOGUE, EXIT } from "../errors.ts";
import { pickCandidate } from "../policy/candidate.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { readHeld } from "../switchover/held.ts";
import type { SwitchoverRefusal, SwitchoverResult } from "../switchover/model.ts";
import type { Core } from "./core.ts";
import { accountView, configuredSessions, isPaused, type HomeLook } from "./observe.ts";
import type { SwitchRequest } from "./switcher.ts";

export interface HandlerOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly core: Core;
  readonly homes: () => ReadonlyMap<string, HomeLook>;
  readonly version: string;
  readonly startedAt: number;
}

/** What the daemon answers to the API. */
export function daemonHandlers(options: HandlerOptions): ApiHandlers {
  const { store } = options;
  return {
    status: () => daemonStatus(options),
    history: ({ id, limit }) => {
      if (id === null) return historyJson(store.switchovers.list(Math.min(limit, 1_000)));
      const entry = store.switchovers.get(id);
      return historyJson(entry === null ? [] : [entry]);
    },
    events: ({ since, limit }) => store.events.since(since, Math.min(limit, 10_000)).map(eventJson),
    onEvent: (listener, signal) => {
      const subscription = store.subscribe((event) => listener(eventJson(event)));
      signal.addEventListener("abort", () => subscription[Symbol.dispose](), { once: true });
    },
    switchover: async (request) => manualSwitchover(request, options),
    pause: () => setPaused(true, options),
    resume: () => setPaused(false, options),
    recover: async ({ dryRun }) => recoverNow(dryRun, options),
  };
}

function daemonStatus(options: HandlerOptions): StatusJson {
  const { config, store, clock, version, startedAt } = options;
  const homes = options.homes();
  const rows = new Map(store.accounts.list().map((row) => [row.name, row]));
  return statusJson({
    daemon: {
      running: true,
      pid: process.pid,
      version,
      paused: isPaused(store),
      startedAt: rfc3339(startedAt),
    },
    active: store.periods.active()?.account ?? null,
    held: readHeld(store),
    config,
    accounts: config.accounts.map((account) => {
      const row = rows.get(account.name);
      return { view: accountView(account, row, homes.get(account.name)), row };
    }),
    sessions: configuredSessions(store, config),
    decision: store.decisions.latest(),
    last: store.switchovers.latest(),
    now: clock.now(),
  });
}

async function manualSwitchover(
  request: { to: string | null; dryRun: boolean },
  options: HandlerOptions,
): Promise<ActionJson> {
  const { store, core } = options;
  const to = request.to ?? nextAccount(options);
  if (to === null) return refusedJson(noCandidate());
  const active = store.periods.active()?.account ?? "";
  const asked: SwitchRequest = {
    cause: "switchover",
    to,
    trigger: null,
    sessions: core.controller.toContinue(active),
  };
  if (request.dryRun) {
    const planned = core.switcher.plan(asked);
    if (planned.refused !== null) return refusedJson(planned.refused);
    const text = `A switchover from ${active} to ${to} would take these steps.`;
    return { schema: 1, done: true, text, steps: planned.plan.steps };
  }
  return resultJson(await core.controller.switchTo(asked));
}

function nextAccount({ config, store, clock, homes }: HandlerOptions): string | null {
  const rows = new Map(store.accounts.list().map((row) => [row.name, row]));
  const views = config.accounts.map((account) =>
    accountView(account, rows.get(account.name), homes().get(account.name)),
  );
  const active = store.periods.active()?.account ?? "";
  return pickCandidate(views, active, config.policy.candidate, clock.now())?.name ?? null;
}

function noCandidate(): SwitchoverRefusal {
  const code = "CF_SWITCHOVER_NO_CANDIDATE";
  const message = "No other account may take over now.";
  return { code, message, hint: CATALOGUE[code].hint, details: {} };
}

function resultJson(result: SwitchoverResult): ActionJson {
  switch (result.kind) {
    case "committed": {
      const { id, from, to } = result.entry;
      const text = `Switchover ${id} from ${from} to ${to} is committed.`;
      return { schema: 1, done: true, text, entry: switchoverJson(result.entry) };
    }
    case "refused":
    case "rolledBack":
      return refusedJson(result.refusal);
    case "held": {
      const { code, message, hint } = result.held;
      return { schema: 1, done: false, code, text: message, hint, exit: EXIT.held };
    }
  }
}

function refusedJson({ code, message, hint }: SwitchoverRefusal): ActionJson {
  return { schema: 1, done: false, code, text: message, hint, exit: CATALOGUE[code].exit };
}

function setPaused(paused: boolean, { store, clock, core }: HandlerOptions): ActionJson {
  if (isPaused(store) === paused) {
    const text = paused ? "Paused already." : "Not paused.";
    return { schema: 1, done: false, code: "nothingToDo", text, hint: "", exit: EXIT.nothingToDo };
  }
  if (paused) store.meta.set(META.paused, rfc3339(clock.now()));
  else store.meta.delete(META.paused);
  store.emit(paused ? "paused" : "resumed", null);
  core.controller.evaluate();
  const text = paused ? "Paused: observing only, until resume." : "Resumed.";
  return { schema: 1, done: true, text };
}

async function recoverNow(dryRun: boolean, { core, store }: HandlerOptions): Promise<ActionJson> {
  const wasHeld = readHeld(store) !== null;
  const report = await core.switcher.recover({ dryRun, continueSessions: true });
  const staysHeld = dryRun ? wasHeld && report.action === "hold" : report.held !== null;
  if (staysHeld && report.held !== null) {
    const { code, message, hint } = report.held;
    return { schema: 1, done: false, code, text: message, hint, exit: EXIT.held };
  }
  const { action, reason, strays, adopted } = report;
  const isNothing = action === "nothing" && strays.length === 0 && adopted === null;
  if (isNothing && !wasHeld)
    return {
      schema: 1,
      done: false,
      code: "nothingToDo",
      text: reason,
      hint: "",
      exit: EXIT.nothingToDo,
    };
  if (!dryRun) core.controller.evaluate();
  const what = isNothing ? "clear the held state" : action;
  return { schema: 1, done: true, text: `${dryRun ? "Would do" : "Did"}: ${what}. ${reason}` };
}
