import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EventJson, SessionJson, SwitchoverJson } from "../api/contract.ts";
import { findTranscripts } from "../claude/find-transcripts.ts";
import { readLiveSessions } from "../claude/session-files.ts";
import { parseTranscriptRow } from "../claude/transcript.ts";
import { backgroundPid } from "./background-work.ts";
import type { Prompted } from "./operator.ts";
import type { RecordedRequest } from "./messages-api-request.ts";
import type { Check, RehearsalReport, SessionLine, Timing } from "./rehearsal-report.ts";
import type { World } from "./world.ts";

/** How a limit is met: by all sessions at once, or by one under some difficulty. */
export type RoundKind = "fleet" | "single" | "equalTimes" | "weekly";

/** One limit: who was driven into it, and where the requests of it begin. */
export interface Round {
  readonly kind: RoundKind;
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly names: readonly string[];
  readonly serial: number;
  /** How long the refusal was held back, so that every session's request was under way. */
  readonly heldBackMs: number;
}

interface Material {
  readonly world: World;
  readonly agent: string;
  readonly strategy: "hot" | "relaunch";
  readonly before: readonly SessionJson[];
  readonly after: readonly SessionJson[];
  /** The background process, as it was started; absent where there was to be none. */
  readonly background?: number | null;
  /** What the refresh of a login showed, or null. */
  readonly refresh: Check | null;
  /** The client opened its menu at a weekly limit. */
  readonly menuSeen: boolean;
  readonly events: readonly EventJson[];
  readonly prompts: readonly Prompted[];
  readonly rounds: readonly Round[];
  readonly entries: readonly SwitchoverJson[];
}

/** Looks at what is on the disk and at what the Messages API saw, and compares it with the claims. */
export function checkRehearsal(material: Material): RehearsalReport {
  const { before, after, rounds, entries, agent } = material;
  const timings = rounds.flatMap((round) => timingsOf(round, material));
  const checks = [
    equal("every limit led to one committed failover", rounds.length, committed(entries)),
    equal("sessions kept their uuid", uuids(before), uuids(after)),
    ...sameClients(material),
    oneTranscript(material),
    promptsOnce(material),
    noneUnderSpent(material),
    ...sessionList(material),
    everybodyWentOn(material),
    ...difficulties(material),
  ];
  const sessions = after.map((session) => lineOf(session, material, timings));
  const passed = checks.every((check) => check.ok);
  return { schema: 1, agent, sessions, timings, checks, passed };
}

/** Hot: the same processes, with what they left running. Else: others, with the same conversations. */
function sameClients({ strategy, before, after, background, events }: Material): Check[] {
  if (strategy === "hot")
    return [
      equal("clients kept running through every flip", pids(before), pids(after)),
      equal(
        "background work kept running",
        background ?? "none started",
        backgroundPid() ?? "gone",
      ),
    ];
  const kept = before.filter(({ name, pid }) =>
    after.some((each) => each.name === name && each.pid === pid),
  );
  const moved = events.filter(({ type }) => type === "session.relaunched");
  const resumed = moved.filter(({ data }) => (data as { source?: string }).source === "resume");
  const ok = kept.length === 0 && moved.length > 0 && resumed.length === moved.length;
  const found = `${resumed.length} of ${moved.length} resumed, ${kept.length} left as they were`;
  return [{ claim: "clients were ended cleanly and resumed their conversations", ok, found }];
}

/** Where the list is shared at all (client facts 6). */
function sessionList(material: Material): Check[] {
  const { sandbox } = material.world;
  const [first] = sandbox.accounts;
  const isShared = isLink(join(first?.home ?? "", "sessions"));
  const claim = "the client's own session list survived";
  return isShared ? [equal(claim, material.after.length, liveSessions(material))] : [];
}

const DIFFICULT: ReadonlyArray<readonly [RoundKind, string]> = [
  ["equalTimes", "a flip between logins of the same modification time is noticed"],
  ["weekly", "the menu of a weekly limit is closed and the turn continued"],
];

