import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join, sep } from "node:path";
import { errnoOf } from "../errors.ts";
import { MOST_FILE_BYTES } from "./parse-task.ts";

/** Where a project's tasks lie, below its folder. */
export const QUEUE_FOLDER = ".agent-queue";
export const FOLDERS = ["inbox", "done", "failed", "rejected"] as const;
export type FolderName = (typeof FOLDERS)[number];

/** An entry of an inbox, looked at without following links. */
export interface InboxEntry {
  readonly name: string;
  readonly kind: "file" | "link" | "directory" | "other";
  /** `device:inode`. */
  readonly inode: string;
  readonly size: number;
  /** Epoch ms. */
  readonly changedAt: number;
}

/** Tasks are files whose names end so; hidden ones are an editor's own. */
function isTaskName(name: string): boolean {
  return name.endsWith(".md") && !name.startsWith(".") && name.length > ".md".length;
}

/**
 * Makes what is missing of a project's queue folders, and says in a sentence why they cannot be used,
 * or null. Never makes the project itself, and follows no link out of it.
 */
export function prepareFolders(project: string): string | null {
  try {
    if (!statSync(project).isDirectory()) return `${project} is no folder.`;
    const root = realpathSync(project);
    for (const folder of ["", ...FOLDERS]) {
      const path = join(project, QUEUE_FOLDER, folder);
      mkdirSync(path, { recursive: true });
      const real = realpathSync(path);
      if (!real.startsWith(root + sep)) return `${path} is a link that leads out of the project.`;
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    }
    return null;
  } catch (thrown) {
    return folderProblem(project, thrown);
  }
}

function folderProblem(project: string, thrown: unknown): string {
  const path = thrown instanceof Error && "path" in thrown ? String(thrown.path) : project;
  switch (errnoOf(thrown) ?? "") {
    case "ENOENT":
      return `${project} does not exist.`;
    case "ENOSPC":
    case "EDQUOT":
      return `The disk of ${path} is full.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path} cannot be written.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} is no folder.`;
    default:
      return `${path} cannot be used (${errnoOf(thrown) ?? "unknown"}).`;
  }
}

/** Every entry of the inbox that is named like a task; throws what the file system throws. */
export function listInbox(project: string): InboxEntry[] {
  const folder = join(project, QUEUE_FOLDER, "inbox");
  return readdirSync(folder)
    .filter(isTaskName)
    .flatMap((name) => {
      const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
      if (found === undefined) return [];
      const kind = found.isFile()
        ? "file"
        : found.isSymbolicLink()
          ? "link"
          : found.isDirectory()
            ? "directory"
            : "other";
      const inode = `${found.dev}:${found.ino}`;
      return [{ name, kind, inode, size: found.size, changedAt: found.mtimeMs }];
    });
}

/**
 * The bytes of an inbox file, at most one more than a task may have; null when another one lies there
 * than was looked at. Follows no link.
 */
export function readTaskFile(project: string, entry: InboxEntry): Uint8Array | null {
  const path = join(project, QUEUE_FOLDER, "inbox", entry.name);
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (`${found.dev}:${found.ino}` !== entry.inode) return null;
    if (found.size > MOST_FILE_BYTES) return new Uint8Array(MOST_FILE_BYTES + 1);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** `device:inode` of what lies there, or null for nothing. */
export function inodeOf(project: string, path: string): string | null {
  const found = lstatSync(join(project, QUEUE_FOLDER, path), { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/**
 * Moves an entry to a folder under its name, or under `name~2`, `name~3`, … where that is taken:
 * nothing is ever overwritten. Returns where it lies then, below the queue folder.
 */
export function moveEntry(project: string, from: string, to: { folder: FolderName; name: string }) {
  const source = join(project, QUEUE_FOLDER, from);
  const isDirectory = lstatSync(source).isDirectory();
  return freeName(to, (path) => {
    const target = join(project, QUEUE_FOLDER, path);
    if (isDirectory) renameFolder(source, target);
    else moveFile(source, target);
    syncFolder(dirname(target));
  });
}

/** A link and an unlink, because a rename would replace what is there. */
function moveFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    // A kill between the two calls left the file under both names.
    if (errno === "EEXIST" && isSameFile(source, target)) return unlinkSync(source);
    // A file system without hard links.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errno)) throw thrown;
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw taken(target);
    renameSync(source, target);
    return;
  }
  unlinkSync(source);
}

function isSameFile(a: string, b: string): boolean {
  const [one, two] = [lstatSync(a), lstatSync(b)];
  return one.dev === two.dev && one.ino === two.ino;
}

function renameFolder(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw taken(target);
  renameSync(source, target);
}

function taken(path: string): Error {
  return Object.assign(new Error(`${path} exists`), { code: "EEXIST" });
}

/**
 * Writes a file that appears whole or not at all, under its name or, where that is taken by another
 * content, under the next free one. Written again after a kill it finds itself. Returns where it lies.
 */
export function writeEntry(
  project: string,
  to: { folder: FolderName; name: string },
  content: string,
): string {
  const folder = join(project, QUEUE_FOLDER, to.folder);
  const temp = join(folder, `.${process.pid}.tmp`);
  rmSync(temp, { force: true });
  try {
    const file = openSync(temp, "wx", 0o666);
    try {
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return freeName(to, (path) => {
      const target = join(project, QUEUE_FOLDER, path);
      if (isSameContent(target, content)) return;
      moveFile(temp, target);
      syncFolder(folder);
    });
  } finally {
    rmSync(temp, { force: true });
  }
}

function isSameContent(path: string, content: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size !== Buffer.byteLength(content)) return false;
  return readFileSync(path, "utf8") === content;
}

/** Removes an entry if it is still the one that was looked at. */
export function removeEntry(project: string, path: string, inode: string | null): void {
  if (inode !== null && inodeOf(project, path) !== inode) return;
  rmSync(join(project, QUEUE_FOLDER, path), { force: true });
}

const MOST_NAMES = 10_000;

/** Tries `name.ext`, `name~2.ext`, …: `place` throws EEXIST where one is taken. */
function freeName(to: { folder: FolderName; name: string }, place: (path: string) => void): string {
  const dot = to.name.indexOf(".md");
  const [stem, end] = dot < 0 ? [to.name, ""] : [to.name.slice(0, dot), to.name.slice(dot)];
  for (let copy = 1; ; copy++) {
    const path = `${to.folder}/${copy === 1 ? to.name : `${stem}~${copy}${end}`}`;
    try {
      place(path);
      return path;
    } catch (thrown) {
      if (errnoOf(thrown) !== "EEXIST" || copy === MOST_NAMES) throw thrown;
    }
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
