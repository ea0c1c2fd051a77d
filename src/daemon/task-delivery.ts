import { readScreen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { workerNumber } from "../config/workers.ts";
import type { Delivery } from "../dispatch/ports.ts";
import { FailoverError } from "../errors.ts";
import type { DeliveryOutcome } from "../sessions/deliver.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Core } from "./core.ts";
import type { FleetSession } from "./fleet.ts";

export interface TaskDeliveryDeps {
  readonly config: Config;
  readonly core: Core;
  readonly panes: Panes;
  readonly clock: Clock;
}

const INTERRUPT_BOUND_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/**
 * The last fence before the keys: the session of a task must be one of the pool that we started
 * ourselves, by the fleet and by the configuration. Throws CF_DISPATCH_DEDICATED.
 */
export function requireWorker(name: string, { config, core }: TaskDeliveryDeps): FleetSession {
  const session = core.fleet.get(name);
  const { dedicated, pool } = config.sessions;
  const isInRange = pool !== null && workerNumber(pool, name) !== null;
  const isDedicated = dedicated.some((each) => each.name === name);
  if (session?.kind === "pool" && isInRange && !isDedicated) return session;
  throw new FailoverError(
    "CF_DISPATCH_DEDICATED",
    `${name} is no session of the pool: no task may be typed into it.`,
    { details: { session: name } },
  );
}

/** Types a prompt into a session of the pool and waits for the client's receipt. */
export async function deliverTask(
  request: { readonly session: string; readonly text: string; readonly signal: AbortSignal },
  deps: TaskDeliveryDeps,
): Promise<Delivery> {
  const { core } = deps;
  const { session: name, text, signal } = request;
  const { paneId } = requireWorker(name, deps);
  if (paneId === null) return { kind: "notDelivered", why: "it has no pane", wasTyped: false };
  let wasTyped = core.typed.get(name) === text;
  const outcome = await core.deliveries.deliver({
    session: name,
    paneId,
    text,
    beforeTyping: () => {
      requireWorker(name, deps);
      wasTyped = true;
    },
    isDue: () =>
      !signal.aborted &&
      core.fleet.get(name)?.cutOff === null &&
      core.fleet.whyLeftAlone(name) === null,
  });
  if (outcome.kind === "delivered")
    return { kind: "delivered", promptId: outcome.receipt.promptId, at: outcome.receipt.at };
  return { kind: "notDelivered", why: wordsOf(outcome), wasTyped };
}

/** Ends the turn that runs in a session of the pool; whether it was seen to end. */
export async function interruptTask(name: string, deps: TaskDeliveryDeps): Promise<boolean> {
  const { panes, clock, core } = deps;
  const { paneId } = requireWorker(name, deps);
  if (paneId === null) return false;
  const isBusy = async (): Promise<boolean> =>
    readScreen(await panes.capture(paneId, { escapes: true })).busy;
  // Two Escapes in a row on an idle prompt open a menu: one, and only while a turn runs.
  if (await isBusy()) await panes.sendKeys(paneId, ["Escape"]);
  const end = clock.monotonic() + INTERRUPT_BOUND_MS;
  while (await isBusy()) {
    if (clock.monotonic() > end) return false;
    await clock.sleep(LOOK_AGAIN_MS);
  }
  // No hook tells of a turn that was interrupted.
  if (core.fleet.get(name)?.live.state === "working") core.fleet.setState(name, "idle");
  return true;
}

function wordsOf(outcome: Exclude<DeliveryOutcome, { kind: "delivered" }>): string {
  switch (outcome.kind) {
    case "draft":
      return "an unsent draft stands in its composer";
    case "dialog":
      return `a dialog takes its keys: ${outcome.dialog}`;
    case "busy":
      return "a turn runs in it";
    case "noComposer":
      return "no composer was seen";
    case "notDue":
      return "it was to be left alone";
    case "noReceipt":
      return `its client told no receipt in ${outcome.attempts} attempts`;
  }
}
