import type { ActionJson } from "../api/contract.ts";
import type { ControlHandlers } from "../api/control-routes.ts";
import { switchoverJson } from "../api/view.ts";
import { slotNamed } from "../config/slots.ts";
import { EXIT } from "../errors.ts";
import { pickCandidate } from "../policy/candidate.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { META } from "../store/meta.ts";
import { readHeld } from "../switchover/held.ts";
import type { SwitchoverRefusal, SwitchoverResult } from "../switchover/model.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { accountViews, isPaused, preferring } from "./observe.ts";
import { nothingToDo, refused } from "./refused.ts";
import { slotAsked } from "./slot-asked.ts";
import type { SwitchRequest } from "./switcher.ts";

/** What the daemon does when it is asked to move, stop or mend. */
export function controlHandlers(options: HandlerOptions): ControlHandlers {
  return {
    switchover: async (request) => manualSwitchover(request, options),
    pause: () => setPaused(true, options),
    resume: () => setPaused(false, options),
    recover: async ({ dryRun }) => recoverNow(dryRun, options),
  };
}

async function manualSwitchover(
  request: { session: string | null; to: string | null; dryRun: boolean },
  options: HandlerOptions,
): Promise<ActionJson> {
  const { store, core } = options;
  const about = slotAsked(request.session, options);
  if ("refused" in about) return about.refused;
  const { slot } = about;
  const active = store.periods.of(slot).active()?.account ?? "";
  const to = request.to ?? nextAccount(slot, active, options);
  if (to === null)
    return refused("CF_SWITCHOVER_NO_CANDIDATE", "No other account may take over now.");
  const asked: SwitchRequest = {
    slot,
    cause: "switchover",
    to,
    trigger: null,
    sessions: core.controller.toContinue(slot, active),
  };
  // What cannot even be planned is no switchover, for nobody who watches.
  const planned = core.switcher.plan(asked);
  if (planned.refused !== null) return refusedJson(planned.refused);
  if (request.dryRun) {
    const text = `A switchover from ${active} to ${to} would take these steps.`;
    return { schema: 1, done: true, text, steps: planned.plan.steps };
  }
  return resultJson(await core.controller.switchTo(asked));
}

function nextAccount(
  slot: string,
  active: string,
  { config, store, clock, homes }: HandlerOptions,
): string | null {
  const { candidate: rule, overage } = config.policy;
  const views = accountViews(config, store, homes());
  const accounts = preferring(slotNamed(config, slot).account, views);
  const look = { active, now: clock.now(), overage };
  return pickCandidate({ accounts, rule, strict: false }, look)?.name ?? null;
}

export function resultJson(result: SwitchoverResult): ActionJson {
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

export function refusedJson({ code, message, hint }: SwitchoverRefusal): ActionJson {
  return refused(code, message, hint);
}

function setPaused(paused: boolean, { store, clock, core }: HandlerOptions): ActionJson {
  if (isPaused(store) === paused) return nothingToDo(paused ? "Paused already." : "Not paused.");
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
  const isNothing = action === "nothing" && strays.length === 0 && adopted.length === 0;
  if (isNothing && !wasHeld) return nothingToDo(reason);
  if (!dryRun) core.controller.evaluate();
  const what = isNothing ? "clear the held state" : action;
  return { schema: 1, done: true, text: `${dryRun ? "Would do" : "Did"}: ${what}. ${reason}` };
}
