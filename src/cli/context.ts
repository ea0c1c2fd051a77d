import { places, type Places } from "../config/places.ts";
import { systemClock } from "../clock.ts";
import type { Look } from "./table.ts";
import type { Call } from "./verb.ts";

/** Where this user's things are. HOME counts, as for the client; the account's entry only without it. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  if (env.HOME !== undefined && env.HOME !== "") return env.HOME;
  // Seldom needed, and an import of node:os takes 3 ms of what `status` may take.
  return process.getBuiltinModule("node:os").homedir();
}

export function ownPlaces(): Places {
  return places({ env: process.env, home: homeOf(process.env), uid: process.getuid?.() ?? -1 });
}

/** The configuration, read and checked. Loaded late: only some verbs need it. */
export async function readConfig(call: Call) {
  const { loadConfig } = await import("../config/load.ts");
  const { config } = call.values;
  return loadConfig({
    path: typeof config === "string" ? config : undefined,
    env: process.env,
    home: homeOf(process.env),
  });
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** How standard output is looked at. */
export function look(): Look {
  const { isTTY, columns } = process.stdout;
  const color = isTTY && (process.env.NO_COLOR ?? "") === "";
  return { color, now: systemClock.now(), columns: isTTY && columns > 0 ? columns : null };
}
