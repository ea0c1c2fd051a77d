import type { SessionFile } from "../claude/session-files.ts";

/** What is known of a session, and the clients that its pane runs. */
export interface Identified {
  /** The conversation that its hooks told last. */
  readonly sessionId: string | null;
  /** When its newest hook was written, epoch ms; 0 for never. */
  readonly heardAt: number;
  /** Whether it had the conversation named before. */
  readonly had: (sessionId: string) => boolean;
  readonly clients: readonly SessionFile[];
}

/**
 * Pure: why it cannot be told which conversation a session has, or null. `files` are all live clients.
 * The hooks are believed where the client's own file is older than they are, or still names a
 * conversation that the session left.
 */
export function doubtOf(session: Identified, files: readonly SessionFile[]): string | null {
  const { sessionId, heardAt, had } = session;
  const clients = session.clients.filter(isInteractive);
  const [client, second] = clients;
  if (second !== undefined) return `several clients run in its pane: ${pidsOf(clients)}`;
  const holders = files.filter((file) => isInteractive(file) && file.sessionId === sessionId);
  if (holders.length > 1) return `its conversation is open in several clients: ${pidsOf(holders)}`;
  if (client === undefined || sessionId === null || client.sessionId === sessionId) return null;
  const writtenAt = Math.max(client.startedAt ?? 0, client.statusUpdatedAt ?? 0);
  if (writtenAt <= heardAt || had(client.sessionId)) return null;
  return `its pane runs conversation ${client.sessionId}, its hooks told ${sessionId}`;
}

/** A client of a newer kind than we know counts; what one starts in the background does not. */
function isInteractive({ kind }: SessionFile): boolean {
  return kind === null || kind === "interactive";
}

function pidsOf(files: readonly SessionFile[]): string {
  return `processes ${files.map(({ pid }) => pid).join(", ")}`;
}
