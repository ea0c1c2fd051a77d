import { fromJson, toJson, type Json } from "./json.ts";
import type { Strategy } from "./sessions.ts";
import { prepare, type Connection } from "./statement.ts";

/** Where a switchover stands; which follows which is written down in switchover/journal. */
export const STAGES = [
  "planned",
  "locked",
  "flipped",
  "verified",
  "continuing",
  "committed",
  "rollingBack",
  "rolledBack",
  "held",
] as const;
export type Stage = (typeof STAGES)[number];

export type SwitchoverCause = "failover" | "switchover" | "failback";
export type SwitchoverOutcomeName = "committed" | "rolledBack" | "held";

/** What is known before a switchover begins. */
export interface NewSwitchover {
  readonly cause: SwitchoverCause;
  readonly from: string;
  readonly to: string;
  readonly fromHome: string;
  readonly toHome: string;
  readonly slotName: string;
  /** Where its link is. */
  readonly slot: string;
  /** The slot link's text as it was read, and as it shall be. */
  readonly linkBefore: string;
  readonly linkAfter: string;
  readonly trigger: Json;
  readonly startedAt: number;
}

export interface SwitchoverStep {
  readonly step: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `done`, `refused`, `failed`, `interrupted`; null while it is under way. */
  readonly outcome: string | null;
  readonly detail: Json;
}

/** One session that a switchover has to continue. `pending` is the only outcome that is not final. */
export interface SwitchoverSession {
  readonly name: string;
  readonly strategy: Strategy;
  readonly sessionId: string | null;
  readonly outcome: string;
  /** From the flip to the proof, in milliseconds. */
  readonly continuedMs: number | null;
  readonly proof: string | null;
}

/** A journal entry. It is open while `endedAt` is null; a held one stays open until recovered. */
export interface SwitchoverEntry extends NewSwitchover {
  readonly id: number;
  readonly stage: Stage;
  readonly outcome: SwitchoverOutcomeName | null;
  readonly endedAt: number | null;
  readonly steps: readonly SwitchoverStep[];
  readonly sessions: readonly SwitchoverSession[];
}

/** The journal's rows. Only switchover/journal writes them. */
export interface SwitchoversTable {
  /** Inserts an open entry at stage `planned`; null when another one is open. */
  insert(entry: NewSwitchover): number | null;
  setStage(id: number, stage: Stage): void;
  end(id: number, outcome: SwitchoverOutcomeName, endedAt: number): void;
  setOutcome(id: number, outcome: SwitchoverOutcomeName): void;
  /** Writes a step's intent and returns its row id. */
  beginStep(id: number, step: string, startedAt: number): number;
  endStep(
    stepId: number,
    result: { readonly outcome: string; readonly endedAt: number; readonly detail: Json },
  ): void;
  /** Ends every step that is still under way as `interrupted`. */
  interruptSteps(id: number, endedAt: number): void;
  /** Inserts or replaces one session's row. */
  putSession(id: number, session: SwitchoverSession): void;
  /**
   * Inserts a session's row into its slot's newest entry, if that left `from`; one that was not
   * continued then, or of which that was not known, is replaced.
   */
  addLateSession(
    left: Pick<SwitchoverEntry, "slotName" | "from">,
    session: SwitchoverSession,
  ): void;
  stage(id: number): Stage | null;
  get(id: number): SwitchoverEntry | null;
  open(): SwitchoverEntry | null;
  /** When the last committed one of the slot began that no operator asked for, or null. */
  lastAutomaticAt(slotName: string): number | null;
  /** Newest first. */
  list(limit: number): SwitchoverEntry[];
  /** The newest entry that was begun, of this slot or of any. */
  latest(slotName?: string): SwitchoverEntry | null;
}

type RawEntry = Omit<SwitchoverEntry, "trigger" | "steps" | "sessions"> & {
  trigger: string | null;
};
type RawStep = Omit<SwitchoverStep, "detail"> & { detail: string | null };

const SELECT = `SELECT id, cause, from_account AS "from", to_account AS "to",
  from_home AS fromHome, to_home AS toHome, slot_name AS slotName, slot, link_before AS linkBefore,
  link_after AS linkAfter, stage, outcome, trigger, started_at AS startedAt, ended_at AS endedAt
  FROM switchovers`;

export function switchoversTable(db: Connection): SwitchoversTable {
  const byId = prepare<RawEntry>(db, `${SELECT} WHERE id = @id`);
  const open = prepare<RawEntry>(db, `${SELECT} WHERE ended_at IS NULL`);
  const list = prepare<RawEntry>(db, `${SELECT} ORDER BY id DESC LIMIT @limit`);
  const latestOf = prepare<RawEntry>(
    db,
    `${SELECT} WHERE slot_name = @slotName ORDER BY id DESC LIMIT 1`,
  );
  const stage = prepare<{ stage: Stage }>(db, "SELECT stage FROM switchovers WHERE id = @id");
  const lastAutomatic = prepare<{ at: number | null }>(
    db,
    `SELECT max(started_at) AS at FROM switchovers
     WHERE slot_name = @slotName AND cause <> 'switchover' AND outcome = 'committed'`,
  );
  const complete = completer(db);
  return {
    ...entryWrites(db),
    ...stepWrites(db),
    stage: (id) => stage.get({ id })?.stage ?? null,
    get: (id) => complete(byId.get({ id })),
    open: () => complete(open.get()),
    lastAutomaticAt: (slotName) => lastAutomatic.get({ slotName })?.at ?? null,
    list: (limit) => list.all({ limit }).flatMap((raw) => complete(raw) ?? []),
    latest: (slotName) =>
      complete(slotName === undefined ? list.get({ limit: 1 }) : latestOf.get({ slotName })),
  };
}