function difficulties(material: Material): Check[] {
  const checks = DIFFICULT.flatMap(([kind, claim]) => {
    const rounds = material.rounds.filter((round) => round.kind === kind);
    const went = rounds.filter((round) =>
      round.names.every((name) => nextOf(round, name, material)),
    );
    const menu = kind !== "weekly" ? "" : material.menuSeen ? ", menu seen" : ", no menu seen";
    const found = `${went.length} of ${rounds.length} rounds${menu}`;
    return rounds.length === 0 ? [] : [{ claim, ok: went.length === rounds.length, found }];
  });
  return material.refresh === null ? checks : [...checks, material.refresh];
}

function equal(claim: string, expected: number | string, found: number | string): Check {
  const ok = expected === found;
  return { claim, ok, found: ok ? String(found) : `${found}, expected ${expected}` };
}

function committed(entries: readonly SwitchoverJson[]): number {
  return entries.filter((entry) => entry.cause === "failover" && entry.outcome === "committed")
    .length;
}

function uuids(sessions: readonly SessionJson[]): string {
  return sessions
    .map(({ name, sessionId }) => `${name}=${sessionId?.slice(0, 8) ?? "?"}`)
    .join(" ");
}

function pids(sessions: readonly SessionJson[]): string {
  return sessions.map(({ name, pid }) => `${name}=${pid ?? "?"}`).join(" ");
}

/** Invariant 1, in the shared target and in every home's own words. */
function oneTranscript({ world, after }: Material): Check {
  const counts = after.map(({ sessionId }) => transcriptsOf(world, sessionId ?? "").length);
  const found = `${counts.join(", ")} file(s) for ${after.length} sessions`;
  return {
    claim: "each session has exactly one transcript",
    ok: counts.every((count) => count === 1),
    found,
  };
}

export function transcriptsOf(world: World, sessionId: string): string[] {
  const { home, accounts } = world.sandbox;
  const folders = [
    join(home, ".claude-projects-shared"),
    ...accounts.map((each) => join(each.home, "projects")),
  ];
  const found = folders.flatMap((folder) => findTranscripts(folder, sessionId));
  // One file is reached over several homes; its name below `projects` is the same.
  return [...new Set(found.map((path) => path.split("/").slice(-2).join("/")))];
}

function promptsOnce({ world, prompts, after }: Material): Check {
  const wrong = prompts.flatMap(({ session, text }) => {
    const sessionId = after.find((each) => each.name === session)?.sessionId ?? "";
    const count = typedTexts(world, sessionId).filter((typed) => typed === text).length;
    return count === 1 ? [] : [`"${text}" ${count} times`];
  });
  const found = wrong.length === 0 ? `${prompts.length} prompts` : wrong.join("; ");
  return { claim: "each prompt is there exactly once", ok: wrong.length === 0, found };
}

export function typedTexts(world: World, sessionId: string): string[] {
  const shared = join(world.sandbox.home, ".claude-projects-shared");
  return findTranscripts(shared, sessionId).flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .flatMap((line) => {
        const row = parseTranscriptRow(line);
        return row?.kind === "prompt" && !row.isMeta ? [row.text] : [];
      }),
  );
}

/** After its refusal a session's requests of that round go to the new account only. */
function noneUnderSpent(material: Material): Check {
  const { rounds } = material;
  const wrong = rounds.flatMap((round) =>
    round.names.filter((name) => {
      const last = ownOf(round, name, material).at(-1);
      return last !== undefined && last.account !== round.to;
    }),
  );
  const found = wrong.length === 0 ? `${rounds.length} rounds` : wrong.join(", ");
  return { claim: "after a flip requests go to the new account", ok: wrong.length === 0, found };
}

function liveSessions({ world }: Material): number {
  return readLiveSessions(join(world.sandbox.slot, "sessions")).length;
}

