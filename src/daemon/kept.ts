import type { Config } from "../config/config.ts";
import { wantedSessions, type WantedSession } from "../sessions/wanted.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

/** The sessions of the pool beyond its least number that are kept now, by their index. */
export function extraWorkers(store: Store): number[] {
  const text = store.meta.get(META.poolExtra);
  return text === null ? [] : (JSON.parse(text) as number[]);
}

/** Every session that is to be kept now. */
export function keptSessions(store: Store, config: Config): WantedSession[] {
  return wantedSessions(config, extraWorkers(store));
}
