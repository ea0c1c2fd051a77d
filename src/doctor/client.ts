import { execFile } from "node:child_process";
import { findClient } from "../claude/find-client.ts";
import { asFailoverError } from "../errors.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("client");

/** The oldest and the newest version that the facts were measured with. */
const MEASURED = { from: "2.1.100", to: "2.1.329" };
const VERSION_MS = 10_000;

/** Whether the client is there, and whether its version is one that was measured. */
export const clientCheck: Check<Scene> = {
  code: "client",
  look: async ({ config, env, home }) => {
    const path = env.PATH ?? "";
    try {
      const command = findClient(config.claude.command, path);
      return [
        judgeClient({ command, version: await askVersion(command, { HOME: home, PATH: path }) }),
      ];
    } catch (thrown) {
      const { message, hint } = asFailoverError(thrown);
      return [say.bad(message, hint)];
    }
  },
};

/** Pure. `version` null: it did not say. */
export function judgeClient(at: { command: string; version: string | null }): Finding {
  const { command, version } = at;
  if (version === null)
    return say.unknown(`${command} does not say its version.`, `Try ${command} --version.`);
  const text = `Claude Code ${version} (${command})`;
  if (isBefore(version, MEASURED.from))
    return say.warn(
      `${text} is older than any version this was measured with (${MEASURED.from}).`,
      "Update the client.",
    );
  if (isBefore(MEASURED.to, version))
    return say.unknown(
      `${text} is newer than any version this was measured with (${MEASURED.to}).`,
      "claude-failover demo rehearses a failover with it.",
    );
  return say.ok(`${text} is a version this was measured with.`);
}

function isBefore(one: string, other: string): boolean {
  const [left, right] = [one, other].map((version) => version.split(".").map(Number));
  const index = (left ?? []).findIndex((part, at) => part !== right?.[at]);
  return index >= 0 && (left?.[index] ?? 0) < (right?.[index] ?? 0);
}

/** Measured, 2.1.150 to .329: takes 10 to 160 ms and writes nothing. */
async function askVersion(command: string, env: Record<string, string>): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: VERSION_MS, env: { ...env, DISABLE_AUTOUPDATER: "1" } };
    execFile(command, ["--version"], options, (_error, stdout) =>
      resolve(/^(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null),
    );
  });
}
