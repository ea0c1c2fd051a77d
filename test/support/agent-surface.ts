import { settled } from "./agent-lab.ts";
import type { Lab } from "./agent-lab.ts";
import { until } from "./agent-session.ts";
import type { AgentSession, TranscriptRow } from "./agent-session.ts";
import { kindOf } from "./agent-shape.ts";

/**
 * What an experiment saw. `essential` must be the same with every client we know; `exact` with the
 * one the stand-in is modelled on.
 */
export interface Seen {
  readonly essential: unknown;
  readonly exact?: unknown;
}

export type Surface = (lab: Lab) => Promise<Seen>;
export type Surfaces = Readonly<Record<string, Surface>>;

const startedAt = Math.floor(Date.now() / 1000);

/** Epoch seconds of a reset that the client waits for by itself. */
export const SOON = startedAt + 7_200;

/** Epoch seconds of a reset so far away that the client asks what to do. */
export const LATE = startedAt + 400_000;

/** Waits for the end of a turn: both hooks heard, and the screen quiet. */
export async function turnEnds(
  session: AgentSession,
  event: "Stop" | "StopFailure",
  count = 1,
): Promise<string[]> {
  await session.waitForHook(event, count);
  await session.waitForHttpHook(event, count);
  return await settled(session);
}

/** The transcript, once it holds a number of rows of a kind. */
export async function rowsWith(
  session: AgentSession,
  kind: string,
  count = 1,
): Promise<TranscriptRow[]> {
  return await until(`${count} ${kind} rows`, async () => {
    const rows = await session.rows();
    return rows.filter((row) => kindOf(row) === kind).length >= count && rows;
  });
}

/** What the operator said, as the transcript keeps it. */
export function typed(rows: readonly TranscriptRow[]): unknown[] {
  return rows.filter((row) => row.type === "user" && "permissionMode" in row).map(contentOf);
}

/** What a row's message says. */
export function contentOf(row: TranscriptRow | undefined): unknown {
  return (row?.["message"] as { content?: unknown } | undefined)?.content;
}

/** The composer's line and the cursor's column. */
export async function composer(session: AgentSession): Promise<string> {
  const line = (await session.screen()).findLast((text) => text.startsWith("❯")) ?? "none";
  return `${line.trimEnd()} @${await session.pane("#{cursor_x}")}`;
}

/** The composer once it is as expected, or as it is after ten seconds: a busy machine draws late. */
export async function composerLike(session: AgentSession, expected: RegExp): Promise<string> {
  const isThere = async (): Promise<boolean> => expected.test(await composer(session));
  await until("composer", isThere, 10_000).catch(() => undefined);
  await settled(session);
  return await composer(session);
}

/** Whether the screen says something, however its lines are broken. */
export async function shows(session: AgentSession, words: string): Promise<boolean> {
  const flat = (text: string): string => text.replaceAll(/\s+/g, " ");
  return flat((await session.screen()).join("\n")).includes(flat(words));
}

/**
 * Presses Enter until the `count`th prompt is reported: an Enter that reaches the client together
 * with the text before it may be lost (client facts 29).
 */
export async function pressEnterUntilTaken(session: AgentSession, count: number): Promise<void> {
  const isTaken = (): boolean =>
    session.httpHooks.filter(({ event }) => event === "UserPromptSubmit").length >= count;
  await until("a prompt that is taken", async () => {
    await session.keys("Enter");
    return await until("report", isTaken, 1_000).catch(() => false);
  });
}

/** Accounts of the requests that went on with the conversation, in order. */
export function accounts(lab: Lab): Array<string | null> {
  return lab.api.requests.filter(({ isTurn }) => isTurn).map(({ account }) => account);
}
