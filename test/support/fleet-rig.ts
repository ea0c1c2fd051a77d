import { join } from "node:path";
import { onTestFinished } from "vitest";
import { parseHook } from "../../src/claude/hooks.ts";
import type { TranscriptRow } from "../../src/claude/transcript.ts";
import { Fleet, type FleetSession } from "../../src/daemon/fleet.ts";
import { Intake } from "../../src/daemon/intake.ts";
import type { Evidence, Refusal } from "../../src/policy/model.ts";
import { SHARED_SLOT } from "../../src/policy/slot.ts";
import { Receipts, type Receipt } from "../../src/sessions/receipts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";
import { HOUR, limitRefusal, NOW } from "./policy-samples.ts";
import { tempDir } from "./temp-dir.ts";

export const SESSION_ID = "00000000-0000-4000-8000-000000000001";

/** What the intake told: which session was cut off, and by what. */
export interface CutOff {
  readonly session: string;
  readonly evidence: Evidence;
}

/** Fleet and intake on a real store; `one` is active since an hour ago, `ccl-1` is idle. */
export interface FleetRig {
  readonly dir: string;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly intake: Intake;
  readonly receipts: Receipts;
  readonly cutOffs: CutOff[];
  readonly taken: Receipt[];
  /** Takes another session in. */
  readonly join: (name: string, changes?: Partial<FleetSession>) => void;
  /** A hook payload of a session, `at` milliseconds after NOW. */
  readonly hook: (name: string, at: number, fields: Readonly<Record<string, unknown>>) => void;
  readonly exhaustedUntil: (account: string) => number | null;
}

export function fleetRig(
  options: {
    /** Another one's, as after a restart. */
    dir?: string;
    onCutOff?: (session: FleetSession, evidence: Evidence) => void;
    onProgress?: (session: FleetSession) => void;
  } = {},
): FleetRig {
  const dir = options.dir ?? tempDir();
  const clock = manualClock(NOW);
  const store = openStore(join(dir, "state.db"), clock);
  onTestFinished(() => store.close());
  store.periods.begin("one", NOW - HOUR);
  const fleet = new Fleet(store, () => clock.now());
  const receipts = new Receipts();
  const cutOffs: CutOff[] = [];
  const taken: Receipt[] = [];
  const add = receipts.add.bind(receipts);
  receipts.add = (receipt) => {
    taken.push(receipt);
    add(receipt);
  };
  const intake = new Intake({
    fleet,
    store,
    receipts,
    onCutOff: (session, evidence) => {
      cutOffs.push({ session: session.name, evidence });
      options.onCutOff?.(session, evidence);
    },
    onRefined: () => undefined,
    onProgress: (session) => options.onProgress?.(session),
  });
  const rig: FleetRig = {
    dir,
    clock,
    store,
    fleet,
    intake,
    receipts,
    cutOffs,
    taken,
    join: (name, changes = {}) => fleet.join(fleetSession(name, changes), 100),
    hook: (name, at, fields) => {
      const session = fleet.get(name);
      const base = { session_id: session?.live.sessionId, cwd: "/p", transcript_path: "/t" };
      const signal = parseHook({ ...base, ...fields }, NOW + at, "UTC");
      if (signal === null) throw new Error("no hook of the client's");
      intake.hook(name, signal, NOW + at);
    },
    exhaustedUntil: (account) => store.accounts.get(account)?.exhaustedUntil ?? null,
  };
  rig.join("ccl-1");
  return rig;
}

export function fleetSession(name: string, changes: Partial<FleetSession> = {}): FleetSession {
  return {
    name,
    kind: "dedicated",
    cwd: "/p",
    slot: SHARED_SLOT,
    paneId: `%${name}`,
    strategy: "hot",
    held: false,
    cutOff: null,
    live: { state: "idle", sessionId: SESSION_ID, transcriptPath: null, lastPrompt: null },
    ...changes,
  };
}

/** Hook payloads. */
export const prompted = (promptId: string | null, prompt = "do it") => ({
  hook_event_name: "UserPromptSubmit",
  prompt,
  ...(promptId === null ? {} : { prompt_id: promptId }),
});
export const turnEnded = { hook_event_name: "Stop" };
export const started = (sessionId: string, source: string) => ({
  hook_event_name: "SessionStart",
  session_id: sessionId,
  source,
});
/** A refusal by hook: by default a limit that names neither window nor reset. */
export const refused = (
  promptId: string | null,
  changes: { error?: string; text?: string; agentId?: string } = {},
) => ({
  hook_event_name: "StopFailure",
  error: changes.error ?? "rate_limit",
  last_assistant_message: changes.text ?? "You've hit your limit",
  ...(promptId === null ? {} : { prompt_id: promptId }),
  ...(changes.agentId === undefined ? {} : { agent_id: changes.agentId }),
});

let rows = 0;
function base(at: number, sessionId: string) {
  rows += 1;
  return { uuid: `row-${rows}`, parentUuid: `row-${rows - 1}`, sessionId, at: NOW + at };
}

/** Transcript rows, `at` milliseconds after NOW. */
export const promptRow = (
  at: number,
  promptId: string | null,
  { text = "do it", sessionId = SESSION_ID } = {},
): TranscriptRow => ({
  ...base(at, sessionId),
  kind: "prompt",
  promptId,
  text,
  cwd: "/p",
  isMeta: false,
});
export const toolResultRow = (at: number, promptId: string | null): TranscriptRow => ({
  ...base(at, SESSION_ID),
  kind: "toolResult",
  promptId,
});
export const answerRow = (at: number, stopReason = "end_turn"): TranscriptRow => ({
  ...base(at, SESSION_ID),
  kind: "answer",
  model: "claude-opus-5-5",
  stopReason,
});
/** By default a five-hour limit that resets in two hours. */
export const refusalRow = (
  at: number,
  refusal: Partial<Refusal> = {},
  sessionId = SESSION_ID,
): TranscriptRow => ({
  ...base(at, sessionId),
  kind: "refusal",
  error: "rate_limit",
  refusal: limitRefusal(refusal),
});
