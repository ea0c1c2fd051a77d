import type { SessionState } from "../policy/model.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { taskWait, type OpenTask, type PoolWorker, type TaskWait } from "../policy/task-wait.ts";
import type { TaskRow } from "../store/tasks.ts";
import type { DispatchPorts } from "./ports.ts";
import { freeAt } from "./router.ts";
import type { Workers } from "./workers.ts";

/** Why a task does not go on; null where it does, or is over. */
export type WaitOf = (task: TaskRow) => TaskWait | null;

/** Why tasks do not go on as things are now, looked up once for all that are asked about. */
export function waitsNow(
  ports: Pick<DispatchPorts, "config" | "store" | "clock" | "frozen" | "sessions" | "session">,
  { workers, isStarting }: { readonly workers: Workers; readonly isStarting: boolean },
): WaitOf {
  const { store, clock, config } = ports;
  const poolWorkers = (): PoolWorker[] =>
    ports.sessions().flatMap((facts) => {
      const worker = workers.view(facts);
      return worker.kind === "pool" ? [{ ...worker, freeAt: freeAt(worker, config.dispatch) }] : [];
    });
  const scene = {
    now: clock.now(),
    isStarting,
    frozen: once(ports.frozen),
    workers: once(poolWorkers),
  };
  const sessionOf = (name: string) => ({
    name,
    state: ports.session(name)?.state ?? ("dead" satisfies SessionState),
    asks: store.sessionCare.get(name).asks,
    decision: store.decisions.latest(SHARED_SLOT)?.text ?? null,
  });
  return (task) => {
    if (!isOpen(task)) return null;
    const around = {
      after: () => store.taskAfter.of(task.id).flatMap(({ name, done }) => (done ? [] : [name])),
      session: () => (task.session === null ? null : sessionOf(task.session)),
    };
    return taskWait(task, around, scene);
  };
}

function isOpen(task: TaskRow): task is TaskRow & OpenTask {
  return task.state !== "done" && task.state !== "failed" && task.state !== "cancelled";
}

function once<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined;
  return () => (seen ??= { value: look() }).value;
}
