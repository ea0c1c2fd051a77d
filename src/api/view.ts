import type { Config } from "../config/config.ts";
import { limitationsOf } from "../policy/candidate.ts";
import { conflictsOf, openConflicts } from "../policy/conflicts.ts";
import { forecast } from "../policy/forecast.ts";
import type { AccountState, AccountView, Evidence, LimitWindow } from "../policy/model.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { usedAt } from "../policy/windows.ts";
import type { Verdict } from "../policy/strategy.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { EventRow } from "../store/events.ts";
import type { Proposal } from "../store/proposal.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import type { UsageRow } from "../store/usage.ts";
import type { Held } from "../switchover/model.ts";
import { snippetOf } from "./redact.ts";
import { sessionJson, type SessionSeen } from "./session-view.ts";
import {
  SCHEMA,
  type AccountJson,
  type EventJson,
  type ForecastJson,
  type HistoryJson,
  type ProposalJson,
  type SlotJson,
  type StatusJson,
  type SwitchoverJson,
  type TriggerJson,
} from "./contract.ts";

/** The client that is installed. Times are epoch ms. */
export interface ClientStatus {
  readonly version: string;
  readonly verdict: Verdict | null;
  readonly why: string | null;
  /** When a drill on this machine said so; null where none did. */
  readonly drilledAt: number | null;
}

/** A slot as it is remembered, and as the link says. */
export interface SlotSeen {
  readonly name: string;
  readonly path: string;
  readonly active: string | null;
  readonly pinned: string | null;
  readonly proposal: Proposal | null;
  readonly decision: { readonly code: string; readonly text: string; readonly at: number } | null;
}

/** Everything `status` shows, looked up by the daemon or, without one, from the disk. */
export interface StatusInput {
  readonly daemon: StatusJson["daemon"];
  /** Every slot, the shared one first. */
  readonly slots: readonly [SlotSeen, ...SlotSeen[]];
  readonly held: Held | null;
  readonly config: Config;
  readonly client: ClientStatus | null;
  readonly accounts: readonly {
    readonly view: AccountView;
    readonly row: AccountRow | undefined;
    /** Its readings of the last `FORECAST_MS`, of all windows. */
    readonly usage: readonly UsageRow[];
    /** Its evidence of the last day, oldest first. */
    readonly evidence: readonly Evidence[];
  }[];
  readonly sessions: readonly SessionSeen[];
  readonly last: SwitchoverEntry | null;
  /** How long after a reset an account may take over again (ms). */
  readonly jitterMs: number;
  readonly now: number;
}

/** Pure: the answer of `status --json`. */
export function statusJson(input: StatusInput): StatusJson {
  const { held, last, client } = input;
  const slots = input.slots.map((slot) => slotJson(slot, input.sessions));
  const [shared] = slots;
  return {
    schema: SCHEMA,
    daemon: input.daemon,
    client: client && { ...client, drilledAt: timeOrNull(client.drilledAt) },
    activeAccount: shared?.account ?? null,
    slots,
    held:
      held === null
        ? null
        : { code: held.code, message: held.message, hint: held.hint, since: rfc3339(held.since) },
    pinned: shared?.pinned ?? null,
    proposal: shared?.proposal ?? null,
    accounts: input.accounts.map((each) => accountJson(each, input)),
    sessions: input.sessions.map((each) => sessionJson(each, input.now)),
    decision: shared?.decision ?? null,
    lastSwitchover: last === null ? null : switchoverJson(last),
  };
}

function slotJson(slot: SlotSeen, sessions: readonly SessionSeen[]): SlotJson {
  const { name, path, active, pinned, decision } = slot;
  return {
    name,
    path,
    account: active,
    sessions: sessions.filter(({ row }) => row.slot === name).map(({ row }) => row.name),
    pinned,
    proposal: proposalJson(slot.proposal),
    decision:
      decision === null
        ? null
        : { code: decision.code, text: decision.text, at: rfc3339(decision.at) },
  };
}

