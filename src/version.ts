import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version of this program, from its package.json; that lies beside `src` and beside `dist`. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return (manifest as { version: string }).version;
}

/** The command line of this same program: built where this was built, source where this is source. */
export function ownProgram(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./cli/main.${extension}`, import.meta.url));
}
