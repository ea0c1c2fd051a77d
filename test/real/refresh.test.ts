import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { acquireClientLocks } from "../../src/accounts/client-locks.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { startMessagesApi } from "../../src/drill/messages-api.ts";
import { flipSlot } from "../../src/switchover/slot.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startTokenEndpoint, type TokenEndpoint } from "../support/token-endpoint.ts";

/** The note beside the lock came between the two. */
const CLIENTS = [
  { variable: "CF_TEST_CLAUDE", leavesNote: true },
  { variable: "CF_TEST_CLAUDE_OLD", leavesNote: false },
].map((client) => ({ ...client, claude: process.env[client.variable] ?? "" }));

interface Scene {
  readonly root: string;
  readonly slot: string;
  readonly homes: readonly [string, string];
  readonly endpoint: TokenEndpoint;
  /** The made-up refresh token a home holds. Only the test may look: it made it. */
  readonly login: (home: string) => string;
  /** Starts a client on one prompt; its token has expired, so it refreshes first. */
  readonly start: () => { child: ChildProcess; ended: Promise<{ code: unknown; text: string }> };
}

async function makeScene(claude: string): Promise<Scene> {
  const root = tempDir();
  const homes = [join(root, ".claude-a"), join(root, ".claude-b")] as const;
  for (const home of homes) {
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, ".credentials.json"), expiredLogin(home.slice(-1)), { mode: 0o600 });
  }
  const slot = join(root, ".claude");
  symlinkSync(homes[0], slot);
  mkdirSync(join(root, "project"));
  const projects = { [join(root, "project")]: { hasTrustDialogAccepted: true } };
  writeFileSync(
    join(root, ".claude.json"),
    JSON.stringify({ hasCompletedOnboarding: true, projects }),
  );
  const endpoint = await startTokenEndpoint(root);
  const api = await startMessagesApi();
  onTestFinished(async () => await api.close());
  const env = {
    ...endpoint.env,
    HOME: root,
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    ANTHROPIC_BASE_URL: api.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_ERROR_REPORTING: "1",
  };
  return {
    root,
    slot,
    homes,
    endpoint,
    login: (home) => refreshTokenOf(readFileSync(join(home, ".credentials.json"), "utf8")),
    start: () => startClient({ claude, cwd: join(root, "project"), env }),
  };
}

function expiredLogin(name: string): string {
  const claudeAiOauth = {
    accessToken: `sk-ant-oat01-${name}-old`,
    refreshToken: `sk-ant-ort01-${name}`,
    expiresAt: Date.now() - 3_600_000,
    scopes: ["user:inference", "user:profile"],
    subscriptionType: "max",
  };
  return JSON.stringify({ claudeAiOauth });
}

function refreshTokenOf(text: string): string {
  const parsed = JSON.parse(text) as { claudeAiOauth: { refreshToken: string } };
  return parsed.claudeAiOauth.refreshToken;
}

function startClient(options: {
  claude: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
}): ReturnType<Scene["start"]> {
  const { claude, cwd, env } = options;
  const child = spawn(claude, ["-p", "hello"], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  }
  const ended = once(child, "close").then(([code]: unknown[]) => ({ code, text }));
  return { child, ended };
}

