import type { PolicyConfig } from "./config.ts";
import { resolveConfig } from "./resolve.ts";
import { configSchema } from "./schema.ts";

/** The policy of a file that says nothing about it. */
export function defaultPolicy(): PolicyConfig {
  const written = configSchema.parse({ accounts: [{ name: "any", home: "/any" }] });
  return resolveConfig({ written, file: "/config.yaml", home: "/", slotsDir: "/" }).policy;
}
