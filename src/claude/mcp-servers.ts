import { createHash } from "node:crypto";
import type { ClientState } from "./client-state.ts";

/*
 * MCP servers are kept in step between state files: what was added, changed or removed in one is so in
 * another that held the same. That takes knowing what each held before. A client that removes the last
 * server of a scope leaves an empty object (2.1.332); without one nothing was removed.
 */

/** A server as it was seen in one file: what it is now and what it was before; null: not there. */
type SeenServer = readonly [now: string | null, before: string | null];

/** What one state file was seen to hold, by scope and name. Fingerprints: definitions may hold secrets. */
export interface SeenServers {
  /** Since when the file is one of its client's; another one of the same name was never seen. */
  readonly born: string | null;
  readonly servers: Readonly<Record<string, SeenServer>>;
}

export const NOTHING_SEEN: SeenServers = { born: null, servers: {} };

/** Where a server is defined: for every folder, or for one. */
export const EVERY_FOLDER = "";

type Servers = Readonly<Record<string, unknown>>;

/** The servers of one scope in two files, and what was seen there. */
interface Sides {
  readonly from: Servers | null;
  readonly to: Servers | null;
  readonly seen: { readonly from: SeenServers; readonly to: SeenServers };
}

/** Pure: the servers of a scope that `to` shall have; null where that changes nothing. */
export function joinServers(scope: string, { from, to, seen }: Sides): Servers | null {
  const joined = { ...to };
  const taken = [...new Set([...Object.keys(from ?? {}), ...Object.keys(joined)])].filter(
    (name) => {
      const [theirs, own] = [fingerprint(from?.[name]), fingerprint(joined[name])];
      const seenThere = seenOf(seen.from, { scope, name, servers: from });
      const seenHere = seenOf(seen.to, { scope, name, servers: to });
      if (theirs === own || isOld(theirs, seenThere, seenHere)) return false;
      return own === null || isOld(own, seenHere, seenThere);
    },
  );
  for (const name of taken)
    if (from !== null && name in from) joined[name] = from[name];
    else delete joined[name];
  return taken.length === 0 ? null : joined;
}

/** Pure: what is seen of a file whose state is this, in these scopes, after what was `seen` of it. */
export function seeServers(
  seen: SeenServers,
  state: ClientState,
  scopes: readonly string[],
): SeenServers {
  const servers: Record<string, SeenServer> = Object.fromEntries(
    Object.entries(seen.servers).filter(([key]) => !scopes.includes(scopeOf(key))),
  );
  for (const scope of scopes) {
    const current = serversOf(state, scope);
    if (current === null) continue;
    const known = Object.keys(seen.servers).filter((key) => scopeOf(key) === scope);
    const named = Object.keys(current).map((name) => keyOf(scope, name));
    for (const key of new Set([...known, ...named])) {
      const [now, before] = seen.servers[key] ?? UNSEEN;
      const found = fingerprint(current[nameOf(key)]);
      servers[key] = found === now ? [now, before] : [found, now ?? before];
    }
  }
  return { born: bornOf(state), servers };
}

/** Pure: what was seen of the file whose state is this; nothing where that was another file. */
export function seenOfFile(seen: SeenServers | null, state: ClientState): SeenServers {
  return seen?.born === bornOf(state) ? seen : NOTHING_SEEN;
}

/** The servers that a state file holds in a scope; null where it does not speak of any. */
export function serversOf(state: ClientState, scope: string): Servers | null {
  const fields = scope === EVERY_FOLDER ? state : state.projects?.[scope];
  const servers = fields?.["mcpServers"];
  return typeof servers === "object" && servers !== null && !Array.isArray(servers)
    ? (servers as Servers)
    : null;
}

const UNSEEN: SeenServer = [null, null];

/** Whether one file still holds what the other one held before, and was not changed since it was seen. */
function isOld(fingerprinted: string | null, [now]: SeenServer, other: SeenServer): boolean {
  return fingerprinted !== null && now === fingerprinted && other.includes(fingerprinted);
}

function seenOf(
  { servers: seen }: SeenServers,
  at: { readonly scope: string; readonly name: string; readonly servers: Servers | null },
): SeenServer {
  return at.servers === null ? UNSEEN : (seen[keyOf(at.scope, at.name)] ?? UNSEEN);
}

function fingerprint(server: unknown): string | null {
  if (server === undefined) return null;
  return createHash("sha256").update(JSON.stringify(server)).digest("hex").slice(0, 16);
}

function bornOf({ firstStartTime }: ClientState): string | null {
  return typeof firstStartTime === "string" ? firstStartTime : null;
}

const keyOf = (scope: string, name: string): string => JSON.stringify([scope, name]);
const scopeOf = (key: string): string => (JSON.parse(key) as [string, string])[0];
const nameOf = (key: string): string => (JSON.parse(key) as [string, string])[1];
