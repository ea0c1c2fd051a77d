import { lstatSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { errnoOf, FailoverError } from "../errors.ts";

/** A caller that is slow to say what it wants holds nothing up for longer than this. */
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const CONNECTIONS = 256;

function serverOf(app: Hono, patience: Partial<typeof PATIENCE> = {}): Server {
  const serverOptions = { ...PATIENCE, ...patience };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server;
  server.maxConnections = CONNECTIONS;
  // A connection that cannot be taken, for want of a file descriptor: the next one may be.
  server.on("error", () => undefined);
  return server;
}

/**
 * Listens on a loopback address; port 0 is any free one. Resolves with the address as a URL. Throws
 * CF_API_LISTEN.
 */
export async function listenTcp(
  app: Hono,
  address: { readonly host: string; readonly port: number },
  patience: Partial<typeof PATIENCE> = {},
): Promise<{ server: Server; url: string }> {
  const server = serverOf(app, patience);
  const { host, port } = address;
  const failed = (why: string, cause?: unknown): FailoverError =>
    new FailoverError("CF_API_LISTEN", `Nothing can listen on ${host}:${port} (${why}).`, {
      cause,
    });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(failed(errnoOf(cause) ?? "?", cause)));
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  // A name may lead anywhere; what was bound counts.
  if (!/^(?:127\.|::1$|::ffff:127\.)/.test(bound.address)) {
    server.close();
    throw failed("it is no loopback address");
  }
  const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { server, url: `http://${name}:${bound.port}` };
}

/**
 * Listens on the unix socket (0600). A stale socket of a dead daemon is removed; anything else in
 * its place is an error. Throws CF_API_SOCKET.
 */
export async function listen(app: Hono, socket: string): Promise<Server> {
  const server = serverOf(app);
  try {
    removeStale(socket);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // The socket is bound within this call: no other file of ours meets this mask.
      const before = process.umask(0o177);
      server.listen(socket, resolve);
      process.umask(before);
    });
    return server;
  } catch (thrown) {
    throw socketError(socket, thrown);
  }
}

function socketError(socket: string, cause: unknown): FailoverError {
  if (cause instanceof FailoverError) return cause;
  const why = errnoOf(cause) ?? "?";
  return new FailoverError("CF_API_SOCKET", `The socket ${socket} cannot be made (${why}).`, {
    cause,
  });
}

/** Throws CF_API_SOCKET when something else than a socket lies where the socket belongs. */
export function requireSocketPlace(socket: string): void {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket())
    throw new FailoverError("CF_API_SOCKET", `${socket} is not a socket; it is left alone.`);
}

/** Only the holder of the instance lock gets here, so a socket that lies there is nobody's. */
function removeStale(socket: string): void {
  requireSocketPlace(socket);
  rmSync(socket, { force: true });
}
