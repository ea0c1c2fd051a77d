import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Env, Places } from "../config/places.ts";
import { asFailoverError } from "../errors.ts";
import { openStoreForReading } from "../store/store.ts";
import { managedSettingsDir } from "../claude/settings-layers.ts";
import { lookForDaemon } from "./look-for-daemon.ts";
import type { BareScene, Trouble } from "./model.ts";

/** Opens what the checks look at; whoever gets it closes its store. Writes nothing. */
export async function openScene(options: {
  readonly places: Places;
  readonly env: Env;
  readonly home: string;
  readonly uid: number;
  readonly clock: Clock;
  /** Reads the configuration, or throws. */
  readonly readConfig: () => Promise<Config>;
}): Promise<BareScene> {
  const { places, env, home, uid, clock, readConfig } = options;
  const daemon = await lookForDaemon(places.socket, clock);
  const managedDir = managedSettingsDir(process.platform);
  const opened = { ...(await openConfig(readConfig)), ...openStore(places.database, clock) };
  return { places, env, home, uid, clock, daemon, managedDir, ...opened };
}

async function openConfig(
  readConfig: () => Promise<Config>,
): Promise<Pick<BareScene, "config" | "configProblem">> {
  try {
    return { config: await readConfig(), configProblem: null };
  } catch (thrown) {
    return { config: null, configProblem: troubleOf(thrown) };
  }
}

function openStore(file: string, clock: Clock): Pick<BareScene, "store" | "storeProblem"> {
  try {
    return { store: openStoreForReading(file, clock), storeProblem: null };
  } catch (thrown) {
    return { store: null, storeProblem: troubleOf(thrown) };
  }
}

function troubleOf(thrown: unknown): Trouble {
  const { message, hint } = asFailoverError(thrown);
  return { message, hint };
}
