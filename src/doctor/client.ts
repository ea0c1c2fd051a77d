import { askVersion } from "../claude/client-version.ts";
import { certificationOf, certificationText, type Certification } from "../claude/certified.ts";
import { findClient } from "../claude/find-client.ts";
import { asFailoverError } from "../errors.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("client");
const NOTHING: Certification = { verdict: null, why: null };
const AGAIN = "claude-failover drill rehearses a failover with it and keeps the verdict.";

/** Whether the client is there, and whether sessions can move with its version. */
export const clientCheck: Check<Scene> = {
  code: "client",
  look: async ({ config, env, home, store }) => {
    const path = env.PATH ?? "";
    try {
      const command = findClient(config.claude.command, path);
      const version = await askVersion(command, { HOME: home, PATH: path });
      const drilled = version === null ? null : (store?.certifications.get(version) ?? null);
      const known = version === null ? NOTHING : certificationOf(version, drilled);
      return [judgeClient({ command, version, ...known })];
    } catch (thrown) {
      const { message, hint } = asFailoverError(thrown);
      return [say.bad(message, hint)];
    }
  },
};

/** Pure. `version` null: it did not say. */
export function judgeClient(
  at: { readonly command: string; readonly version: string | null } & Certification,
): Finding {
  const { command, version } = at;
  if (version === null)
    return say.unknown(`${command} does not say its version.`, `Try ${command} --version.`);
  const text = `Claude Code ${version} (${command}): ${certificationText(at)}`;
  switch (at.verdict) {
    case "hot":
      return at.why === null ? say.ok(`${text}.`) : say.warn(`${text}.`, AGAIN);
    case "relaunch":
      return say.warn(`${text}.`, AGAIN);
    case "broken":
      return say.bad(`${text}.`, "Install another version of the client, or drill it again.");
    case null:
      return say.unknown(`${text}; its sessions are moved by relaunch until it is.`, AGAIN);
  }
}
