import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { within, type Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { drillKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { ownProgram } from "../version.ts";

export interface BackgroundDrillDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A drill takes about a minute; on a busy machine, with the least priority, several. */
const BOUND_MS = 15 * 60_000;
/** It takes its sandbox down when it is told to end. */
const END_MS = 15_000;
const SESSIONS = 2;
/** One that could not be started is tried again after this. */
const AGAIN_MS = 60 * 60_000;

/**
 * Certifies a version of the client that nobody has certified: the `drill` verb in a process of its
 * own, in a sandbox, with the least priority, one at a time, and once for each version; again an hour
 * later where the process could not be started. Its verdict is in the store when it ends.
 */
export class BackgroundDrill {
  readonly #deps: BackgroundDrillDeps;
  #child: ChildProcess | null = null;
  /** Cut off by our own end is not tried: the next daemon may. */
  #stopped = false;
  #notBefore = 0;

  constructor(deps: BackgroundDrillDeps) {
    this.#deps = deps;
  }

  /** Begins where it is due; `version` is that of the installed client. Resolves at its end. */
  async certify(version: string): Promise<void> {
    const { config, store, clock } = this.#deps;
    if (!config.claude.drill || this.#stopped) return;
    if (this.#child !== null || clock.now() < this.#notBefore) return;
    if (store.meta.get(drillKey(version)) !== null) return;
    store.meta.set(drillKey(version), rfc3339(clock.now()));
    store.emit("client.drill", { version });
    const child = this.#start();
    this.#child = child;
    const ended = once(child, "exit");
    const bound = new AbortController();
    void clock
      .sleep(BOUND_MS, bound.signal)
      .then(() => child.kill("SIGTERM"))
      .catch(() => undefined);
    try {
      await ended;
    } catch (thrown) {
      store.meta.delete(drillKey(version));
      this.#notBefore = clock.now() + AGAIN_MS;
      throw thrown;
    } finally {
      bound.abort();
      this.#child = null;
    }
    if (this.#stopped) store.meta.delete(drillKey(version));
    if (this.#stopped) return;
    if (store.certifications.get(version) === null)
      store.emit("client.drillFailed", { version, exit: child.exitCode });
  }

  /** Ends a drill that runs; its sandbox goes with it. From now on none begins. */
  async stop(): Promise<void> {
    const { clock } = this.#deps;
    const child = this.#child;
    this.#stopped = true;
    if (child === null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await within(ended, END_MS, clock);
    child.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const { config, env } = this.#deps;
    const args = ["drill", "--json", "--sessions", String(SESSIONS), "--config", config.file];
    const child = spawn(process.execPath, [ownProgram(), ...args], { env, stdio: "ignore" });
    try {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // Ended already, or not allowed: then it runs as everything does.
    }
    return child;
  }
}
