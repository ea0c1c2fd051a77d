import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { answerHeaders, refusalOf } from "./messages-api-behaviour.ts";
import type { AnswerBehaviour, Behaviour } from "./messages-api-behaviour.ts";
import { accountOf, parseBody } from "./messages-api-request.ts";
import type { RecordedRequest } from "./messages-api-request.ts";
import { sendAnswer } from "./messages-api-stream.ts";

export type BehaviourChoice = Behaviour | ((request: RecordedRequest) => Behaviour);
export type RequestListener = (request: RecordedRequest) => void;

/** A loopback stand-in for the Messages API that behaves per account as it is told. */
export interface MessagesApi {
  /** What `ANTHROPIC_BASE_URL` is set to. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, oldest first. Grows while the server runs. */
  readonly requests: readonly RecordedRequest[];
  /** From the next request on; `"*"` is for every account without a behaviour of its own. */
  setBehaviour(account: string, behaviour: BehaviourChoice): void;
  /** Calls the listener for each request before it is answered. Returns the function that ends it. */
  onRequest(listener: RequestListener): () => void;
  /** Stops listening and drops every open connection. */
  close(): Promise<void>;
}

/**
 * Starts the stand-in on a loopback address.
 *
 * @param options `port` 0 (the default) takes a free one.
 * @throws the system error when the port is taken.
 */
export async function startMessagesApi(
  options: { port?: number; host?: "127.0.0.1" } = {},
): Promise<MessagesApi> {
  const state = newState();
  const server = createServer((request, response) => {
    respond(state, request, response).catch((thrown: unknown) => response.destroy(asError(thrown)));
  });
  const port = await listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: state.requests,
    setBehaviour: (account, behaviour) => void state.behaviours.set(account, behaviour),
    onRequest: (listener) => {
      state.listeners.add(listener);
      return () => void state.listeners.delete(listener);
    },
    close: async () => {
      state.closing.abort();
      await closeServer(server);
    },
  };
}

interface State {
  readonly requests: RecordedRequest[];
  readonly behaviours: Map<string, BehaviourChoice>;
  readonly listeners: Set<RequestListener>;
  readonly turns: Map<string, number>;
  readonly closing: AbortController;
}

function newState(): State {
  return {
    requests: [],
    behaviours: new Map([["*", { kind: "answer" }]]),
    listeners: new Set(),
    turns: new Map(),
    closing: new AbortController(),
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function respond(
  state: State,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = momentNow();
  const body = await readAll(incoming);
  const path = (incoming.url ?? "/").replace(/\?.*$/, "");
  const seen: RecordedRequest = {
    ...parseBody(body, incoming.headers),
    serial: state.requests.length + 1,
    at,
    method: incoming.method ?? "GET",
    path,
    account: accountOf(incoming.headers),
    behaviour: "",
  };
  const behaviour = path === "/v1/messages" ? choose(state, seen) : null;
  const request = { ...seen, behaviour: behaviour?.kind ?? "other" };
  state.requests.push(request);
  for (const listener of state.listeners) listener(request);
  if (behaviour === null) sendOther(path, response);
  else await behave({ state, request, response, behaviour });
}

function momentNow(): RecordedRequest["at"] {
  const monotonicMs = performance.now();
  return { monotonicMs, epochMs: performance.timeOrigin + monotonicMs };
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function choose(state: State, request: RecordedRequest): Behaviour {
  const own = request.account === null ? undefined : state.behaviours.get(request.account);
  const choice = own ?? state.behaviours.get("*") ?? { kind: "answer" };
  return typeof choice === "function" ? choice(request) : choice;
}

/** Paths that are not the Messages endpoint: tokens are counted, everything else is not found. */
function sendOther(path: string, response: ServerResponse): void {
  if (path === "/v1/messages/count_tokens") {
    sendJson(response, 200, {}, { input_tokens: 10 });
    return;
  }
  const error = { type: "not_found_error", message: "Not found" };
  sendJson(response, 404, {}, { type: "error", error });
}

async function behave(options: {
  state: State;
  request: RecordedRequest;
  response: ServerResponse;
  behaviour: Behaviour;
}): Promise<void> {
  const { state, request, response, behaviour } = options;
  const requestId = `req_stand_in_${request.serial}`;
  if (behaviour.kind === "hang") return;
  if (behaviour.kind === "slow") {
    const finished = await pause(behaviour.ms, state.closing.signal);
    if (!finished || response.destroyed) return;
    await behave({ ...options, behaviour: behaviour.next ?? { kind: "answer" } });
    return;
  }
  if (behaviour.kind !== "answer") {
    const refusal = refusalOf(behaviour, requestId);
    sendJson(
      response,
      refusal.status,
      { ...refusal.headers, "request-id": requestId },
      refusal.body,
    );
    return;
  }
  const headers = {
    ...answerHeaders(behaviour.utilization),
    ...behaviour.headers,
    "request-id": requestId,
  };
  await sendAnswer({
    response,
    request,
    behaviour,
    headers,
    text: textOf(state, request, behaviour),
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return await delay(ms, true, { signal }).catch(() => false);
}

function textOf(state: State, request: RecordedRequest, behaviour: AnswerBehaviour): string {
  const account = request.account ?? "nobody";
  const turn = (state.turns.get(account) ?? 0) + (request.isTurn ? 1 : 0);
  state.turns.set(account, turn);
  if (typeof behaviour.text === "function") return behaviour.text(request);
  return behaviour.text ?? `Answer ${turn} for ${account}.`;
}

function sendJson(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: unknown,
): void {
  response.writeHead(status, { ...headers, "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
