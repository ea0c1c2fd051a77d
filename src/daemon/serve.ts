import type { Server } from "node:http";
import { gated } from "../api/gate.ts";
import { listen, listenTcp } from "../api/listen.ts";
import { apiApp } from "../api/server.ts";
import { secretOf } from "../config/secrets.ts";
import type { Env } from "../config/places.ts";
import type { Config } from "../config/config.ts";
import { FailoverError } from "../errors.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { daemonHandlers } from "./handlers.ts";

const SHORTEST_TOKEN = 16;

/**
 * The token that TCP callers must have; null when no port is asked for. Throws CF_API_NO_TOKEN: a
 * port without a token would be anybody's.
 */
export function requireToken(config: Config, env: Env): string | null {
  const { listen: address, tokenEnv } = config.api;
  if (address === null) return null;
  const token = secretOf(tokenEnv, env) ?? "";
  if (/^[\x21-\x7e]+$/.test(token) && token.length >= SHORTEST_TOKEN) return token;
  throw new FailoverError(
    "CF_API_NO_TOKEN",
    `api.listen is set, but ${tokenEnv} holds no token of at least ${SHORTEST_TOKEN} visible characters.`,
    { details: { variable: tokenEnv } },
  );
}

/** Serves the socket and, with a token, the port; resolves with the port's address, or null. */
export async function serveApi(
  parts: HandlerOptions,
  at: {
    readonly socket: string;
    readonly token: string | null;
    readonly releases: AsyncDisposableStack;
  },
): Promise<string | null> {
  const app = apiApp(daemonHandlers(parts));
  const server = await listen(app, at.socket);
  at.releases.defer(async () => closeServer(server));
  const { listen: address } = parts.config.api;
  if (address === null || at.token === null) return null;
  const tcp = await listenTcp(gated(app, { token: at.token, clock: parts.clock }), address);
  at.releases.defer(async () => closeServer(tcp.server));
  return tcp.url;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
