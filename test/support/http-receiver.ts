import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that writes down what is posted to it and answers as it is told. */
export interface HttpReceiver {
  readonly url: string;
  readonly received: Received[];
  /** What the next requests are answered, one each; after that 200. */
  readonly answers: Answer[];
  /** Resolves when so many requests have come. */
  has(count: number): Promise<void>;
}

export async function httpReceiver(): Promise<HttpReceiver> {
  const received: Received[] = [];
  const answers: Answer[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = "", url: path = "", headers } = request;
      received.push({ method, path, headers, body: body === "" ? null : JSON.parse(body) });
      const { status, headers: more = {}, body: words = "" } = answers.shift() ?? { status: 200 };
      response.writeHead(status, more).end(words);
      arrived.resolve();
      arrived = Promise.withResolvers();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answers,
    has: async (count) => {
      while (received.length < count) await arrived.promise;
    },
  };
}
