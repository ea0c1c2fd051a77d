import { CATALOGUE, type ErrorCode, type ErrorDetails } from "../errors.ts";
import type { Json } from "../store/json.ts";
import type { SwitchoverCause, SwitchoverEntry } from "../store/switchovers.ts";
import { heldRefusal } from "./held.ts";
import type {
  Held,
  PlannedStep,
  SessionToContinue,
  SwitchoverPlan,
  SwitchoverRefusal,
} from "./model.ts";
import type { MtimeTick } from "./mtime-tick.ts";
import { isAt, type LocatedAccount } from "./slot-position.ts";
import { slotText, type SlotState } from "./slot.ts";

/** What somebody asks for. */
export interface SwitchoverRequest {
  readonly cause: SwitchoverCause;
  readonly to: string;
  /** What led to it, for `history`: session, class, pattern, snippet, evidence. */
  readonly trigger: Json;
  /** Sessions whose turn was cut off, as known now. */
  readonly sessions: readonly SessionToContinue[];
}

/** Everything a plan depends on, looked up beforehand. */
export interface PlanContext {
  readonly slotName: string;
  readonly slotPath: string;
  readonly slot: SlotState;
  /** The account recorded as active. */
  readonly active: string | null;
  readonly accounts: readonly LocatedAccount[];
  readonly open: SwitchoverEntry | null;
  readonly held: Held | null;
  readonly paused: boolean;
  /** No automatic switch before this time; null when there is no cooldown now. */
  readonly cooldownUntil: number | null;
  /** What the mtime rule asks for if the flip were done now. */
  readonly tick: MtimeTick;
}

export type PlanResult =
  | { readonly refused: null; readonly plan: SwitchoverPlan }
  | { readonly refused: SwitchoverRefusal };

/** The exact steps of the switchover asked for, or why it is refused. Pure. */
export function planSwitchover(request: SwitchoverRequest, context: PlanContext): PlanResult {
  const refused = refuseState(request, context) ?? refuseSlot(context);
  if (refused !== null) return { refused };
  const from = context.accounts.find((account) => account.name === context.active);
  const to = context.accounts.find((account) => account.name === request.to);
  if (from === undefined || to === undefined) return { refused: unknown(request, context) };
  const misplaced = refusePlaces({ from, to, context });
  if (misplaced !== null) return { refused: misplaced };
  return { refused: null, plan: buildPlan({ request, context, from, to }) };
}

function refuseState(request: SwitchoverRequest, context: PlanContext): SwitchoverRefusal | null {
  const { held, open, paused, cooldownUntil } = context;
  if (held !== null) return heldRefusal(held);
  if (open !== null) return openRefusal(open);
  if (paused) return refusal("CF_SWITCHOVER_PAUSED", "claude-failover is paused.");
  if (cooldownUntil !== null && request.cause !== "switchover") {
    const until = new Date(cooldownUntil).toISOString();
    return refusal("CF_SWITCHOVER_COOLDOWN", `No automatic switch before ${until}.`, {
      cooldownUntil,
    });
  }
  return null;
}

/** What a second request is told: which switchover is under way. */
export function openRefusal(open: SwitchoverEntry): SwitchoverRefusal {
  const { id, from, to, startedAt, stage } = open;
  return refusal(
    "CF_SWITCHOVER_OPEN",
    `Switchover ${id} from ${from} to ${to} is under way since ${new Date(startedAt).toISOString()}.`,
    { id, from, to, startedAt, stage },
  );
}

function refuseSlot({ slot, slotPath }: PlanContext): SwitchoverRefusal | null {
  const details = { path: slotPath };
  const message = `${slotPath} is ${slotText(slot)}.`;
  switch (slot.kind) {
    case "link":
      return null;
    case "missing":
      return refusal("CF_SLOT_MISSING", message, details);
    case "loop":
    case "notALink":
      return refusal("CF_SLOT_NOT_A_LINK", message, details);
  }
}

function unknown(request: SwitchoverRequest, context: PlanContext): SwitchoverRefusal {
  const known = context.accounts.map((account) => account.name).join(", ");
  if (context.accounts.some((account) => account.name === request.to)) {
    return refusal(
      "CF_SWITCHOVER_DISAGREE",
      `No configured account is active (${context.active}).`,
    );
  }
  return refusal("CF_SWITCHOVER_UNKNOWN_ACCOUNT", `There is no account ${request.to}.`, {
    account: request.to,
    known,
  });
}

function refusePlaces(options: {
  from: LocatedAccount;
  to: LocatedAccount;
  context: PlanContext;
}): SwitchoverRefusal | null {
  const { from, to, context } = options;
  if (from.name === to.name) {
    return refusal("CF_SWITCHOVER_SAME_ACCOUNT", `${to.name} is the active account already.`);
  }
  if (from.home === to.home || (from.realHome !== null && from.realHome === to.realHome)) {
    return refusal("CF_SWITCHOVER_SAME_ACCOUNT", `${from.name} and ${to.name} have one home.`);
  }
  if (!isAt(context.slot, from)) {
    const { slotPath, slot } = context;
    return refusal(
      "CF_SWITCHOVER_DISAGREE",
      `${slotPath} is ${slotText(slot)}, but ${from.name} (${from.home}) is recorded as active.`,
      { path: slotPath, active: from.name },
    );
  }
  if (context.tick.kind !== "refused") return null;
  return refusal("CF_SLOT_MTIME", `Sessions would not notice the flip: ${context.tick.message}.`);
}

function refusal(code: ErrorCode, message: string, details: ErrorDetails = {}): SwitchoverRefusal {
  return { code, message, hint: CATALOGUE[code].hint, details };
}

function buildPlan(options: {
  request: SwitchoverRequest;
  context: PlanContext;
  from: LocatedAccount;
  to: LocatedAccount;
}): SwitchoverPlan {
  const { request, context, from, to } = options;
  return {
    entry: {
      cause: request.cause,
      from: from.name,
      to: to.name,
      fromHome: from.home,
      toHome: to.home,
      slotName: context.slotName,
      slot: context.slotPath,
      linkBefore: context.slot.kind === "link" ? context.slot.text : "",
      linkAfter: to.home,
      trigger: request.trigger,
    },
    sessions: request.sessions,
    steps: describeSteps(options),
  };
}

function describeSteps(options: {
  request: SwitchoverRequest;
  context: PlanContext;
  from: LocatedAccount;
  to: LocatedAccount;
}): readonly PlannedStep[] {
  const { request, context, from, to } = options;
  const { tick, slotPath } = context;
  const touch =
    tick.kind === "tick"
      ? ` The modification time of ${to.home}/.credentials.json is set to ${new Date(tick.mtimeMs).toISOString()} first, because it equals another account's.`
      : "";
  const names = request.sessions.map(({ name, strategy }) => `${name} (${strategy})`).join(", ");
  return [
    { step: "plan", text: `Journal the switchover from ${from.name} to ${to.name}.` },
    { step: "prepare", text: `Check the shared links and the identity of ${to.home}.` },
    { step: "lock", text: `Take the client's locks of ${from.home} and ${to.home}.` },
    { step: "flip", text: `Point ${slotPath} from ${from.home} to ${to.home}.${touch}` },
    { step: "verify", text: `Check link, shared links and identity; record ${to.name} as active.` },
    { step: "continue", text: names === "" ? "No session was cut off." : `Continue ${names}.` },
  ];
}
