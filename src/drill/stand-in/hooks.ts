import { spawn } from "node:child_process";
import { request } from "node:http";
import type { JsonObject } from "./json.ts";
import type { Hook, Settings } from "./settings.ts";

/** What one hook did. */
export interface HookResult {
  readonly command: string;
  readonly durationMs: number | null;
  /** A command that ends with 2 blocks what it was asked about. */
  readonly isBlocking: boolean;
  /** The first line of what went wrong, or null. */
  readonly failure: string | null;
}

/**
 * Runs every hook of an event, all at once, and waits for all of them. `SessionStart` is given to
 * commands only (client facts 19).
 */
export async function runHooks(options: {
  settings: Settings;
  event: string;
  payload: JsonObject;
  cwd: string;
}): Promise<HookResult[]> {
  const { settings, event, cwd } = options;
  const hooks = settings.hooksOf(event);
  const fitting = event === "SessionStart" ? hooks.filter(({ type }) => type === "command") : hooks;
  const body = JSON.stringify(options.payload);
  return await Promise.all(fitting.map((hook) => runHook(hook, body, cwd)));
}

async function runHook(hook: Hook, body: string, cwd: string): Promise<HookResult> {
  return hook.type === "command" ? await runCommand(hook, body, cwd) : await post(hook, body);
}

async function runCommand(
  hook: Extract<Hook, { type: "command" }>,
  body: string,
  cwd: string,
): Promise<HookResult> {
  const startedAt = performance.now();
  const child = spawn("/bin/sh", ["-c", hook.command], {
    cwd,
    env: { ...process.env, CLAUDE_PROJECT_DIR: cwd },
    stdio: ["pipe", "ignore", "ignore"],
    timeout: hook.timeoutMs,
  });
  // A hook that does not read its input is fine.
  child.stdin.on("error", () => undefined);
  child.stdin.end(body);
  const code = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(127));
    child.on("close", (status) => resolve(status ?? 1));
  });
  return {
    command: hook.command,
    durationMs: Math.round(performance.now() - startedAt),
    isBlocking: code === 2,
    failure: code === 0 ? null : `exit status ${code}`,
  };
}

async function post(hook: Extract<Hook, { type: "http" }>, body: string): Promise<HookResult> {
  const failure = await new Promise<string | null>((resolve) => {
    const headers = {
      accept: "application/json, text/plain, */*",
      "content-type": "application/json",
      ...hook.headers,
      "user-agent": "axios/1.15.2",
      "content-length": String(Buffer.byteLength(body)),
      "accept-encoding": "gzip, compress, deflate, br",
    };
    const call = request(hook.url, { method: "POST", headers, timeout: hook.timeoutMs });
    call.on("error", (thrown) => resolve(thrown.message));
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("response", (response) => {
      response.resume();
      response.on("close", () => resolve(response.statusCode === 200 ? null : "refused"));
    });
    call.end(body);
  });
  return { command: hook.url, durationMs: null, isBlocking: false, failure };
}