function proposalJson(proposal: Proposal | null): ProposalJson | null {
  if (proposal === null) return null;
  const { cause, from, to, text, at, until } = proposal;
  return { cause, from, to, text, at: rfc3339(at), until: rfc3339(until) };
}

export function historyJson(entries: readonly SwitchoverEntry[]): HistoryJson {
  return { schema: SCHEMA, entries: entries.map(switchoverJson) };
}

export function eventJson(event: EventRow): EventJson {
  return { seq: event.seq, at: rfc3339(event.at), type: event.type, data: event.data };
}

export function switchoverJson(entry: SwitchoverEntry): SwitchoverJson {
  return {
    id: entry.id,
    cause: entry.cause,
    slot: entry.slotName,
    from: entry.from,
    to: entry.to,
    startedAt: rfc3339(entry.startedAt),
    endedAt: timeOrNull(entry.endedAt),
    outcome: entry.outcome,
    trigger: triggerJson(entry.trigger as TriggerJson | null),
    steps: entry.steps.map((step) => ({
      ...step,
      startedAt: rfc3339(step.startedAt),
      endedAt: timeOrNull(step.endedAt),
    })),
    sessions: entry.sessions,
  };
}

/** The client's own words may hold anything; what is shown of them holds no secret. */
function triggerJson(trigger: TriggerJson | null): TriggerJson | null {
  return trigger === null ? null : { ...trigger, snippet: snippetOf(trigger.snippet) };
}

/** What sessions that run and are not held work with: the own allowance of such a model counts. */
function modelsIn(sessions: readonly SessionSeen[]): string[] {
  return sessions.flatMap(({ row }) =>
    row.model === null || row.held || row.state === "dead" ? [] : row.model,
  );
}

function accountJson(
  { view, row, usage, evidence }: StatusInput["accounts"][number],
  input: StatusInput,
): AccountJson {
  const identity = row?.identity ?? null;
  const active = input.slots[0].active;
  return {
    name: view.name,
    home: input.config.accounts.find((each) => each.name === view.name)?.home ?? "",
    state: accountState(view, active, input.now),
    slots: input.slots.filter((slot) => slot.active === view.name).map(({ name }) => name),
    limitations: limitationsOf(view, {
      active: active ?? "",
      models: modelsIn(input.sessions),
      now: input.now,
      jitterMs: input.jitterMs,
      overage: input.config.policy.overage,
    }),
    windows: view.windows.map((each) => ({
      window: each.window,
      usedPercent: usedAt(each, input.now),
      resetsAt: timeOrNull(
        each.resetsAt !== null && each.resetsAt > input.now ? each.resetsAt : null,
      ),
      forecast: forecastJson(usage, each.window, input.now),
    })),
    exhaustedUntil: timeOrNull(stillExhausted(view, input.now)),
    identity:
      identity === null ? null : { email: identity.email, subscription: identity.subscription },
    conflicts: openConflicts(
      conflictsOf({ evidence, readings: usage, now: input.now }),
      view.windows,
      input.now,
    ).map(({ text }) => text),
  };
}

function forecastJson(
  usage: readonly UsageRow[],
  window: LimitWindow,
  now: number,
): ForecastJson | null {
  const own = usage.filter((each) => each.window === window);
  const told = forecast(own, { window, now });
  if (told === null) return null;
  return {
    percentPerHour: Math.round(told.percentPerHour * 10) / 10,
    limitAt: timeOrNull(told.limitAt),
  };
}

/** What one word says of an account: the worst that is known, else whether it is the active one. */
function accountState(view: AccountView, active: string | null, now: number): AccountState {
  if (view.quarantined !== null) return "quarantined";
  if (!view.loggedIn) return "loggedOut";
  if (stillExhausted(view, now) !== null) return "exhausted";
  return view.name === active ? "active" : "standby";
}

function stillExhausted(view: AccountView, now: number): number | null {
  return view.exhaustedUntil !== null && view.exhaustedUntil > now ? view.exhaustedUntil : null;
}

export function timeOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : rfc3339(epochMs);
}
