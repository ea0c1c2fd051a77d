import { describe, expect, test } from "vitest";
import {
  taskWait,
  type OpenTask,
  type PoolWorker,
  type TaskAround,
  type TaskScene,
} from "../../../src/policy/task-wait.ts";

const NOW = 1_000_000;
const QUEUED: OpenTask = {
  state: "queued",
  waiting: null,
  notBefore: 0,
  reason: null,
  capabilities: [],
};
const worker = (changes: Partial<PoolWorker> = {}): PoolWorker => ({
  name: "w-1",
  state: "idle",
  held: false,
  draining: false,
  capabilities: [],
  freeAt: NOW,
  ...changes,
});
const BUSY = worker({ state: "working", freeAt: Infinity });
const DRAFT = "nothing was typed into w-1: an unsent draft stands in its composer";
const has = (state: PoolWorker["state"], asks: string | null = null) => ({
  session: () => ({ name: "w-1", state, asks, decision: "a is cooling down" }),
});

interface Case {
  readonly task?: Partial<OpenTask>;
  readonly workers?: readonly PoolWorker[];
  readonly frozen?: string;
  readonly isStarting?: boolean;
  readonly around?: Partial<TaskAround>;
  /** What is said of when it is over. */
  readonly until?: number;
}

function waitIn({ task, workers = [worker()], frozen, isStarting = false, around }: Case) {
  const scene: TaskScene = {
    now: NOW,
    isStarting,
    frozen: () => frozen ?? null,
    workers: () => workers,
  };
  return taskWait(
    { ...QUEUED, ...task },
    { after: () => ["17", "lint"], session: () => null, ...around },
    scene,
  );
}

describe("why a task does not go on", () => {
  test.each<readonly [string, Case, string, string]>([
    ["others first", { task: { waiting: "after" } }, "after", "task 17, lint must be done first"],
    [
      "its folder is gone",
      {
        task: { waiting: "backOff", notBefore: NOW + 1, reason: "its folder /p does not exist" },
        until: NOW + 1,
      },
      "backOff",
      "its folder /p does not exist",
    ],
    [
      "a daemon that starts",
      { isStarting: true },
      "starting",
      "the daemon starts, and looks first at what was under way",
    ],
    ["paused", { frozen: "paused" }, "frozen", "nothing is given out: paused"],
    [
      "paused, and given out already",
      { task: { state: "assigned" }, frozen: "paused", around: has("idle") },
      "frozen",
      "nothing is given out: paused",
    ],
    ["no session at all", { workers: [] }, "noWorker", "the pool has no session"],
    ["nobody who can", { task: { capabilities: ["gpu"] } }, "noWorker", "no session has gpu"],
    ["all at work", { workers: [BUSY, BUSY] }, "noneFree", "no session is free (2 working)"],
    [
      "all kept from it",
      {
        workers: [
          worker({ held: true, freeAt: Infinity }),
          worker({ draining: true, freeAt: Infinity }),
          worker({ state: "asking", freeAt: Infinity }),
        ],
      },
      "noneFree",
      "no session is free (1 held, 1 draining, 1 asking)",
    ],
    [
      "the only one who can is at work, another is free",
      {
        task: { capabilities: ["gpu"] },
        workers: [worker(), { ...BUSY, capabilities: ["gpu"] }],
      },
      "noneFree",
      "no session that has gpu is free (1 working)",
    ],
    [
      "the first that is free soon",
      {
        workers: [BUSY, worker({ name: "w-2", freeAt: NOW + 9 }), worker({ freeAt: NOW + 5 })],
        until: NOW + 5,
      },
      "resting",
      "w-1 rests",
    ],
    [
      "the draft in the only session",
      {
        task: { state: "requeued", reason: DRAFT },
        workers: [worker({ freeAt: NOW + 5_000 })],
        until: NOW + 5_000,
      },
      "resting",
      `w-1 rests (${DRAFT})`,
    ],
    [
      "a person",
      { task: { state: "delivered" }, around: has("asking", "Allow rm?") },
      "session",
      "w-1 waits for an answer: Allow rm?",
    ],
    [
      "an account",
      { task: { state: "delivered" }, around: has("limited") },
      "session",
      "w-1 is at a limit: a is cooling down",
    ],
    [
      "a client that ended",
      { task: { state: "assigned" }, around: has("dead") },
      "session",
      "the client of w-1 does not run",
    ],
  ])("%s", (_what, scene, code, text) => {
    expect(waitIn(scene)).toEqual({ code, text, until: scene.until ?? null });
  });

  test.each<readonly [string, Case]>([
    ["a session is free", {}],
    ["its back-off is over", { task: { waiting: "backOff", notBefore: NOW } }],
    ["it is worked on, whatever is frozen", { task: { state: "delivered" }, frozen: "paused" }],
    ["its session is made ready for it", { task: { state: "assigned" }, around: has("starting") }],
  ])("is nothing where %s", (_what, scene) => {
    expect(waitIn(scene)).toBeNull();
  });
});