describe.each(CLIENTS)("a token refresh of the client ($variable)", ({ claude, leavesNote }) => {
  test.skipIf(claude === "")(
    "in flight is waited for, named, and survives the flip that follows",
    async () => {
      const { slot, homes, endpoint, login, start } = await makeScene(claude);
      const [a, b] = homes;
      const answer = endpoint.hold();
      const asked = endpoint.asked();
      const { child, ended } = start();
      await asked;

      const impatient = await acquireClientLocks({ homes, clock, boundMs: 100 });
      expect(impatient.busy).toMatchObject({
        path: join(a, ".oauth_refresh.lock"),
        holderPid: leavesNote ? child.pid : null,
      });

      const patient = acquireClientLocks({ homes, clock });
      await clock.sleep(300);
      expect(login(a)).toBe("sk-ant-ort01-a");
      answer();
      const locks = await patient;
      if (locks.busy !== null) throw new Error(locks.busy.holder);
      expect(locks.waitedMs).toBeGreaterThan(250);
      expect(login(a)).toBe("sk-ant-ort01-a-2");
      expect(await locks.lost()).toEqual([]);
      flipSlot({ slot, to: b, expect: a });
      await locks.release();

      expect(await ended).toMatchObject({ code: 0 });
      expect([login(a), login(b).replace(/-2$/, "")]).toEqual([
        "sk-ant-ort01-a-2",
        "sk-ant-ort01-b",
      ]);
      expect(endpoint.refused).toEqual([]);
    },
  );

  test.skipIf(claude === "")(
    "in flight is lost when the slot is flipped without the locks",
    async () => {
      const { slot, homes, endpoint, login, start } = await makeScene(claude);
      const answer = endpoint.hold();
      const asked = endpoint.asked();
      const { ended } = start();
      await asked;
      flipSlot({ slot, to: homes[1], expect: homes[0] });
      answer();
      await ended;
      // What the locks are for: the token was used up, and its home never got the new one.
      expect(endpoint.presented[0]).toBe("sk-ant-ort01-a");
      expect(login(homes[0])).toBe("sk-ant-ort01-a");
    },
  );

  test.skipIf(claude === "")("waits for locks that we hold", async () => {
    const { homes, endpoint, login, start } = await makeScene(claude);
    const locks = await acquireClientLocks({ homes, clock });
    if (locks.busy !== null) throw new Error(locks.busy.holder);
    const { ended } = start();
    await clock.sleep(1500);
    expect(endpoint.presented).toEqual([]);
    await locks.release();
    expect(await ended).toMatchObject({ code: 0 });
    expect(endpoint.presented).toEqual(["sk-ant-ort01-a"]);
    expect(login(homes[0])).toBe("sk-ant-ort01-a-2");
  });
});

const current = process.env["CF_TEST_CLAUDE"];

describe.skipIf(current === undefined)("locks left behind (CF_TEST_CLAUDE)", () => {
  const claude = current ?? "";

  test("of a killed claude-failover do not stop the client, by the note they carry", async () => {
    const { homes, endpoint, login, start } = await makeScene(claude);
    await killedWhileHolding(homes);
    expect(lstatSync(join(homes[0], ".oauth_refresh.lock")).isDirectory()).toBe(true);
    const { ended } = start();
    expect(await ended).toMatchObject({ code: 0 });
    expect(endpoint.presented).toEqual(["sk-ant-ort01-a"]);
    expect(login(homes[0])).toBe("sk-ant-ort01-a-2");
  }, 30_000);

  test.each([
    { ageMs: 20_000, taken: false },
    { ageMs: 62_000, taken: true },
  ])(
    "without a note, untouched for $ageMs ms, are taken over: $taken",
    async ({ ageMs, taken }) => {
      const { homes, endpoint, start } = await makeScene(claude);
      const path = join(homes[0], ".oauth_refresh.lock");
      mkdirSync(path);
      const then = new Date(Date.now() - ageMs);
      utimesSync(path, then, then);
      const { ended } = start();
      await ended;
      expect(endpoint.presented.length > 0).toBe(taken);
    },
    30_000,
  );
});

async function killedWhileHolding(homes: readonly string[]): Promise<void> {
  const source = fileURLToPath(new URL("../../src/", import.meta.url));
  const script = `
    import { acquireClientLocks } from ${JSON.stringify(`${source}accounts/client-locks.ts`)};
    import { systemClock } from ${JSON.stringify(`${source}clock.ts`)};
    await acquireClientLocks({ homes: ${JSON.stringify(homes)}, clock: systemClock });
    process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: "inherit",
  });
  await once(child, "exit");
}
