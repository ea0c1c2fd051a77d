import { spawn, type ChildProcess } from "node:child_process";
import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";
import { parseAuthStatus, type Identity } from "./identity-answer.ts";

const DEFAULT_IDENTITY_TIMEOUT_MS = 10_000;

/**
 * How long the client may live when nobody waits for it any more. Its own token request ends after
 * 30 s (measured, 2.1.328); killing it earlier could lose a login.
 */
const LAST_RESORT_MS = 90_000;
const MAX_ANSWER_CHARS = 65_536;

/** What the client needs of our environment to answer; everything else could change the answer. */
const KEPT = /^(HOME|PATH|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|XDG_.*)$/;

export interface IdentityQuestion {
  /** The client: a name on PATH or an absolute path. */
  readonly claude: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  /** It is the client's own default, whose `.claude.json` lies in HOME: asked without naming it. */
  readonly isDefault?: boolean;
}

/**
 * Asks the client who a home is: `claude auth status --json` (client facts 9). Costs about 0.3 s and
 * a process; never for the middle of a flip. The client is cut off from the network by a proxy that
 * is not there, because it would otherwise look up the vendor's host, and refresh an expired login
 * (measured, 2.1.328); with it, the answer comes from the disk alone.
 *
 * Never throws: what cannot be told is `unknown` with a reason.
 */
export async function readIdentity(question: IdentityQuestion): Promise<Identity> {
  const { claude, home, env, clock, timeoutMs = DEFAULT_IDENTITY_TIMEOUT_MS } = question;
  const named = question.isDefault === true ? {} : { CLAUDE_CONFIG_DIR: home };
  const end = new AbortController();
  const late = clock.sleep(timeoutMs, end.signal).then(
    (): Identity => ({
      kind: "unknown",
      why: `claude auth status did not answer within ${timeoutMs} ms`,
    }),
    (): Identity => ({ kind: "unknown", why: "not asked" }),
  );
  const answer = ask({ claude, clock, env: { ...questionEnvironment(env), ...named } });
  try {
    return await Promise.race([answer, late]);
  } finally {
    end.abort();
  }
}

function questionEnvironment(env: IdentityQuestion["env"]): Record<string, string | undefined> {
  const nowhere = "http://127.0.0.1:9";
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name))),
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    http_proxy: nowhere,
    https_proxy: nowhere,
    NO_PROXY: "",
    no_proxy: "",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_ERROR_REPORTING: "1",
    DISABLE_TELEMETRY: "1",
  };
}

async function ask(options: {
  claude: string;
  clock: Clock;
  env: Record<string, string | undefined>;
}): Promise<Identity> {
  const { claude, clock, env } = options;
  const { promise, resolve } = Promise.withResolvers<Identity>();
  const ended = new AbortController();
  const child = startAsking(claude, env);
  if ("why" in child) return { kind: "unknown", why: child.why };
  child.unref();
  let text = "";
  child.stdout?.setEncoding("utf8");
  child.stdout?.on("data", (chunk: string) => {
    if (text.length < MAX_ANSWER_CHARS) text += chunk;
  });
  child.on("error", (thrown) => {
    ended.abort();
    resolve({ kind: "unknown", why: notStarted(claude, thrown) });
  });
  // It exits 1 when logged out, with the answer all the same.
  child.on("close", () => {
    ended.abort();
    resolve(parseAuthStatus(text));
  });
  clock.sleep(LAST_RESORT_MS, ended.signal).then(
    () => child.kill("SIGKILL"),
    () => undefined,
  );
  return await promise;
}

/**
 * A program that is being written to (a client that updates itself) is no event: Node throws. Where no
 * file descriptor is left the process has no pipe, and an error follows.
 */
function startAsking(
  claude: string,
  env: Record<string, string | undefined>,
): ChildProcess | { readonly why: string } {
  try {
    return spawn(claude, ["auth", "status", "--json"], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (thrown) {
    return { why: notStarted(claude, thrown) };
  }
}

function notStarted(claude: string, thrown: unknown): string {
  return `${claude} cannot be started (${errnoOf(thrown) ?? String(thrown)})`;
}

/** Whether a home holds a login: by `lstat` alone, the file is never opened (invariant 2). */
export type CredentialsState = "present" | "missing" | "unknown";

/** Looks whether `.credentials.json` is there. An empty file is no login. */
export async function credentialsPresent(home: string): Promise<CredentialsState> {
  try {
    const stats = await lstat(join(home, ".credentials.json"));
    return stats.isSymbolicLink() || (stats.isFile() && stats.size > 0) ? "present" : "missing";
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    return errno === "ENOENT" || errno === "ENOTDIR" ? "missing" : "unknown";
  }
}

/** A client that cannot answer may never do; each question costs a process (about 0.3 s of a core). */
const ASK_AGAIN = { baseMs: 4_000, mostMs: 300_000 };

/**
 * A `readIdentity` that remembers: a home is asked again only after its `.credentials.json` changed
 * its mtime, and never twice at the same time. What stays unknown is asked again less and less often,
 * every 5 minutes at last.
 */
export function identityReader(
  common: Omit<IdentityQuestion, "home">,
): (home: string) => Promise<Identity> {
  const { clock } = common;
  const asked = new Map<string, Asked>();
  return async (home) => {
    const key = await realpath(home).catch(() => home);
    const mtime = await credentialsTime(key);
    const before = asked.get(key);
    const isSame = before?.mtime === mtime;
    if (isSame && clock.monotonic() < before.againAt) return before.answer;
    const attempt = isSame ? before.attempt + 1 : 1;
    const entry = { mtime, attempt, answer: readIdentity({ ...common, home }), againAt: Infinity };
    asked.set(key, entry);
    const identity = await entry.answer;
    const waitMs = Math.min(ASK_AGAIN.mostMs, ASK_AGAIN.baseMs * 2 ** (attempt - 1));
    if (identity.kind === "unknown") entry.againAt = clock.monotonic() + waitMs;
    return identity;
  };
}

interface Asked {
  readonly mtime: string;
  readonly attempt: number;
  readonly answer: Promise<Identity>;
  /** From when (monotonic ms) it is asked again although the login is the same. */
  readonly againAt: number;
}

async function credentialsTime(home: string): Promise<string> {
  try {
    const { mtimeNs } = await lstat(join(home, ".credentials.json"), { bigint: true });
    return String(mtimeNs);
  } catch (thrown) {
    return errnoOf(thrown) ?? "unknown";
  }
}
