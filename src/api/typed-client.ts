import { ask, follow, type ApiTarget } from "./client.ts";
import type { ActionJson, EventJson, HistoryJson, SessionsJson, StatusJson } from "./contract.ts";
import type { CleanedJson } from "./clean-contract.ts";
import type { CheckpointsJson } from "./checkpoint-contract.ts";
import type { DispatchedJson, TaskShownJson, TasksJson } from "./dispatch-contract.ts";
import type { NotifyJson, NotifyTestJson } from "./notify-contract.ts";
import type { UsageJson } from "./usage-contract.ts";
import type { ForensicHistoryJson, WhyJson } from "./why-contract.ts";

/** A task for the pool: what is typed, or a task file's text, and the keys of front matter. */
export interface DispatchRequest {
  readonly project: string;
  readonly prompt?: string;
  readonly file?: string;
  readonly [key: string]: unknown;
}

/** Everything that the daemon can be asked. Every method throws as `ask` does. */
export interface ApiClient {
  status(): Promise<StatusJson>;
  history(limit?: number): Promise<HistoryJson>;
  /** Readings from `since` (epoch ms) on. */
  usage(since?: number): Promise<UsageJson>;
  /** One switchover with everything that is known of it. */
  switchoverOf(id: number): Promise<ForensicHistoryJson>;
  events(since?: number, limit?: number): Promise<readonly EventJson[]>;
  /** What came after `since`, then what happens, until aborted; then it throws as aborting does. */
  follow(since: number, signal?: AbortSignal): AsyncGenerator<EventJson>;
  /** Of a decision, session or account; of the last decisions without one. */
  why(of?: string): Promise<WhyJson>;
  /** With `session` only its own slot moves. */
  switchover(request?: {
    readonly session?: string;
    readonly to?: string;
    readonly dryRun?: boolean;
  }): Promise<ActionJson>;
  failback(request?: {
    readonly session?: string;
    readonly release?: boolean;
    readonly dryRun?: boolean;
  }): Promise<ActionJson>;
  confirm(request?: { readonly session?: string }): Promise<ActionJson>;
  decline(request?: { readonly session?: string }): Promise<ActionJson>;
  quarantine(account: string, reason?: string): Promise<ActionJson>;
  releaseAccount(account: string): Promise<ActionJson>;
  sessions(): Promise<SessionsJson>;
  hold(session: string): Promise<ActionJson>;
  /** Of one session, or of all of them. */
  release(session?: string): Promise<ActionJson>;
  pause(): Promise<ActionJson>;
  resume(): Promise<ActionJson>;
  recover(request?: { readonly dryRun?: boolean }): Promise<ActionJson>;
  tasks(filter?: {
    readonly state?: string;
    readonly project?: string;
    readonly limit?: number;
  }): Promise<TasksJson>;
  task(id: number): Promise<TaskShownJson>;
  dispatch(task: DispatchRequest): Promise<DispatchedJson>;
  cancelTask(id: number): Promise<ActionJson>;
  retryTask(id: number): Promise<ActionJson>;
  clean(request?: { readonly dryRun?: boolean }): Promise<CleanedJson>;
  checkpoints(filter?: {
    readonly session?: string;
    readonly limit?: number;
  }): Promise<CheckpointsJson>;
  notify(): Promise<NotifyJson>;
  testNotify(channel?: string): Promise<NotifyTestJson>;
  /** Asks for any other change by its path. */
  post<T = ActionJson>(path: string, body?: unknown): Promise<T>;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** A client of the daemon at its socket, or at `api.listen` with the token. */
export function apiClient(target: ApiTarget): ApiClient {
  const get = async <T>(path: string, query: Query = {}): Promise<T> =>
    ask<T>({ ...target, method: "GET", path: path + searchOf(query) });
  const post = async <T = ActionJson>(path: string, body: unknown = {}): Promise<T> =>
    ask<T>({ ...target, method: "POST", path, body });
  return {
    status: async () => get("/v1/status"),
    history: async (limit) => get("/v1/history", { limit }),
    usage: async (since) => get("/v1/usage", { since }),
    switchoverOf: async (id) => get("/v1/history", { id }),
    events: async (since, limit) => get("/v1/events", { since, limit }),
    follow: (since, signal) => {
      const path = `/v1/events?follow=1&since=${since}`;
      return follow<EventJson>({ ...target, path, ...(signal === undefined ? {} : { signal }) });
    },
    why: async (of) => get("/v1/why", { of }),
    switchover: async (request) => post("/v1/switchover", request),
    failback: async (request) => post("/v1/failback", request),
    confirm: async (request) => post("/v1/confirm", request),
    decline: async (request) => post("/v1/decline", request),
    quarantine: async (account, reason) => post("/v1/quarantine", { account, reason }),
    releaseAccount: async (account) => post("/v1/release-account", { account }),
    sessions: async () => get("/v1/sessions"),
    hold: async (session) => post("/v1/hold", { session }),
    release: async (session) => post("/v1/release", { session }),
    pause: async () => post("/v1/pause"),
    resume: async () => post("/v1/resume"),
    recover: async (request) => post("/v1/recover", request),
    tasks: async (filter) => get("/v1/tasks", filter),
    task: async (id) => get(`/v1/tasks/${id}`),
    dispatch: async (task) => post("/v1/dispatch", task),
    cancelTask: async (id) => post(`/v1/tasks/${id}/cancel`),
    retryTask: async (id) => post(`/v1/tasks/${id}/retry`),
    clean: async (request) => post("/v1/clean", request),
    checkpoints: async (filter) => get("/v1/checkpoints", filter),
    notify: async () => get("/v1/notify"),
    testNotify: async (channel) => post("/v1/notify/test", { channel }),
    post,
  };
}

function searchOf(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as [string, string]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