function completer(db: Connection): (raw: RawEntry | undefined) => SwitchoverEntry | null {
  const steps = prepare<RawStep>(
    db,
    `SELECT step, started_at AS startedAt, ended_at AS endedAt, outcome, detail
     FROM switchover_steps WHERE switchover_id = @id ORDER BY id`,
  );
  const sessions = prepare<SwitchoverSession>(
    db,
    `SELECT name, strategy, session_id AS sessionId, outcome, continued_ms AS continuedMs, proof
     FROM switchover_sessions WHERE switchover_id = @id ORDER BY name`,
  );
  return (raw) => {
    if (raw === undefined) return null;
    const { id } = raw;
    return {
      ...raw,
      trigger: fromJson(raw.trigger),
      steps: steps.all({ id }).map((step) => ({ ...step, detail: fromJson(step.detail) })),
      sessions: sessions.all({ id }),
    };
  };
}

function entryWrites(
  db: Connection,
): Pick<
  SwitchoversTable,
  "insert" | "setStage" | "end" | "setOutcome" | "putSession" | "addLateSession"
> {
  const insert = prepare(
    db,
    `INSERT INTO switchovers (cause, from_account, to_account, from_home, to_home, slot_name, slot,
       link_before, link_after, stage, trigger, started_at)
     SELECT @cause, @from, @to, @fromHome, @toHome, @slotName, @slot,
       @linkBefore, @linkAfter, 'planned', @trigger, @startedAt
     WHERE NOT EXISTS (SELECT 1 FROM switchovers WHERE ended_at IS NULL)
     ON CONFLICT DO NOTHING`,
  );
  const setStage = prepare(db, "UPDATE switchovers SET stage = @stage WHERE id = @id");
  const end = prepare(
    db,
    "UPDATE switchovers SET outcome = @outcome, ended_at = @endedAt WHERE id = @id",
  );
  const setOutcome = prepare(db, "UPDATE switchovers SET outcome = @outcome WHERE id = @id");
  const putSession = prepare(
    db,
    `INSERT OR REPLACE INTO switchover_sessions
       (switchover_id, name, strategy, session_id, outcome, continued_ms, proof)
     VALUES (@id, @name, @strategy, @sessionId, @outcome, @continuedMs, @proof)`,
  );
  const addLate = prepare(
    db,
    `INSERT INTO switchover_sessions
       (switchover_id, name, strategy, session_id, outcome, continued_ms, proof)
     SELECT id, @name, @strategy, @sessionId, @outcome, @continuedMs, @proof
     FROM (SELECT id, from_account FROM switchovers WHERE slot_name = @slotName
           ORDER BY id DESC LIMIT 1)
     WHERE from_account = @from
     ON CONFLICT DO UPDATE SET session_id = excluded.session_id, outcome = excluded.outcome,
       continued_ms = excluded.continued_ms, proof = excluded.proof
     WHERE outcome IN ('notContinued', 'unproven')`,
  );
  return {
    insert: (entry) => {
      const { changes, rowId } = insert.run({ ...entry, trigger: toJson(entry.trigger) });
      return changes === 0 ? null : rowId;
    },
    setStage: (id, stage) => void setStage.run({ id, stage }),
    end: (id, outcome, endedAt) => void end.run({ id, outcome, endedAt }),
    setOutcome: (id, outcome) => void setOutcome.run({ id, outcome }),
    putSession: (id, session) => void putSession.run({ ...session, id }),
    addLateSession: (left, session) => void addLate.run({ ...session, ...left }),
  };
}

function stepWrites(
  db: Connection,
): Pick<SwitchoversTable, "beginStep" | "endStep" | "interruptSteps"> {
  const begin = prepare(
    db,
    `INSERT INTO switchover_steps (switchover_id, step, started_at)
     VALUES (@id, @step, @startedAt)`,
  );
  const end = prepare(
    db,
    `UPDATE switchover_steps SET ended_at = @endedAt, outcome = @outcome, detail = @detail
     WHERE id = @stepId`,
  );
  const interrupt = prepare(
    db,
    `UPDATE switchover_steps SET ended_at = @endedAt, outcome = 'interrupted'
     WHERE switchover_id = @id AND ended_at IS NULL`,
  );
  return {
    beginStep: (id, step, startedAt) => begin.run({ id, step, startedAt }).rowId,
    endStep: (stepId, result) => void end.run({ stepId, ...result, detail: toJson(result.detail) }),
    interruptSteps: (id, endedAt) => void interrupt.run({ id, endedAt }),
  };
}
