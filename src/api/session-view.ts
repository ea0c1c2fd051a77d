import { MOST_DEATHS } from "../policy/keep.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { CareRow } from "../store/session-care.ts";
import type { SessionRow } from "../store/sessions.ts";
import { SCHEMA, type SessionJson, type SessionNoteJson, type SessionsJson } from "./contract.ts";

/** A session as it is remembered. */
export interface SessionSeen {
  readonly row: SessionRow;
  readonly care: CareRow;
  /** The number of the task it has, or null. */
  readonly task: number | null;
}

/** Pure: the answer of `sessions --json`. `now` is epoch ms. */
export function sessionsJson(sessions: readonly SessionSeen[], now: number): SessionsJson {
  return { schema: SCHEMA, sessions: sessions.map((each) => sessionJson(each, now)) };
}

/** Pure: one session as `status` and `sessions` tell it. `now` is epoch ms. */
export function sessionJson(seen: SessionSeen, now: number): SessionJson {
  const { row, care, task } = seen;
  return {
    name: row.name,
    kind: row.kind,
    state: row.state,
    account: row.account,
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
