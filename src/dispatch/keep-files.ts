import { errnoOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { TaskRow } from "../store/tasks.ts";
import { inodeOf, moveEntry, removeEntry, writeEntry } from "./queue-folder.ts";
import { finishedFile } from "./task-file.ts";

const AT_A_TIME = 200;

/**
 * Brings files where their tasks' states want them: `.dispatched` while a session has the task, then
 * `done/` or `failed/` with what became of it. The store has the truth; what cannot be moved now stays
 * due and is tried again, also by the next daemon. Returns the sentence of the first that failed, by
 * project.
 */
export function keepFiles(store: Store): Map<string, string> {
  const problems = new Map<string, string>();
  for (const task of store.tasks.filesDue(AT_A_TIME)) {
    if (problems.has(task.project)) continue;
    try {
      store.tasks.change(task.id, { ...settle(store, task), fileDue: false });
    } catch (thrown) {
      if (errnoOf(thrown) === undefined) throw thrown;
      problems.set(task.project, sentence(task, thrown));
    }
  }
  return problems;
}

/** Puts one file where it belongs and says where that is. */
function settle(store: Store, task: TaskRow): { path: string | null; inode: string | null } {
  const { project, name, state } = task;
  const here = task.path === null ? null : inodeOf(project, task.path);
  // Somebody may have put another file under its name meanwhile: that one is not ours to move.
  const isOurs = here !== null && here === task.inode;
  switch (state) {
    case "assigned":
    case "delivered": {
      if (!isOurs || task.path?.endsWith(".dispatched") === true) return at(task, here);
      const to = { folder: "inbox", name: `${name}.md.dispatched` } as const;
      const path = moveEntry(project, task.path ?? "", to);
      return { path, inode: task.inode };
    }
    case "done":
    case "failed":
    case "cancelled": {
      const texts = store.tasks.texts(task.id);
      if (texts === null) return at(task, here);
      const folder = state === "done" ? "done" : "failed";
      const path = writeEntry(project, { folder, name: `${name}.md` }, finishedFile(task, texts));
      if (isOurs && task.path !== null && task.path !== path)
        removeEntry(project, task.path, task.inode);
      return { path, inode: inodeOf(project, path) };
    }
    case "queued":
    case "requeued":
      return at(task, here);
  }
}

function at(task: TaskRow, here: string | null): { path: string | null; inode: string | null } {
  return here === null ? { path: null, inode: null } : { path: task.path, inode: task.inode };
}

function sentence(task: TaskRow, thrown: unknown): string {
  const errno = errnoOf(thrown) ?? "?";
  const why =
    errno === "ENOSPC" || errno === "EDQUOT"
      ? "the disk is full"
      : errno === "ENOENT"
        ? "a folder is gone"
        : errno;
  return `The file of task ${task.id} cannot be moved: ${why}. It is tried again.`;
}
