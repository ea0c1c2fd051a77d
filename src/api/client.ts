import { request, type IncomingMessage, type RequestOptions } from "node:http";
import { text } from "node:stream/consumers";
import { errnoOf, FailoverError } from "../errors.ts";
import type { ErrorJson } from "./contract.ts";

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
 * Follows the daemon's events, one JSON line each, until aborted; then it throws as aborting does.
 * Throws as `ask` does, and CF_DAEMON_DOWN when the daemon dies.
 */
export async function* follow<T>(
  options: ApiTarget & Omit<ApiQuestion, "method">,
): AsyncGenerator<T> {
  const response = await send({ ...options, method: "GET" });
  if (isError(response)) await answerOf(response, options);
  response.setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
    }
  } catch (thrown) {
    throw options.signal?.aborted === true ? thrown : connectionError(options, thrown);
  }
}

/** The answer's JSON; an error of the daemon's is thrown. */
async function answerOf(
  response: IncomingMessage,
  options: ApiTarget & Pick<ApiQuestion, "path">,
): Promise<unknown> {
  const body = await text(response).catch((thrown: unknown) => {
    throw connectionError(options, thrown);
  });
  const value = parse(body, options.path);
  if (isError(response)) throw remoteError(value, options.path);
  return value;
}

function isError(response: IncomingMessage): boolean {
  return (response.statusCode ?? 500) >= 400;
}

async function send(options: ApiRequest): Promise<IncomingMessage> {
  const { method, path, body, signal } = options;
  const { place, token } = placeOf(options);
  const payload = body === undefined ? "" : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...place,
        method,
        path,
        timeout: path.includes("follow=") ? 0 : (options.timeoutMs ?? ANSWER_TIMEOUT_MS),
        headers: {
          ...token,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(payload),
        },
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    call.on("timeout", () =>
      call.destroy(new FailoverError("CF_DAEMON_BUSY", "The daemon did not answer in time.")),
    );
    call.on("error", (thrown) => reject(connectionError(options, thrown)));
    call.end(payload);
  });
}

function placeOf({ socket, port }: ApiTarget): {
  readonly place: RequestOptions;
  readonly token: Readonly<Record<string, string>>;
} {
  if (port === undefined) return { place: { socketPath: socket }, token: {} };
  const { hostname, port: number } = new URL(port.url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return { place: { host, port: number }, token: { authorization: `Bearer ${port.token}` } };
}

function connectionError({ socket, port }: ApiTarget, thrown: unknown): Error {
  const errno = errnoOf(thrown);
  if (errno !== "ENOENT" && errno !== "ECONNREFUSED" && errno !== "ECONNRESET")
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  const place = port?.url ?? socket ?? "";
  return new FailoverError("CF_DAEMON_DOWN", `No daemon listens on ${place}.`, {
    details: { socket: place },
    cause: thrown,
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
