import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { errnoOf, FailoverError } from "../errors.ts";
import type { ErrorJson } from "./contract.ts";

/** A question to the daemon over its unix socket. */
export interface ApiRequest {
  readonly socket: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Asks the daemon and returns the answer's JSON. Throws CF_DAEMON_DOWN when nobody listens,
 * CF_DAEMON_BUSY when no answer comes within 60 s, and the daemon's own error as CF_DAEMON_ERROR.
 */
export async function ask<T>(options: ApiRequest): Promise<T> {
  const response = await send(options);
  const body = await text(response);
  const value: unknown = parse(body, options.path);
  if ((response.statusCode ?? 500) >= 400) throw remoteError(value);
  return value as T;
}

/** Follows the daemon's events: one JSON line each, until aborted or the daemon ends. */
export async function* follow<T>(options: Omit<ApiRequest, "method">): AsyncGenerator<T> {
  const response = await send({ ...options, method: "GET" });
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
  }
}

async function send(options: ApiRequest): Promise<IncomingMessage> {
  const { socket, method, path, body, signal } = options;
  const payload = body === undefined ? "" : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: socket,
        method,
        path,
        timeout: path.includes("follow=") ? 0 : ANSWER_TIMEOUT_MS,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(payload),
        },
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    call.on("timeout", () =>
      call.destroy(new FailoverError("CF_DAEMON_BUSY", "The daemon did not answer within 60 s.")),
    );
    call.on("error", (thrown: Error) => reject(connectionError(socket, thrown)));
    call.end(payload);
  });
}

function connectionError(socket: string, thrown: Error): Error {
  const errno = errnoOf(thrown);
  if (errno !== "ENOENT" && errno !== "ECONNREFUSED" && errno !== "ECONNRESET") return thrown;
  return new FailoverError("CF_DAEMON_DOWN", `No daemon listens on ${socket}.`, {
    details: { socket },
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

function remoteError(value: unknown): FailoverError {
  const { code, message, hint } = (value as ErrorJson).error;
  return new FailoverError("CF_DAEMON_ERROR", message, { hint, details: { code } });
}