/** Everybody who was asked in a round got through to the new account. */
function everybodyWentOn(material: Material): Check {
  const { rounds } = material;
  const asked = rounds.flatMap((round) => round.names.map((name) => ({ round, name })));
  const stuck = asked.filter(({ round, name }) => nextOf(round, name, material) === undefined);
  const refused = asked.filter(({ round, name }) => refusedOf(round, name, material) !== undefined);
  const found =
    stuck.length === 0
      ? `${asked.length} turns, ${refused.length} of them cut off and continued`
      : stuck.map(({ round, name }) => `${name} in round ${round.number}`).join(", ");
  return { claim: "every turn went on", ok: stuck.length === 0 && refused.length > 0, found };
}

/** The requests of one session in one round. */
function ownOf(round: Round, name: string, { world, after, rounds }: Material): RecordedRequest[] {
  const sessionId = after.find((each) => each.name === name)?.sessionId;
  const end = rounds.find((each) => each.number === round.number + 1)?.serial;
  return world.api.requests
    .slice(round.serial, end)
    .filter((each) => each.isTurn && each.sessionId === sessionId);
}

function refusedOf(round: Round, name: string, material: Material): RecordedRequest | undefined {
  return ownOf(round, name, material).find((each) => each.account === round.from);
}

function nextOf(round: Round, name: string, material: Material): RecordedRequest | undefined {
  return ownOf(round, name, material).find((each) => each.account === round.to);
}

/** How long each session of a round took from its refusal to its next request. */
function timingsOf(round: Round, material: Material): Timing[] {
  return round.names.flatMap((name) => timingOf(round, name, material) ?? []);
}

function timingOf(round: Round, name: string, material: Material): Timing | null {
  const refused = refusedOf(round, name, material);
  const next = nextOf(round, name, material);
  // Asked when the flip was done already: nothing was cut off, nothing had to be continued.
  if (refused === undefined || next === undefined) return null;
  const refusedAt = refused.at.epochMs + round.heldBackMs;
  const keys = keysOf(refusedAt, next, name, material.events);
  if (keys === null) return null;
  return {
    session: name,
    single: round.names.length === 1,
    totalMs: next.at.epochMs - refusedAt,
    clientTellsMs: keys.sentAt - keys.keysAfterMs - refusedAt,
    daemonMs: keys.typedAfterMs,
    clientShowsMs: keys.keysAfterMs - keys.typedAfterMs,
    clientGoesOnMs: next.at.epochMs - keys.sentAt,
  };
}

/** The daemon's own word of when it sent the keys, for the refusal between these two requests. */
function keysOf(
  refusedAt: number,
  next: RecordedRequest,
  name: string,
  events: readonly EventJson[],
): { sentAt: number; keysAfterMs: number; typedAfterMs: number } | null {
  for (const { type, data } of events) {
    const told = data as {
      session?: string;
      typedAfterMs?: number;
      keysAfterMs?: number;
      sentAt?: string;
    } | null;
    if (type !== "session.continued" || told?.session !== name) continue;
    const sentAt = Date.parse(told.sentAt ?? "");
    if (sentAt < refusedAt - 1 || sentAt > next.at.epochMs + 1) continue;
    const { keysAfterMs = Number.NaN, typedAfterMs = Number.NaN } = told;
    return { sentAt, keysAfterMs, typedAfterMs };
  }
  return null;
}

function lineOf(session: SessionJson, material: Material, timings: readonly Timing[]): SessionLine {
  const { world, before } = material;
  const sessionId = session.sessionId ?? "?";
  return {
    name: session.name,
    sessionId,
    before: before.find((each) => each.name === session.name)?.account ?? "?",
    after: session.account ?? "?",
    continuedMs:
      timings.find((each) => each.session === session.name && each.totalMs > 0)?.totalMs ?? null,
    transcripts: transcriptsOf(world, sessionId).length,
  };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
