import { join } from "node:path";
import type { Config, SlotConfig } from "./config.ts";

type Slots = Pick<Config, "slots" | "slotsDir">;

/** The slot of this name; also one that is configured no more. Pure. */
export function slotNamed({ slots, slotsDir }: Slots, name: string): SlotConfig {
  return (
    slots.find((each) => each.name === name) ?? {
      name,
      path: join(slotsDir, name),
      account: null,
    }
  );
}

/**
 * Every configured slot, the shared one first, and those that configured sessions still use as
 * `rows` remember it. Pure.
 */
export function slotsInUse(
  config: Pick<Config, "slots" | "slotsDir" | "sessions">,
  rows: Iterable<{ readonly name: string; readonly slot: string }>,
): Config["slots"] {
  const names = new Set(config.sessions.dedicated.map(({ name }) => name));
  const used = [...rows].filter(({ name }) => names.has(name));
  return slotsWith(
    config,
    used.map(({ slot }) => slot),
  );
}

/** Every configured slot, and those of `names` that are configured no more. Pure. */
export function slotsWith(config: Slots, names: Iterable<string>): Config["slots"] {
  const known = new Set(config.slots.map(({ name }) => name));
  const others = [...new Set(names)].filter((name) => !known.has(name));
  return [...config.slots, ...others.map((name) => slotNamed(config, name))];
}
