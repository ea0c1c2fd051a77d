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

/** Every configured slot, and those of `names` that are configured no more. Pure. */
export function slotsWith(config: Slots, names: Iterable<string>): Config["slots"] {
  const known = new Set(config.slots.map(({ name }) => name));
  const others = [...new Set(names)].filter((name) => !known.has(name));
  return [...config.slots, ...others.map((name) => slotNamed(config, name))];
}
