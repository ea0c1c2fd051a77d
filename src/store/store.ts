import type { Clock } from "../clock.ts";
import { accountPeriodsTable, type AccountPeriodsTable } from "./account-periods.ts";
import { accountsTable, type AccountsTable } from "./accounts.ts";
import { certificationsTable, type CertificationsTable } from "./certifications.ts";
import { checkpointsTable, type CheckpointsTable } from "./checkpoints.ts";
import { commitsOf, type Commits } from "./commits.ts";
import { openDatabase, openDatabaseForReading } from "./database.ts";
import { decisionsTable, type DecisionsTable } from "./decisions.ts";
import { eventsTable, type EventRow, type EventsTable } from "./events.ts";
import { evidenceTable, type EvidenceTable } from "./evidence.ts";
import type { Json } from "./json.ts";
import { metaTable, type MetaTable } from "./meta.ts";
import { notificationsTable, type NotificationsTable } from "./notifications.ts";
import { sessionCareTable, type SessionCareTable } from "./session-care.ts";
import { sessionIdsTable, type SessionIdsTable } from "./session-ids.ts";
import { sessionsTable, type SessionsTable } from "./sessions.ts";
import type { Connection } from "./statement.ts";
import { switchoversTable, type SwitchoversTable } from "./switchovers.ts";
import { taskAfterTable, type TaskAfterTable } from "./task-after.ts";
import { taskStepsTable, type TaskStepsTable } from "./task-steps.ts";
import { tasksTable, type TasksTable } from "./tasks.ts";
import { usageTable, type UsageTable } from "./usage.ts";
import { space, type Space } from "./space.ts";
import { totals, type Totals } from "./totals.ts";

/** Everything that survives the daemon. Each call is one durable commit unless in a transaction. */
export interface Store extends Commits {
  readonly path: string;
  readonly meta: MetaTable;
  readonly accounts: AccountsTable;
  readonly periods: AccountPeriodsTable;
  readonly sessions: SessionsTable;
  readonly sessionIds: SessionIdsTable;
  readonly sessionCare: SessionCareTable;
  readonly certifications: CertificationsTable;
  readonly evidence: EvidenceTable;
  readonly usage: UsageTable;
  readonly decisions: DecisionsTable;
  readonly switchovers: SwitchoversTable;
  readonly tasks: TasksTable;
  readonly taskAfter: TaskAfterTable;
  readonly taskSteps: TaskStepsTable;
  readonly notifications: NotificationsTable;
  readonly checkpoints: CheckpointsTable;
  readonly totals: Totals;
  readonly space: Space;
  readonly events: EventsTable;
  /** Appends an event stamped with the store's clock. */
  emit(type: string, data: Json): EventRow;
  /** Tells `listener`, which must not throw, every event that this process appends from now on. */
  subscribe(listener: (event: EventRow) => void): Disposable;
  close(): void;
}

/**
 * Opens (and makes or migrates) the state file at `path`. Throws CF_STORE_NEWER, CF_STORE_CORRUPT,
 * CF_STORE_UNWRITABLE, CF_STORE_FULL or CF_STORE_BUSY; so does every later call.
 */
export function openStore(path: string, clock: Clock): Store {
  return storeOf(openDatabase(path), clock);
}

/** The state file as it lies there, for reading only; null when there is none. */
export function openStoreForReading(path: string, clock: Clock): Store | null {
  const db = openDatabaseForReading(path);
  return db === null ? null : storeOf(db, clock);
}

function storeOf(db: Connection, clock: Clock): Store {
  const events = eventsTable(db);
  const listeners = new Set<(event: EventRow) => void>();
  const commits = commitsOf(db);
  return {
    ...commits,
    path: db.name,
    meta: metaTable(db),
    accounts: accountsTable(db),
    periods: accountPeriodsTable(db),
    sessions: sessionsTable(db),
    sessionIds: sessionIdsTable(db),
    sessionCare: sessionCareTable(db),
    certifications: certificationsTable(db),
    evidence: evidenceTable(db),
    usage: usageTable(db),
    decisions: decisionsTable(db),
    switchovers: switchoversTable(db),
    tasks: tasksTable(db),
    taskAfter: taskAfterTable(db),
    taskSteps: taskStepsTable(db),
    notifications: notificationsTable(db),
    checkpoints: checkpointsTable(db),
    totals: totals(db),
    space: space(db),
    events,
    emit: (type, data) => {
      const event = events.append({ at: clock.now(), type, data });
      commits.whenDurable(() => listeners.forEach((listener) => listener(event)));
      return event;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    close: () => {
      commits.flush();
      db.close();
    },
  };
}
