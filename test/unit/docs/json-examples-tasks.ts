import type { CleanedJson } from "../../../src/api/clean-contract.ts";
import type { CheckpointsJson } from "../../../src/api/checkpoint-contract.ts";
import type { TaskShownJson, TasksJson } from "../../../src/api/dispatch-contract.ts";

const sessionId = "6151b159-be8b-46b8-92ba-1889cbfdfe7a";

const TASK = {
  id: 17,
  project: "/home/me/src/api",
  name: "changelog",
  title: "Update the changelog",
  priority: "high",
  tags: ["docs"],
  capabilities: [],
  model: null,
  cwd: "/home/me/src/api",
  state: "done",
  waitsFor: null,
  wait: null,
  attempts: 1,
  session: "ccl-auto-11",
  sessionId: "6151b159-be8b-46b8-92ba-1889cbfdfe7a",
  promptId: "1d79c241-7a77-4c06-8239-344a09a019ae",
  createdAt: "2026-11-21T08:21:09.600Z",
  assignedAt: "2026-11-21T08:21:09.607Z",
  deliveredAt: "2026-11-21T08:21:09.642Z",
  endedAt: "2026-11-21T08:23:30.114Z",
  reason: null,
} as const;

const WAITING = {
  ...TASK,
  id: 18,
  name: null,
  state: "queued",
  waitsFor: "session",
  wait: { code: "resting", text: "ccl-auto-11 rests", until: "2026-11-21T08:23:40.114Z" },
  attempts: 0,
  session: null,
  sessionId: null,
  promptId: null,
  createdAt: "2026-11-21T08:23:31.000Z",
  assignedAt: null,
  deliveredAt: null,
  endedAt: null,
} as const;

export const TASKS: TasksJson = {
  schema: 1,
  lastEvent: 412,
  counts: { queued: 1, assigned: 0, delivered: 0, requeued: 0, done: 1, failed: 0, cancelled: 0 },
  tasks: [WAITING, TASK],
};

export const TASK_SHOWN: TaskShownJson = {
  schema: 1,
  lastEvent: 412,
  task: {
    ...TASK,
    prompt: "Write the changelog.",
    result: "It is written.",
    after: [{ name: "16", task: 16, done: true }],
    steps: [
      {
        at: "2026-11-21T08:21:09.642Z",
        state: "delivered",
        session: "ccl-auto-11",
        detail: "1d79c241-7a77-4c06-8239-344a09a019ae",
      },
    ],
  },
};

export const CHECKPOINTS: CheckpointsJson = {
  schema: 1,
  checkpoints: [
    {
      id: 31,
      session: "ccl-auto-11",
      at: "2026-11-21T08:21:09.640Z",
      cause: "flip",
      sessionId,
      task: 17,
      cwd: "/home/me/src/api",
      git: { head: "0b9f1d7e2c554f0a9d8e3a1f5c7b2e6400000000", branch: "main", dirty: true },
      tool: { name: "Bash", input: "npm test", isOpen: true },
      screen: ["● Bash(npm test)", "  ⎿  Running…"],
      background: ["dev server"],
    },
  ],
};

export const CLEANED: CleanedJson = {
  schema: 1,
  dryRun: true,
  removed: [
    {
      kind: "taskFiles",
      folder: "/home/me/src/api/.agent-queue",
      paths: ["done/changelog.md"],
      count: 1,
      bytes: 812,
      why: "it is older than 30 days",
    },
  ],
};
