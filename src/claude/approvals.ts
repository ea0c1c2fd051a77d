import { sep } from "node:path";
import { changeClientState, readClientState, type ClientState } from "./client-state.ts";
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

/**
 * Brings into the state file `to` what `from` says of the folders and of those that they lie in:
 * trust, approvals, and MCP servers, of these also the ones of every folder. A server that both have
 * under one name stays as it is in each. Nothing else of `to` changes, above all not its login; when
 * nothing is new the file is not touched.
 *
 * Throws CF_CLIENT_STATE when a file cannot be read or written or is not a JSON object.
 */
export async function carryApprovals(
  files: { readonly from: string; readonly to: string },
  folders: readonly string[],
): Promise<void> {
  if (files.from === files.to) return;
  const names = [...new Set((await Promise.all(folders.map(bothNames))).flat())];
  const told = await readClientState(files.from);
  await changeClientState(files.to, (state) => withApprovals(state, told, names));
}

/** Pure: `state` with what `told` says of the folders; null where that is nothing new. */
export function withApprovals(
  state: ClientState,
  told: ClientState,
  folders: readonly string[],
): ClientState | null {
  const isAbout = (path: string): boolean =>
    folders.some((folder) => folder === path || folder.startsWith(path.replace(/\/?$/, sep)));
  const projects = { ...state.projects };
  for (const [path, project] of Object.entries(told.projects ?? {}))
    if (isAbout(path)) projects[path] = withAnswers(projects[path] ?? {}, project);
  const changed: ClientState = {
    ...state,
    ...(told["bypassPermissionsModeAccepted"] === true && { bypassPermissionsModeAccepted: true }),
    ...serversOf(state, told),
    ...(Object.keys(projects).length > 0 && { projects }),
  };
  return JSON.stringify(changed) === JSON.stringify(state) ? null : changed;
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
    ...serversOf(known, told),
  };
}

function serversOf(known: Fields, told: Fields): Fields {
  const own = objectOf(known["mcpServers"]);
  const others = Object.entries(objectOf(told["mcpServers"])).filter(([name]) => !(name in own));
  return others.length === 0 ? {} : { mcpServers: { ...own, ...Object.fromEntries(others) } };
}

/** Whether both hold the same names, in whatever order. */
function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
