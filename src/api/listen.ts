import { lstatSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { errnoOf, FailoverError } from "../errors.ts";

/**
 * Listens on the unix socket (0600). A stale socket of a dead daemon is removed; anything else in
 * its place is an error. Throws CF_API_SOCKET.
 */
export async function listen(app: Hono, socket: string): Promise<Server> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
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
