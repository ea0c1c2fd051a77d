import { randomBytes } from "node:crypto";
import { lutimesSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ensureAll } from "../../src/accounts/shared-links.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { loadConfig } from "../../src/config/load.ts";
import { places } from "../../src/config/places.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { Finding } from "../../src/doctor/model.ts";
import { openScene } from "../../src/doctor/open-scene.ts";
import { makeSandbox, type Sandbox } from "../../src/drill/sandbox.ts";
import type { SessionRow } from "../../src/store/sessions.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { SESSION_ROW } from "./session-row.ts";
import { snapshot } from "./snapshot.ts";

export const ID = "6151b159-be8b-46b8-92ba-1889cbfdfe7a";
export const MINUTE_MS = 60_000;

/** A deployment in which nothing is wrong but that no daemon runs. */
export async function makeHealthy() {
  const box = await makeSandbox();
  onTestFinished(() => box.dispose());
  const uid = process.getuid?.() ?? 0;
  const bin = join(box.root, "bin");
  const socket = `cf-doctor-${randomBytes(4).toString("hex")}`;
  const env = {
    ...box.env({ baseUrl: "http://127.0.0.1:9" }),
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
  };
  writeClient(bin, "2.1.328");
  writeConfig(box, socket);
  const own = places({ env, home: box.home, uid });
  const readConfig = async () => Promise.resolve(loadConfig({ env, home: box.home, cwd: "/" }));
  const config = await readConfig();
  await ensureAll({ accounts: config.accounts, root: config.shared.root, links: [] });
  for (const [index, { home }] of box.accounts.entries()) {
    writeFileSync(join(home, "settings.json"), '{"autoContinueAtUsageLimit":false}');
    setTime(join(home, ".credentials.json"), -index * MINUTE_MS);
  }
  symlinkSync(homeOf(box, 0), box.slot);
  for (const folder of [own.stateDir, own.runtimeDir, own.spoolDir, own.pasteDir])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = { box, env, places: own, socket, bin, uid };
  inStore(place, (store) => {
    store.periods.begin("compte1", clock.now() - 10 * MINUTE_MS);
    store.emit("daemon.started", { pid: 1, version: "0" });
    store.sessions.put({ ...SESSION, cwd: box.projectDir });
    store.sessionIds.add({ sessionId: ID, name: SESSION.name, fromAt: 0, source: "startup" });
    store.sessionIds.prompted(ID, SESSION.name);
    // Nothing was said here yet, so that there is nothing to look for.
    const fresh = { sessionId: FRESH_ID, name: SESSION.name, fromAt: 1, source: "clear" };
    store.sessionIds.add(fresh);
  });
  writeTranscript(join(box.home, ".claude-projects-shared/-proj"));
  return { ...place, open: () => openScene({ ...place, home: box.home, clock, readConfig }) };
}

export type Place = Awaited<ReturnType<typeof makeHealthy>>;

const FRESH_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const SESSION: SessionRow = {
  ...SESSION_ROW,
  name: "ccl-1-api",
  sessionId: ID,
  account: "compte1",
  transcriptPath: `/somewhere/${ID}.jsonl`,
};

export function homeOf(box: Sandbox, index: number): string {
  return box.accounts[index]?.home ?? "";
}

export function writeClient(bin: string, version: string): void {
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "claude"), `#!/bin/sh\necho "${version} (Claude Code)"\n`, {
    mode: 0o755,
  });
}

function writeConfig(box: Sandbox, socket: string): void {
  const folder = join(box.home, ".config/claude-failover");
  mkdirSync(folder, { recursive: true });
  const config = {
    accounts: box.accounts.map(({ name, home }) => ({ name, home })),
    tmux: { socket },
    sessions: { dedicated: [{ name: "ccl-1-api", cwd: box.projectDir }] },
  };
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config));
}

export function writeTranscript(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, `${ID}.jsonl`), "{}\n");
}

/** Sets a path's own time, relative to now. */
export function setTime(path: string, ms: number): void {
  const seconds = (clock.now() + ms) / 1000;
  lutimesSync(path, seconds, seconds);
}

export function inStore(place: Pick<Place, "places">, change: (store: Store) => void): void {
  const store = openStore(place.places.database, clock);
  try {
    change(store);
  } finally {
    store.close();
  }
}

/** Everything that lies there but what SQLite itself keeps beside a file it reads. */
export async function contentOf(root: string): Promise<Record<string, string>> {
  const all = Object.entries(await snapshot(root));
  return Object.fromEntries(all.filter(([path]) => !/state\.db-(shm|wal)$/.test(path)));
}

export async function lookAt(place: Place): Promise<readonly Finding[]> {
  const scene = await place.open();
  try {
    return await examine(scene);
  } finally {
    scene.store?.close();
  }
}

/** Everything of a deployment that is not well, without what it lacks by design of the test. */
export function troubles(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ code, level }) => level !== "ok" && code !== "daemon")
    .map(({ code, level }) => `${code} ${level}`);
}

export function relink(path: string, to: string): void {
  unlinkSync(path);
  symlinkSync(to, path);
}
