import { sep } from "node:path";
import { changeClientState, readClientState, type ClientState } from "./client-state.ts";
import {
  EVERY_FOLDER,
  joinServers,
  NOTHING_SEEN,
  seenOfFile,
  seeServers,
  serversOf,
  type SeenServers,
} from "./mcp-servers.ts";
import { bothNames } from "./trust.ts";

/*
 * What a client was told about a folder, as 2.1.332 keeps it in `projects` of its `.claude.json`. A
 * session with a slot of its own reads the file of whatever home its link leads to (client facts 3).
 */

/** Answers that are given once. */
const ANSWERS = [
  "hasTrustDialogAccepted",
  "hasCompletedProjectOnboarding",
  "hasClaudeMdExternalIncludesApproved",
  "hasClaudeMdExternalIncludesWarningShown",
] as const;
/** What was said of MCP servers, by name: yes in the first list, no in the second. */
const VERDICTS = [
  ["enabledMcpjsonServers", "disabledMcpjsonServers"],
  ["enabledMcpServers", "disabledMcpServers"],
] as const;
/** What was allowed. */
const LISTS = ["allowedTools", "mcpContextUris"] as const;

/** What was seen of the MCP servers of each state file, kept from one carrying to the next. */
export interface ServerMemory {
  get(file: string): SeenServers | null;
  set(file: string, seen: SeenServers): void;
}

/**
 * Brings into the state file `to` what `from` says of the folders and of those that they lie in:
 * trust, approvals, and MCP servers, of these also the ones of every folder. A server that was changed or
 * removed in `from` is so in `to`, where it was the same; one that differs stays as it is in each. Nothing
 * else of `to` changes, above all not its login; when nothing is new the file is not touched.
 *
 * Throws CF_CLIENT_STATE when a file cannot be read or written or is not a JSON object.
 */
export async function carryApprovals(
  files: { readonly from: string; readonly to: string },
  folders: readonly string[],
  memory: ServerMemory,
): Promise<void> {
  if (files.from === files.to) return;
  const names = [...new Set((await Promise.all(folders.map(bothNames))).flat())];
  const told = await readClientState(files.from);
  const seenFrom = seenOfFile(memory.get(files.from), told);
  let left = null as { readonly state: ClientState; readonly seen: SeenServers } | null;
  await changeClientState(files.to, (state) => {
    const seen = seenOfFile(memory.get(files.to), state);
    const changed = withApprovals(state, told, names, { from: seenFrom, to: seen });
    left = { state: changed ?? state, seen };
    return changed;
  });
  const scopes = [EVERY_FOLDER, ...projectsAbout(names, told)];
  memory.set(files.from, seeServers(seenFrom, told, scopes));
  if (left !== null) memory.set(files.to, seeServers(left.seen, left.state, scopes));
}

/** Pure: `state` with what `told` says of the folders; null where that is nothing new. */
export function withApprovals(
  state: ClientState,
  told: ClientState,
  folders: readonly string[],
  seen = { from: NOTHING_SEEN, to: NOTHING_SEEN },
): ClientState | null {
  const joined = (scope: string): Fields => {
    const sides = { from: serversOf(told, scope), to: serversOf(state, scope), seen };
    const mcpServers = joinServers(scope, sides);
    return mcpServers === null ? {} : { mcpServers };
  };
  const projects = { ...state.projects };
  for (const path of projectsAbout(folders, told)) {
    const answers = withAnswers(projects[path] ?? {}, told.projects?.[path] ?? {});
    projects[path] = { ...answers, ...joined(path) };
  }
  const changed: ClientState = {
    ...state,
    ...(told["bypassPermissionsModeAccepted"] === true && { bypassPermissionsModeAccepted: true }),
    ...joined(EVERY_FOLDER),
    ...(Object.keys(projects).length > 0 && { projects }),
  };
  return JSON.stringify(changed) === JSON.stringify(state) ? null : changed;
}

/** What is told about the folders, and about those that they lie in. */
function projectsAbout(folders: readonly string[], { projects }: ClientState): string[] {
  return Object.keys(projects ?? {}).filter((path) =>
    folders.some((folder) => folder === path || folder.startsWith(path.replace(/\/?$/, sep))),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function withAnswers(known: Fields, told: Fields): Record<string, unknown> {
  const answers = ANSWERS.filter((key) => told[key] === true).map((key) => [key, true]);
  const lists = LISTS.map((key) => [key, [...listOf(known[key]), ...listOf(told[key])]] as const);
  const verdicts = VERDICTS.flatMap(([yes, no]) => {
    const said = [...listOf(told[yes]), ...listOf(told[no])];
    const others = (key: string) => listOf(known[key]).filter((name) => !said.includes(name));
    return [yes, no].map((key) => [key, [...others(key), ...listOf(told[key])]] as const);
  });
  const all = [...lists, ...verdicts].map(([key, values]) => [key, [...new Set(values)]] as const);
  const changed = all.filter(([key, values]) => !isSame(values, listOf(known[key])));
  return {
    ...known,
    ...Object.fromEntries(answers),
    ...Object.fromEntries(changed),
  };
}

/** Whether both hold the same names, in whatever order. */
function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
