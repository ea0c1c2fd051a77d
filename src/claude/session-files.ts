import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";
import { fieldsOf, numberOf, parseFields, textOf } from "./fields.ts";

/** One `sessions/<pid>.json` of the client (client facts 6). Times are epoch ms. */
export interface SessionFile {
  readonly pid: number;
  /** When the process started, in clock ticks since boot, as text: tells a pid used again apart. */
  readonly procStart: string | null;
  readonly sessionId: string;
  readonly cwd: string | null;
  readonly version: string | null;
  /** `idle`, `busy`, or whatever a newer client says; null where it does not say. */
  readonly status: string | null;
  readonly statusUpdatedAt: number | null;
  readonly startedAt: number | null;
  /** `interactive`, `bg`, `daemon`, … */
  readonly kind: string | null;
}

/** Pure: the text of one session file, or null if it is none (half written, another shape). */
export function parseSessionFile(json: string): SessionFile | null {
  const fields = fieldsOf(parseFields(json));
  const pid = numberOf(fields?.["pid"]);
  const sessionId = textOf(fields?.["sessionId"]);
  if (fields === null || pid === null || !Number.isInteger(pid) || pid <= 0) return null;
  if (sessionId === null) return null;
  const procStart = fields["procStart"];
  return {
    pid,
    sessionId,
    procStart: typeof procStart === "number" ? String(procStart) : textOf(procStart),
    cwd: textOf(fields["cwd"]),
    version: textOf(fields["version"]),
    status: textOf(fields["status"]),
    statusUpdatedAt: numberOf(fields["statusUpdatedAt"]),
    startedAt: numberOf(fields["startedAt"]),
    kind: textOf(fields["kind"]),
  };
}

/**
 * The sessions of `dir` whose process still runs, in order of pid. Files of dead processes stay
 * behind and pids are used again, so the start time must be the one of the file (field 22 of
 * `/proc/<pid>/stat`); a file without one, and a system without `/proc`, count by the pid alone. A missing directory has none.
 * Throws CF_CLIENT_SESSIONS where the directory cannot be read.
 */
export function readLiveSessions(dir: string, procDir = "/proc"): SessionFile[] {
  return namesIn(dir)
    .filter((name) => /^\d+\.json$/.test(name))
    .flatMap((name) => parseSessionFile(textIn(join(dir, name))) ?? [])
    .filter((session) => runs(session, procDir))
    .toSorted((a, b) => a.pid - b.pid);
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw new FailoverError(
      "CF_CLIENT_SESSIONS",
      `The client's sessions in ${dir} are unreadable.`,
      {
        details: { path: dir },
        cause,
      },
    );
  }
}

/** Empty for a file that went away since it was listed, or that is not ours to read. */
function textIn(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function runs(session: SessionFile, procDir: string): boolean {
  const started = startOf(textIn(join(procDir, String(session.pid), "stat")));
  if (started === null) return process.platform !== "linux" && exists(session.pid);
  return session.procStart === null || session.procStart === started;
}

/** All that can be told where the kernel has no `/proc`. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return errnoOf(cause) === "EPERM";
  }
}

/**
 * Field 22; counted after the last `)`, because the command's name may hold spaces and brackets. Null
 * for a process that has ended and that nobody asked after: where no init does, it stays for ever.
 */
function startOf(stat: string): string | null {
  const close = stat.lastIndexOf(")");
  const [state, ...fields] = close < 0 ? [] : stat.slice(close + 2).split(" ");
  return state === "Z" ? null : (fields[18] ?? null);
}
