import { MOST_DEATHS } from "../policy/keep.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { CareRow } from "../store/session-care.ts";
import type { SessionRow } from "../store/sessions.ts";
import {
  SCHEMA,
  type SessionJson,
  type SessionNoteJson,
  type SessionsJson,
  type ProposalJson,
  type SlotJson,
  type StatusJson,
} from "./contract.ts";

/** A session as it is remembered. */
export interface SessionSeen {
  readonly row: SessionRow;
  readonly care: CareRow;
  /** The number of the task it has, or null. */
  readonly task: number | null;
  /** Where its slot leads, or null. */
  readonly nextAccount: string | null;
}

/** Pure: the answer of `sessions --json`. `now` is epoch ms. */
export function sessionsJson(sessions: readonly SessionSeen[], now: number): SessionsJson {
  return { schema: SCHEMA, sessions: sessions.map((each) => sessionJson(each, now)) };
}

/** Pure: one session as `status` and `sessions` tell it. `now` is epoch ms. */
export function sessionJson(seen: SessionSeen, now: number): SessionJson {
  const { row, care, task, nextAccount } = seen;
  return {
    name: row.name,
    kind: row.kind,
    state: row.state,
    slot: row.slot,
    account: row.account,
    nextAccount,
    sessionId: row.sessionId,
    cwd: row.cwd,
    pid: row.pid,
    claudeVersion: row.clientVersion,
    strategy: row.strategy,
    since: rfc3339(row.since),
    model: row.model,
    permissionMode: care.permissionMode,
    pane: row.paneId,
    draining: care.draining,
    task,
    note: noteOf(seen, now),
  };
}

/**
 * Pure: which account a session is on, for people: of its last turn, and of its next one where it moved
 * since; with its slot where it is not the shared one.
 */
export function accountText({
  account,
  nextAccount,
  slot,
}: Pick<SessionJson, "account" | "nextAccount" | "slot">): string {
  const hasMoved = account !== null && nextAccount !== null && nextAccount !== account;
  const name = hasMoved ? `${account} -> ${nextAccount}` : (account ?? "-");
  return isOwnSlot(slot) ? `${name} (slot ${slot})` : name;
}

/** Pure: whether a slot is not the one that all sessions without their own share. */
export function isOwnSlot(slot: string): boolean {
  return slot !== SHARED_SLOT;
}

/** A proposal that is open, and the slot that it would move. */
export interface OpenProposal {
  readonly proposal: ProposalJson;
  readonly slot: Pick<SlotJson, "name" | "sessions">;
}

/** Pure: what waits for the operator's word, the shared slot's first. */
export function proposalsOf({
  proposal,
  slots,
}: Pick<StatusJson, "proposal" | "slots">): OpenProposal[] {
  const shared = { name: SHARED_SLOT, sessions: [], proposal };
  return [shared, ...slots.filter(({ name }) => isOwnSlot(name))].flatMap((slot) =>
    slot.proposal === null ? [] : [{ proposal: slot.proposal, slot }],
  );
}

/** Pure: the words to answer a slot's proposal with. */
export function answerWords({ name, sessions }: Pick<SlotJson, "name" | "sessions">): string {
  const which = isOwnSlot(name) ? ` --session ${sessions[0] ?? name}` : "";
  return `claude-failover confirm${which}, or claude-failover decline${which}`;
}

function noteOf({ row, care }: SessionSeen, now: number): SessionNoteJson | null {
  const isDead = row.state === "dead";
  if (care.doubt !== null) return { code: "ambiguous", text: care.doubt };
  if (care.stoppedAt !== null)
    return {
      code: "crashLoop",
      text: `its client ended ${MOST_DEATHS} times in a row soon after its start; it is left alone until release`,
    };
  if (care.endedAt !== null) return { code: "ended", text: "it was ended, until release" };
  if (care.notStarted !== null) return { code: "notStarted", text: care.notStarted };
  if (isDead && care.restartAt !== null && care.restartAt > now)
    return {
      code: "backOff",
      text: `it ended soon after its start; it is started again at ${rfc3339(care.restartAt)}`,
    };
  if (row.state === "asking")
    return { code: "asking", text: care.asks ?? "it waits for an answer" };
  return null;
}
