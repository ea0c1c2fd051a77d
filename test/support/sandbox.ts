import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Names a test run may see of the environment it was started in; everything else is dropped. */
const KEPT = /^(PATH|TERM|COLORTERM|LANG|LC_.*|CI|CF_TEST_.*|NODE_.*|NO_COLOR|FORCE_COLOR)$/;
const RUNNER = /^(VITEST.*|TEST|MODE|DEV|PROD|SSR|BASE_URL)$/;

const given = process.env.CF_TEST_ROOT;
let root: string | undefined;

/**
 * Runs once before all projects: gives them a HOME and a TMPDIR of their own, so that no test can
 * meet the login, the sessions or the tmux server of whoever runs it. Short, because socket paths
 * are bounded. `bin/test` gives the folder and removes it; without it one is made.
 */
export function setup(): void {
  root = given ?? mkdtempSync("/tmp/cft-");
  for (const name of Object.keys(process.env)) {
    if (!KEPT.test(name) && !RUNNER.test(name)) delete process.env[name];
  }
  const home = join(root, "home");
  const tmp = join(root, "t");
  for (const folder of [home, tmp]) mkdirSync(folder, { mode: 0o700, recursive: true });
  // Programs that tests start many times are compiled once.
  const cache = join(tmp, "node-compile-cache");
  Object.assign(process.env, {
    HOME: home,
    TMPDIR: tmp,
    TMUX_TMPDIR: tmp,
    NODE_COMPILE_CACHE: cache,
  });
}

/** Says what the tests left, ends tmux servers they forgot, and removes it; `bin/test` judges it itself. */
export function teardown(): void {
  if (root === undefined || given !== undefined) return;
  const tmp = join(root, "t");
  const left = readdirSync(tmp).filter((name) => !name.startsWith("node-compile-cache"));
  if (left.length > 0) process.stderr.write(`left behind by tests: ${left.join(", ")}\n`);
  for (const socket of socketsUnder(tmp)) endTmuxServer(socket);
  rmSync(root, { recursive: true, force: true });
}

function socketsUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false);
}

function endTmuxServer(socket: string): void {
  try {
    execFileSync("tmux", ["-S", socket, "kill-server"], { stdio: "ignore", timeout: 5000 });
  } catch {
    // Not a tmux server, or already gone.
  }
}
