import { existsSync, rmSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fieldsOf, textOf } from "./fields.ts";
import { operatorSettings, projectSettings, type SettingsLayer } from "./settings-layers.ts";
import { shellQuote } from "./shell-quote.ts";

/**
 * The client honours one status line (client facts 14), so ours runs the operator's own and hands
 * on what it says. Padding and the like need nothing: the client merges the settings key by key.
 */
export function statusLineSettings(options: {
  session: string;
  spoolDir: string;
  settingsDir: string;
}): object {
  return { type: "command", command: wrapper(options) };
}

/**
 * Keeps the payload as `<session>.StatusLine.json`, one file a session however long nobody reads,
 * and goes on as the operator's command: same process, same stdin, output and exit status. The
 * payload is opened before it is renamed, because the daemon may be done with it at once. Where it
 * cannot be kept the operator's command runs all the same.
 */
function wrapper(options: { session: string; spoolDir: string; settingsDir: string }): string {
  const part = shellQuote(join(options.spoolDir, `${options.session}.StatusLine.part`));
  const whole = shellQuote(join(options.spoolDir, `${options.session}.StatusLine.json`));
  const own = shellQuote(ownCommandFile(options));
  return [
    `_cf_in=$(cat; echo .); _cf_in=\${_cf_in%.}`,
    `if { printf %s "$_cf_in" >${part}; } 2>/dev/null && [ -r ${part} ]`,
    `then exec <${part}; mv -f ${part} ${whole} 2>/dev/null; unset _cf_in`,
    `if [ -s ${own} ]; then . ${own}; fi`,
    `elif [ -s ${own} ]; then printf %s "$_cf_in" | . ${own}; fi`,
  ].join("\n");
}

/** The session whose payload a spool file is, or null. */
export function sessionOfStatusLine(fileName: string): string | null {
  return /^(?<session>.+)\.StatusLine\.json$/.exec(fileName)?.groups?.["session"] ?? null;
}

/** A payload that is being written; of a writer that was ended meanwhile, until the next one. */
export function isStatusLinePart(fileName: string): boolean {
  return fileName.endsWith(".StatusLine.part");
}

/** Pure: the command of the status line in force, or null. `layers` weakest first. */
export function operatorStatusLine(layers: readonly SettingsLayer[]): string | null {
  let command: string | null = null;
  for (const { fields } of layers) {
    const told = fieldsOf(fields?.["statusLine"]);
    if (told !== null) command = textOf(told["command"]) ?? command;
  }
  return command;
}

/**
 * Writes down the operator's own status line for a session in `cwd`, as it is set now, for the
 * wrapper to run from its next update on: the operator's changes count without a restart. `commandIn`
 * gives the one of a folder, where many sessions share one.
 */
export function keepOwnStatusLine(options: {
  session: string;
  settingsDir: string;
  slot: string;
  cwd: string;
  commandIn?: (cwd: string) => string | null;
}): void {
  const { cwd, commandIn = ownStatusLines(options.slot) } = options;
  const file = ownCommandFile(options);
  const command = commandIn(cwd);
  if (command === readOrNull(file)) return;
  if (command === null) return rmSync(file, { force: true });
  const part = `${file}.part`;
  writeFileSync(part, command, { mode: 0o600 });
  renameSync(part, file);
}

/** The operator's own status line in each folder, as it is set now; each folder is read once. */
export function ownStatusLines(slot: string): (cwd: string) => string | null {
  const known = new Map<string, string | null>();
  const everywhere = operatorSettings(slot, null);
  return (cwd) => {
    const before = known.get(cwd);
    if (before !== undefined) return before;
    const command = operatorStatusLine([...everywhere, ...projectSettings(cwd)]);
    known.set(cwd, command);
    return command;
  };
}

function ownCommandFile({ settingsDir, session }: { settingsDir: string; session: string }) {
  return join(settingsDir, `${session}.statusline`);
}

function readOrNull(file: string): string | null {
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}
