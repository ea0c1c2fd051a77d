import type { Evidence, EvidenceChannel, LimitWindow, RefusalClass } from "../policy/model.ts";
import { prepare, type Connection } from "./statement.ts";

export interface EvidenceTable {
  /** False when the same refusal was already told by the same channel; the first one stays. */
  add(evidence: Evidence): boolean;
  get(id: string): Evidence | null;
  /** Evidence charged to `account` and observed at `sinceMs` or later, oldest first. */
  ofAccount(account: string, sinceMs: number): Evidence[];
  /** The newest refusal that hook or row told of a limit of the account, not of one model; or null. */
  lastLimitOf(account: string): Evidence | null;
  /** Evidence of any account observed at `sinceMs` or later, oldest first. */
  since(sinceMs: number): Evidence[];
}

interface RawEvidence {
  id: string;
  channel: EvidenceChannel;
  session: string;
  sessionId: string;
  promptId: string | null;
  account: string;
  class: RefusalClass;
  window: LimitWindow | null;
  resetsAt: number | null;
  pattern: string;
  text: string;
  requestedAt: number;
  observedAt: number;
}

const SELECT = `SELECT id, channel, session, session_id AS sessionId, prompt_id AS promptId,
  account, class, window, resets_at AS resetsAt, pattern, text, requested_at AS requestedAt,
  observed_at AS observedAt FROM evidence`;

export function evidenceTable(db: Connection): EvidenceTable {
  const add = prepare(
    db,
    `INSERT INTO evidence (id, dedupe_key, channel, session, session_id, prompt_id, account, class,
       window, resets_at, pattern, text, requested_at, observed_at)
     VALUES (@id, @dedupeKey, @channel, @session, @sessionId, @promptId, @account, @class,
       @window, @resetsAt, @pattern, @text, @requestedAt, @observedAt)
     ON CONFLICT DO NOTHING`,
  );
  const byId = prepare<RawEvidence>(db, `${SELECT} WHERE id = @id`);
  const byAccount = prepare<RawEvidence>(
    db,
    `${SELECT} WHERE account = @account AND observed_at >= @sinceMs ORDER BY observed_at, id`,
  );
  const lastLimit = prepare<RawEvidence>(
    db,
    `${SELECT} WHERE account = @account AND class = 'usageLimit' AND channel IN ('hook', 'row')
       AND coalesce(window, '') NOT LIKE 'model:%' ORDER BY observed_at DESC, id LIMIT 1`,
  );
  const since = prepare<RawEvidence>(
    db,
    `${SELECT} WHERE observed_at >= @sinceMs ORDER BY observed_at, id`,
  );
  return {
    add: (evidence) => add.run(toRaw(evidence)).changes > 0,
    get: (id) => {
      const raw = byId.get({ id });
      return raw === undefined ? null : toEvidence(raw);
    },
    ofAccount: (account, sinceMs) => byAccount.all({ account, sinceMs }).map(toEvidence),
    lastLimitOf: (account) => {
      const raw = lastLimit.get({ account });
      return raw === undefined ? null : toEvidence(raw);
    },
    since: (sinceMs) => since.all({ sinceMs }).map(toEvidence),
  };
}

/**
 * The same prompt refused under another account is another fact, so the account is part of the key.
 * A channel that knows no prompt can only be told apart by the evidence's own id.
 */
function dedupeKey({ channel, sessionId, promptId, account, id }: Evidence): string {
  return JSON.stringify([channel, sessionId, account, promptId ?? `id:${id}`]);
}

function toRaw(evidence: Evidence): RawEvidence & { dedupeKey: string } {
  const { refusal, ...rest } = evidence;
  return { ...rest, ...refusal, dedupeKey: dedupeKey(evidence) };
}

function toEvidence(raw: RawEvidence): Evidence {
  const { class: refusalClass, window, resetsAt, pattern, text, ...rest } = raw;
  return { ...rest, refusal: { class: refusalClass, window, resetsAt, pattern, text } };
}
