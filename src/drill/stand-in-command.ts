import { fileURLToPath } from "node:url";

/** The stand-in agent as a command of its own. */
export function standInCommand(): string {
  return fileURLToPath(new URL("../../bin/stand-in-agent", import.meta.url));
}
