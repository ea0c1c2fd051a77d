import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";

/** Hosts of the vendor that the stand-in may be taken for; nothing reaches the real ones. */
const HOSTS = ["platform.claude.com", "console.anthropic.com", "api.anthropic.com", "claude.ai"];

/** A loopback stand-in for the vendor's token endpoint, with an authority of its own. */
export interface TokenEndpoint {
  /** What the client needs to come here instead of to the vendor. */
  readonly env: Readonly<Record<string, string>>;
  /** Refresh tokens the client presented, oldest first. */
  readonly presented: readonly string[];
  /** Hosts the client asked the proxy for and was refused. */
  readonly refused: readonly string[];
  /** Resolves when a refresh is in flight. */
  readonly asked: () => Promise<void>;
  /** Keeps refreshes waiting until the returned function is called. */
  readonly hold: () => () => void;
  readonly close: () => void;
}

/**
 * Starts the stand-in, with its keys in `folder`; needs `openssl`. The client's host is fixed, so it comes through a proxy
 * (`HTTPS_PROXY`) that leads every host of the vendor here, and trusts our authority by
 * `NODE_EXTRA_CA_CERTS`. A token is answered with new ones: `<name>-new`, refresh `<name>-2`.
 */
export async function startTokenEndpoint(folder: string): Promise<TokenEndpoint> {
  const { key, cert, authority } = makeCertificates(folder);
  const presented: string[] = [];
  const waiting = new Set<() => void>();
  let gate = Promise.resolve();
  const endpoint = createTlsServer({ key, cert }, (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      if (!request.url?.startsWith("/v1/oauth/token"))
        return void response.writeHead(404).end("{}");
      const refresh = String((JSON.parse(body) as { refresh_token?: string }).refresh_token);
      presented.push(refresh);
      waiting.forEach((wake) => wake());
      void gate.then(() => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(newTokens(refresh));
      });
    });
  });
  const refused: string[] = [];
  const open = new Set<Socket>();
  const proxy = proxyTo({ to: await listen(endpoint), refused, open });
  const port = await listen(proxy);
  return {
    presented,
    refused,
    env: {
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NO_PROXY: "127.0.0.1",
      NODE_EXTRA_CA_CERTS: authority,
    },
    asked: () => new Promise((resolve) => void waiting.add(resolve)),
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gate = promise.then(() => undefined);
      return () => resolve(undefined);
    },
    close: () => {
      for (const socket of open) socket.destroy();
      for (const server of [endpoint, proxy]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function newTokens(refresh: string): string {
  const name = refresh.replace("sk-ant-ort01-", "");
  return JSON.stringify({
    token_type: "Bearer",
    access_token: `sk-ant-oat01-${name}-new`,
    refresh_token: `sk-ant-ort01-${name}-2`,
    expires_in: 28_800,
    scope: "user:inference user:profile",
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function proxyTo(options: { to: number; refused: string[]; open: Set<Socket> }): Server {
  const { open } = options;
  const proxy = createHttpServer((_, response) => void response.writeHead(403).end());
  proxy.on("connect", (request: { url?: string }, client: Socket) => {
    open.add(client);
    client.on("error", () => client.destroy());
    const host = request.url?.split(":")[0] ?? "";
    if (!HOSTS.includes(host)) {
      options.refused.push(host);
      return void client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    }
    const upstream = connect(options.to, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    open.add(upstream);
    upstream.on("error", () => client.destroy());
  });
  return proxy;
}

function makeCertificates(folder: string): { key: string; cert: string; authority: string } {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  };
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const names = HOSTS.map((host) => `DNS:${host}`).join(",");
  writeFileSync(at("names"), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
  openssl(
    "req",
    "-x509",
    ...ec,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=claude-failover rehearsal",
  );
  openssl("req", ...ec, "-keyout", "key", "-out", "request", "-subj", `/CN=${HOSTS[0]}`);
  const sign = "x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2";
  openssl(...sign.split(" "), "-extfile", "names", "-out", "cert");
  return { key: read(at("key")), cert: read(at("cert")), authority: at("ca.pem") };
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}
