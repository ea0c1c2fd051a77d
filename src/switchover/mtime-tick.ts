import { join } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";
import type { EntryKind, SlotFs } from "./slot-fs.ts";

/** What `lstat` says of a home's `.credentials.json`; null when there is none. */
export type CredentialStat = { readonly kind: EntryKind; readonly mtimeMs: number } | null;

/** What must happen to the target's file so that running sessions notice the flip. */
export type MtimeTick =
  | { readonly kind: "none" }
  | { readonly kind: "tick"; readonly mtimeMs: number }
  | { readonly kind: "refused"; readonly message: string };

/**
 * A running client reads its login again only when the file's mtime differs from the one it last
 * saw (client facts 2). Which one that was is not known: a session that was idle over several flips
 * last saw the file of an account before the old one. So the target's time must differ from those of
 * all `others` as well (measured on 2.1.328: with three equal ones an idle session kept an account
 * that was two flips back). Two files that are less than a second apart count as equal, because a
 * file system or the client may round; the tick is then the first whole second from two past the old
 * file's time that is free. A missing file has nothing to compare.
 */
export function planMtimeTick(files: {
  from: CredentialStat;
  to: CredentialStat;
  others?: readonly CredentialStat[];
}): MtimeTick {
  const { from, to, others = [] } = files;
  if (from === null || to === null) return { kind: "none" };
  if (from.kind !== "file" || to.kind !== "file") {
    const which = to.kind === "file" ? "the old account's" : "the new account's";
    return { kind: "refused", message: `${which} .credentials.json is not a regular file` };
  }
  const taken = [from, ...others].flatMap((each) => (each === null ? [] : [each.mtimeMs]));
  const isFree = (at: number): boolean => taken.every((each) => Math.abs(each - at) >= TICK_MS);
  if (isFree(to.mtimeMs)) return { kind: "none" };
  let mtimeMs = Math.floor(from.mtimeMs / TICK_MS) * TICK_MS + 2 * TICK_MS;
  while (!isFree(mtimeMs)) mtimeMs += TICK_MS;
  return { kind: "tick", mtimeMs };
}

const TICK_MS = 1_000;

/** `lstat` of a home's `.credentials.json`. The file is never opened. */
export function credentialStat(home: string, fs: SlotFs): CredentialStat {
  try {
    return fs.look(credentialPath(home));
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return null;
  }
}

/**
 * Makes the target's credential mtime differ from the old home's and from those of `others`, the
 * homes of every account. Returns what was done. Throws CF_SLOT_MTIME when
 * that is not possible: the flip would then change nothing for a running session.
 */
export function applyMtimeTick(options: {
  from: string;
  to: string;
  others?: readonly string[] | undefined;
  fs: SlotFs;
}): MtimeTick {
  const { from, to, others = [], fs } = options;
  const tick = planMtimeTick({
    from: credentialStat(from, fs),
    to: credentialStat(to, fs),
    others: others.filter((home) => home !== to).map((home) => credentialStat(home, fs)),
  });
  if (tick.kind === "none") return tick;
  const path = credentialPath(to);
  if (tick.kind === "refused") throw tickError(path, tick.message);
  try {
    fs.setTimes(path, tick.mtimeMs);
    return tick;
  } catch (thrown) {
    throw tickError(path, `its time cannot be set (${errnoOf(thrown) ?? "?"})`, thrown);
  }
}

function credentialPath(home: string): string {
  return join(home, ".credentials.json");
}

function tickError(path: string, why: string, cause?: unknown): FailoverError {
  return new FailoverError(
    "CF_SLOT_MTIME",
    `Sessions would not notice the flip to ${path}: ${why}.`,
    {
      details: { path },
      cause,
    },
  );
}
