import type { NetConnectOpts } from "node:net";
import { errnoOf, FailoverError } from "../errors.ts";
import type { ErrorJson } from "./contract.ts";
import { exchange, type Answer } from "./exchange.ts";

/** Where the daemon is asked: at its unix socket, or at `api.listen` with the token. */
export type ApiTarget =
  | { readonly socket: string; readonly port?: undefined }
  | {
      readonly socket?: undefined;
      readonly port: { readonly url: string; readonly token: string };
    };

/** A question to the daemon. */
export type ApiRequest = ApiTarget & ApiQuestion;

interface ApiQuestion {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** How long the answer may take, milliseconds; 60 s by default. */
  readonly timeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Asks the daemon and returns the answer's JSON. Throws CF_DAEMON_DOWN when nobody listens,
 * CF_DAEMON_BUSY when no answer comes in time, and the daemon's own error as CF_DAEMON_ERROR.
 */
export async function ask<T>(options: ApiRequest): Promise<T> {
  return (await answerOf(await send(options), options)) as T;
}

/**
 * Follows the daemon's events, one JSON line each, until aborted; then it throws the signal's reason.
 * Throws as `ask` does, and CF_DAEMON_DOWN when the daemon ends.
 */
export async function* follow<T>(
  options: ApiTarget & Omit<ApiQuestion, "method">,
): AsyncGenerator<T> {
  const answer = await send({ ...options, method: "GET" });
  if (isError(answer)) await answerOf(answer, options);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of answer.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
    }
  } catch (thrown) {
    throw options.signal?.aborted === true ? thrown : connectionError(options, thrown);
  }
  options.signal?.throwIfAborted();
  // Events have no end but the daemon's.
  throw daemonDown(options);
}

/** The answer's JSON; an error of the daemon's is thrown. */
async function answerOf(
  answer: Answer,
  options: ApiTarget & Pick<ApiQuestion, "path">,
): Promise<unknown> {
  const value = parse(await textOf(answer, options), options.path);
  if (isError(answer)) throw remoteError(value, options.path);
  return value;
}

async function textOf({ body }: Answer, target: ApiTarget): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (thrown) {
    throw connectionError(target, thrown);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isError({ status }: Answer): boolean {
  return status >= 400;
}

async function send(options: ApiRequest): Promise<Answer> {
  const { method, path, body, signal } = options;
  const { place, headers } = placeOf(options);
  const payload = body === undefined ? "" : JSON.stringify(body);
  try {
    return await exchange({
      place,
      method,
      path,
      headers: {
        ...headers,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(payload),
      },
      payload,
      silenceMs: path.includes("follow=") ? 0 : (options.timeoutMs ?? ANSWER_TIMEOUT_MS),
      onSilence: () => new FailoverError("CF_DAEMON_BUSY", "The daemon did not answer in time."),
      signal,
    });
  } catch (thrown) {
    throw connectionError(options, thrown);
  }
}

function placeOf({ socket, port }: ApiTarget): {
  readonly place: NetConnectOpts;
  readonly headers: Readonly<Record<string, string>>;
} {
  if (port === undefined) return { place: { path: socket }, headers: { host: "localhost" } };
  const { hostname, host, port: number } = new URL(port.url);
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(number) };
  return { place, headers: { host, authorization: `Bearer ${port.token}` } };
}

function connectionError(target: ApiTarget, thrown: unknown): Error {
  const errno = errnoOf(thrown);
  if (errno !== "ENOENT" && errno !== "ECONNREFUSED" && errno !== "ECONNRESET" && errno !== "EPIPE")
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  return daemonDown(target, thrown);
}

function daemonDown({ socket, port }: ApiTarget, cause?: unknown): FailoverError {
  const place = port?.url ?? socket ?? "";
  return new FailoverError("CF_DAEMON_DOWN", `No daemon listens on ${place}.`, {
    details: { socket: place },
    cause,
  });
}

function parse(body: string, path: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new FailoverError("CF_DAEMON_BUSY", `The daemon's answer to ${path} was cut off.`, {
      cause,
    });
  }
}

function remoteError(value: unknown, path: string): FailoverError {
  const error = (value as Partial<ErrorJson> | null)?.error;
  if (error === undefined)
    return new FailoverError("CF_DAEMON_BUSY", `The answer to ${path} is not the daemon's.`);
  const { code, message, hint } = error;
  return new FailoverError("CF_DAEMON_ERROR", message, { hint, details: { code } });
}
