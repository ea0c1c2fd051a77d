import type * as z from "zod";
import {
  answerBody,
  cleanBody,
  checkpointsQuery,
  dispatchBody,
  downBody,
  drainBody,
  eventsQuery,
  failbackBody,
  historyQuery,
  holdBody,
  notifyTestBody,
  quarantineBody,
  recoverBody,
  releaseAccountBody,
  releaseBody,
  switchoverBody,
  tasksQuery,
  usageQuery,
  whyQuery,
} from "./requests.ts";

/** One thing that the API can be asked, for schema/openapi.json. */
export interface Operation {
  readonly method: "get" | "post";
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** A type of a contract file, or the media type of an answer that is no JSON. */
  readonly answer: string;
  /** It answers the same with 503 when things are bad. */
  readonly mayBeUnwell?: true;
}

/** Every route; a test compares them. After a change run node src/api/write-openapi.ts. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/status",
    summary: "Accounts, sessions, the last decision and its reason.",
    answer: "StatusJson",
  },
  {
    method: "get",
    path: "/v1/history",
    summary: "Past switchovers, newest first; with `id` that one and everything known of it.",
    query: historyQuery,
    answer: "HistoryJson | ForensicHistoryJson",
  },
  {
    method: "get",
    path: "/v1/usage",
    summary: "How much of each window was used over time.",
    query: usageQuery,
    answer: "UsageJson",
  },
  {
    method: "get",
    path: "/v1/events",
    summary: "What happened; with `Accept: text/event-stream` as it happens, with resume.",
    query: eventsQuery,
    answer: "EventJson[]",
  },
  {
    method: "get",
    path: "/v1/why",
    summary: "Why things were decided so, with the evidence.",
    query: whyQuery,
    answer: "WhyJson",
  },
  {
    method: "get",
    path: "/v1/tasks",
    summary: "Tasks, newest first.",
    query: tasksQuery,
    answer: "TasksJson",
  },
  { method: "get", path: "/v1/tasks/{id}", summary: "One task.", answer: "TaskShownJson" },
  {
    method: "post",
    path: "/v1/clean",
    summary: "Remove what is older or more than is kept.",
    body: cleanBody,
    answer: "CleanedJson",
  },
  {
    method: "get",
    path: "/v1/checkpoints",
    summary: "Where sessions' work stood, newest first.",
    query: checkpointsQuery,
    answer: "CheckpointsJson",
  },
  {
    method: "post",
    path: "/v1/dispatch",
    summary: "Give a task to the pool.",
    body: dispatchBody,
    answer: "DispatchedJson",
  },
  {
    method: "post",
    path: "/v1/tasks/{id}/cancel",
    summary: "A task is not wanted any more.",
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/tasks/{id}/retry",
    summary: "Give a task out again.",
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/switchover",
    summary: "Move the fleet, or one session with a slot of its own, to another account.",
    body: switchoverBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/failback",
    summary: "Return to the preferred account, and end the pin of a switchover by hand.",
    body: failbackBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/confirm",
    summary: "Do what is proposed.",
    body: answerBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/decline",
    summary: "Refuse what is proposed.",
    body: answerBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/quarantine",
    summary: "Keep an account out until it is released.",
    body: quarantineBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/release-account",
    summary: "Let a quarantined account be used again.",
    body: releaseAccountBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/pause",
    summary: "Only observe, until resumed.",
    answer: "ActionJson",
  },
  { method: "post", path: "/v1/resume", summary: "End a pause.", answer: "ActionJson" },
  {
    method: "post",
    path: "/v1/recover",
    summary: "Finish or undo what is held or was broken off.",
    body: recoverBody,
    answer: "ActionJson",
  },
  { method: "get", path: "/v1/sessions", summary: "The sessions.", answer: "SessionsJson" },
  {
    method: "post",
    path: "/v1/hold",
    summary: "Leave a session alone.",
    body: holdBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/release",
    summary: "End whatever keeps sessions from being acted on.",
    body: releaseBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/drain",
    summary: "Give sessions no new work.",
    body: drainBody,
    answer: "ActionJson",
  },
  {
    method: "post",
    path: "/v1/down",
    summary: "End the clients of all sessions.",
    body: downBody,
    answer: "ActionJson",
  },
  {
    method: "get",
    path: "/v1/notify",
    summary: "Who is told of what, and how that goes.",
    answer: "NotifyJson",
  },
  {
    method: "post",
    path: "/v1/notify/test",
    summary: "Send test messages.",
    body: notifyTestBody,
    answer: "NotifyTestJson",
  },
  {
    method: "get",
    path: "/healthz",
    summary: "Whether a person is needed or the loop hangs.",
    answer: "HealthJson",
    mayBeUnwell: true,
  },
  {
    method: "get",
    path: "/readyz",
    summary: "Whether it can do its work.",
    answer: "HealthJson",
    mayBeUnwell: true,
  },
  { method: "get", path: "/metrics", summary: "For Prometheus.", answer: "text/plain" },
  { method: "get", path: "/openapi.json", summary: "This document.", answer: "application/json" },
];
