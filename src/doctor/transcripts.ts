import { realpathSync } from "node:fs";
import { join } from "node:path";
import { sharedTarget } from "../accounts/shared-targets.ts";
import { findTranscripts } from "../claude/find-transcripts.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../store/store.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("transcripts");

/** A conversation of the registry and where its transcripts lie. */
export interface Conversation {
  readonly session: string;
  readonly sessionId: string;
  readonly paths: readonly string[];
  /** One of them lies in a home's own tree. */
  readonly isPrivate: boolean;
  /** Something was said in it: before that it has no transcript. */
  readonly prompted: boolean;
}

/**
 * Whether every conversation has one transcript (design: invariant 1): in the shared tree, and in
 * the private ones that a home may still have (client facts 5).
 */
export const transcriptsCheck: Check<Scene> = {
  code: "transcripts",
  look: ({ config, store }) => {
    if (store === null) return [say.unknown("No session is recorded yet.")];
    const { shared, own } = projectFolders(config);
    return judgeTranscripts(
      registered(store).map((each) => {
        const inOwn = own.flatMap((folder) => findTranscripts(folder, each.sessionId));
        const paths = [...findTranscripts(shared, each.sessionId), ...inOwn];
        return { ...each, paths, isPrivate: inOwn.length > 0 };
      }),
    );
  },
};

/** Pure. */
export function judgeTranscripts(conversations: readonly Conversation[]): readonly Finding[] {
  const split = conversations.filter(({ paths }) => paths.length > 1);
  const lost = conversations.filter(({ paths, prompted }) => paths.length === 0 && prompted);
  const found = [
    ...split.map(({ session, sessionId, paths, isPrivate }) =>
      say.bad(
        `Conversation ${sessionId} of session ${session} has ${paths.length} transcripts: ${paths.join(", ")}.`,
        isPrivate
          ? "Stop daemon and sessions; claude-failover adopt joins what is one conversation."
          : "Stop the session; keep the longer one, if it contains the other, and move the other away.",
      ),
    ),
    ...lost.map(({ session, sessionId }) =>
      say.warn(
        `The transcript of conversation ${sessionId} of session ${session} is gone.`,
        "The client sweeps old ones (cleanupPeriodDays); look at the retention check.",
      ),
    ),
  ];
  if (found.length > 0) return found;
  const many = conversations.filter(({ paths }) => paths.length === 1).length;
  return [say.ok(`Conversations with exactly one transcript: ${many}.`)];
}

function registered(store: Store): Omit<Conversation, "paths" | "isPrivate">[] {
  return store.sessions
    .list()
    .flatMap(({ name }) =>
      store.sessionIds
        .of(name)
        .map(({ sessionId, prompted }) => ({ session: name, sessionId, prompted })),
    );
}

/** The shared tree, and every other one that a home or a slot reaches, each once. */
function projectFolders(config: Config): { shared: string; own: readonly string[] } {
  const shared = sharedTarget(config.shared.root, "projects");
  const homes = [
    ...config.accounts.map(({ home }) => home),
    ...config.slots.map(({ path }) => path),
  ];
  const real = homes.flatMap((home) => realPath(join(home, "projects")) ?? []);
  const others = real.filter((path) => path !== realPath(shared));
  return { shared, own: [...new Set(others)] };
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
