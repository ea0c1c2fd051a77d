import { errnoOf } from "../errors.ts";
import { failed, type Sent } from "./message.ts";

/** Bytes of an answer that are looked at. */
const MOST_READ = 16 * 1024;

/**
 * Posts JSON once. What goes wrong is told by status or code alone: the address may be a secret, and
 * so may be what the other side answers. Redirects are not followed. Throws as aborting does.
 */
export async function postJson(options: {
  readonly url: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}): Promise<Sent> {
  const { url, body, headers, signal } = options;
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal,
    });
    const answer = await beginningOf(response);
    if (response.ok) return { ok: true };
    const { status } = response;
    // 408, 425 and 429 ask for another try; any other 4xx will be the same tomorrow.
    const retry = status >= 500 || status === 408 || status === 425 || status === 429;
    return failed(`HTTP ${status}`, retry, askedWait(response, answer));
  } catch (thrown) {
    signal.throwIfAborted();
    const cause = thrown instanceof Error ? thrown.cause : undefined;
    return failed(`no connection (${errnoOf(cause) ?? errnoOf(thrown) ?? "unknown"})`, true);
  }
}

async function beginningOf(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_READ) break;
  }
  return text;
}

/** `Retry-After` in seconds, or what Discord and Telegram say in their JSON. */
function askedWait(response: Response, answer: string): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  if (seconds > 0) return seconds * 1_000;
  const said = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(answer)?.[1];
  return said === undefined ? null : Number(said) * 1_000;
}
