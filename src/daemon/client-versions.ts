import { statSync } from "node:fs";
import type { ClientStatus } from "../api/view.ts";
import { askVersion } from "../claude/client-version.ts";
import { certificationOf, type Certification } from "../claude/certified.ts";
import type { HookSignal } from "../claude/hooks.ts";
import type { Config, Strategy as Configured } from "../config/config.ts";
import type { SessionKind } from "../policy/model.ts";
import { strategyFor } from "../policy/strategy.ts";
import { wantedSessions } from "../sessions/wanted.ts";
import type { Strategy } from "../store/sessions.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { Fleet } from "./fleet.ts";

/** How a session moves; `version` null is the client that is installed now. */
export type StrategyOf = (session: {
  readonly name: string;
  readonly kind: SessionKind;
  readonly version: string | null;
}) => Strategy;

export interface ClientVersionsDeps {
  readonly config: Config;
  readonly store: Store;
  readonly fleet: Fleet;
  /** Absolute path of the client. */
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

/** What is known of a version of the client. */
function certificationIn(store: Store, version: string): Certification {
  return certificationOf(version, store.certifications.get(version));
}

/** The client that was installed at the last look, and what is known of it; null before the first. */
export function clientStatus(store: Store): ClientStatus | null {
  const version = store.meta.get(META.client);
  if (version === null) return null;
  const at = store.certifications.get(version)?.at ?? null;
  return { version, ...certificationIn(store, version), drilledAt: at };
}

/** Which client is installed and which each session runs, and what that means for its strategy. */
export class ClientVersions {
  readonly #deps: ClientVersionsDeps;
  readonly #configured: ReadonlyMap<string, Configured>;
  #stamp = "";
  #installed: string | null = null;
  /** What the strategies that are in force were set by. */
  #known = "";

  constructor(deps: ClientVersionsDeps) {
    this.#deps = deps;
    const wanted = wantedSessions(deps.config);
    this.#configured = new Map(wanted.map(({ name, strategy }) => [name, strategy]));
  }

  /**
   * Looks whether another client was installed (it updates itself), and sets every session's
   * strategy by what is known now. Cheap where nothing changed: one `stat`.
   */
  async look(): Promise<void> {
    const { command, env, store } = this.#deps;
    const stamp = stampOf(command);
    if (stamp !== this.#stamp) {
      const version = await askVersion(command, env);
      this.#stamp = version === null ? "" : stamp;
      if (version !== null && version !== this.#installed) {
        this.#installed = version;
        store.meta.set(META.client, version);
        const { verdict } = certificationIn(store, version);
        store.emit("client.version", { version, verdict });
      }
    }
    const verdicts = store.certifications.list().map(({ version, at }) => [version, at]);
    const known = JSON.stringify([this.#installed, verdicts]);
    if (known !== this.#known) this.#apply();
    this.#known = known;
  }

  /** A client that starts is the one that is installed. */
  heard(name: string, hook: HookSignal): void {
    const { store } = this.#deps;
    const installed = this.#installed;
    if (hook.kind !== "sessionStarted" || installed === null) return;
    if (store.sessions.get(name)?.clientVersion === installed) return;
    store.sessions.update(name, { clientVersion: installed });
    this.#apply();
  }

  /** The version installed, if no drill has said anything about it; else null. */
  get uncertified(): string | null {
    const { store } = this.#deps;
    const version = this.#installed;
    return version !== null && certificationIn(store, version).verdict === null ? version : null;
  }

  readonly strategyOf: StrategyOf = ({ name, kind, version }) => {
    const { config, store, platform } = this.#deps;
    const runs = version ?? this.#installed;
    return strategyFor({
      configured: this.#configured.get(name) ?? config.sessions.strategy,
      platform,
      verdict: runs === null ? null : certificationIn(store, runs).verdict,
      isAdopted: kind === "adopted",
    });
  };

  #apply(): void {
    const { fleet, store } = this.#deps;
    for (const { name, kind, strategy } of fleet.list()) {
      const version = store.sessions.get(name)?.clientVersion ?? null;
      const now = this.strategyOf({ name, kind, version });
      if (now === strategy) continue;
      fleet.change(name, { strategy: now });
      store.emit("session.strategy", { session: name, strategy: now, version });
    }
  }
}

/** Tells one installed client from another without running it. */
function stampOf(command: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(command);
    return [dev, ino, size, mtimeMs].join(":");
  } catch {
    return "";
  }
}
