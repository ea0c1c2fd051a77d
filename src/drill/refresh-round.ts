import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import type { Check } from "./rehearsal-report.ts";
import { startTokenEndpoint } from "./token-endpoint.ts";
import type { World } from "./world.ts";

const CLAIM = "a login refresh in flight is waited for and survives the flip";
const ASKED_MS = 20_000;
/** How long the answer is kept back after the flip was asked for. */
const HELD_MS = 600;

/**
 * A client of the active account refreshes its login, its request has gone out, and the answer is
 * kept back while the slot is to be flipped: without the client's locks the new login, which replaces
 * the old one, would be written nowhere (client facts 7). Null where it cannot be tried.
 */
export async function refreshRound(options: {
  world: World;
  command: string;
  to: string;
  clock: Clock;
}): Promise<Check | null> {
  const { world, command, to, clock } = options;
  const { sandbox } = world;
  const from = sandbox.accounts.find(({ home }) => readlinkSync(sandbox.slot) === home);
  const endpoint = await startTokenEndpoint(join(sandbox.root, "tmp")).catch(() => null);
  if (from === undefined || endpoint === null) return null;
  using _end = { [Symbol.dispose]: endpoint.close };
  const file = join(from.home, ".credentials.json");
  const before = expire(file);
  const answer = endpoint.hold();
  const asked = endpoint.asked().then(() => true);
  const client = spawn(command, ["-p", "hello"], {
    cwd: sandbox.projectDir,
    env: { ...world.env, ...endpoint.env, CLAUDE_CONFIG_DIR: undefined },
    stdio: "ignore",
  });
  const ended = once(client, "exit");
  try {
    if (!(await Promise.race([asked, clock.sleep(ASKED_MS).then(() => false)])))
      return { claim: CLAIM, ok: false, found: "the client asked for no new login" };
    const { socket } = world;
    const body = { to, dryRun: false };
    const path = "/v1/switchover";
    const switched = ask<ActionJson>({ socket, method: "POST", path, body });
    await clock.sleep(HELD_MS);
    const waited = readlinkSync(sandbox.slot) === from.home;
    answer();
    const action = await switched;
    const kept = refreshTokenIn(file) !== before;
    const ok = waited && kept && action.done;
    const words = [
      waited ? "the flip waited" : "the flip did not wait",
      kept ? "the new login was kept" : "the new login was lost",
      action.text,
    ];
    return { claim: CLAIM, ok, found: words.join("; ") };
  } finally {
    answer();
    await Promise.race([ended, clock.sleep(5_000)]);
    client.kill("SIGKILL");
  }
}

interface Login {
  readonly claudeAiOauth: { readonly refreshToken: string; readonly expiresAt: number };
}

/** Of a made-up login, which this sandbox wrote itself. Returns its refresh token. */
function expire(file: string): string {
  const { claudeAiOauth } = JSON.parse(readFileSync(file, "utf8")) as Login;
  writeFileSync(file, JSON.stringify({ claudeAiOauth: { ...claudeAiOauth, expiresAt: 1 } }));
  return claudeAiOauth.refreshToken;
}

function refreshTokenIn(file: string): string {
  return (JSON.parse(readFileSync(file, "utf8")) as Login).claudeAiOauth.refreshToken;
}
