import { prepare, type Connection } from "./statement.ts";

/** The keys in use, so that two folders never take the same one. */
export const META = {
  /** JSON of the sticky `held` state; absent when nothing is held. */
  held: "held",
  /** Present while paused: RFC 3339 time of the pause. */
  paused: "paused",
  /** JSON array of the sessions of the pool that are kept beyond its least number, by index. */
  poolExtra: "poolExtra",
  /** JSON of the run that has not ended in order: of this daemon, or of one that was killed. */
  running: "running",
  /** The number of the last event that was looked at for notifications. */
  notifiedSeq: "notify/seq",
  /** Epoch ms of the last heartbeat. */
  notifiedBeat: "notify/beat",
  /** Since when (epoch ms) the held state is that was told of; absent when none was. */
  notifiedHeld: "notify/held",
  /** The version of the client that is installed. */
  client: "client",
  /** Drawn once: the share of the longest jitter that this installation waits after a reset. */
  jitter: "jitter",
} as const;

/** Key that is present while a manual switchover of the slot is pinned: the account's name. */
export function pinnedKey(slot: string): string {
  return `pinned/${slot}`;
}

/** Key of the JSON of the slot's proposal that waits for the operator's word; absent without one. */
export function proposalKey(slot: string): string {
  return `proposal/${slot}`;
}

/** Key of the `Due.key` that the operator declined or did not answer for the slot, while it stands. */
export function answeredKey(slot: string): string {
  return `answered/${slot}`;
}

/** Key of when a version of the client was drilled in the background. */
export function drillKey(version: string): string {
  return `drill/${version}`;
}

/** Key of the text that we typed into a session and that may not have been entered yet. */
export function typedKey(session: string): string {
  return `typed/${session}`;
}

/** Key of the paid usage of an account: until when it is taken to last, epoch ms. */
export function paidKey(account: string): string {
  return `paid/${account}`;
}

/** Key of the JSON of what was seen of the MCP servers in a state file of the client. */
export function serversKey(file: string): string {
  return `servers/${file}`;
}

/** Single values by key. */
export interface MetaTable {
  get(key: string): string | null;
  set(key: string, value: string): void;
  delete(key: string): void;
}

export function metaTable(db: Connection): MetaTable {
  const read = prepare<{ value: string }>(db, "SELECT value FROM meta WHERE key = @key");
  const write = prepare(
    db,
    `INSERT INTO meta (key, value) VALUES (@key, @value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  );
  const remove = prepare(db, "DELETE FROM meta WHERE key = @key");
  return {
    get: (key) => read.get({ key })?.value ?? null,
    set: (key, value) => void write.run({ key, value }),
    delete: (key) => void remove.run({ key }),
  };
}
