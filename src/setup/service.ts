import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";
import { MARK, type ServicePlan } from "./service-unit.ts";

const COMMAND_MS = 120_000;
/** What systemctl says where no manager runs, and what is said where there is no systemctl. */
const NOBODY = /connect to (?:user scope )?bus|not been booted with systemd|ENOENT/i;
const BY_HAND =
  "No service manager answers here (a container, su, a session without a login). Keep claude-failover run in a tmux session of its own, or start it by what starts other programs here.";

/**
 * Writes the service's file and starts it. Throws CF_SETUP_CHANGED for a file of somebody else's, and
 * CF_SETUP_SERVICE with the words of the command that failed; a file that was not there is gone then.
 */
export async function installService(plan: ServicePlan): Promise<void> {
  requireOurs(plan);
  const isNew = serviceFile(plan) === null;
  mkdirSync(dirname(plan.file), { recursive: true });
  const draft = `${plan.file}.new`;
  writeFileSync(draft, plan.content, { mode: 0o644 });
  renameSync(draft, plan.file);
  try {
    for (const command of plan.install) await run(command);
  } catch (thrown) {
    if (isNew) unlinkSync(plan.file);
    throw thrown;
  }
}

/** Stops the service and removes its file; false where there is none. Throws as installing does. */
export async function removeService(plan: ServicePlan): Promise<boolean> {
  if (serviceFile(plan) === null) return false;
  requireOurs(plan);
  for (const command of plan.remove) await run(command);
  unlinkSync(plan.file);
  return true;
}

/** What is in the service's file, or null where there is none. */
export function serviceFile({ file }: ServicePlan): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

/** What the system says of the service, its lines as they are. Throws CF_SETUP_SERVICE. */
export async function serviceState(plan: ServicePlan): Promise<string> {
  return run(plan.status);
}

function requireOurs(plan: ServicePlan): void {
  const there = serviceFile(plan);
  if (there === null || there.includes(MARK)) return;
  throw new FailoverError("CF_SETUP_CHANGED", `${plan.file} was not written by claude-failover.`, {
    details: { path: plan.file },
  });
}

async function run([program = "", ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: COMMAND_MS }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout.trim());
      const why = stderr.trim().split("\n")[0] ?? "";
      const text = why === "" ? (errnoOf(error) ?? "it failed") : why;
      const command = [program, ...args].join(" ");
      const hint = NOBODY.test(text) ? { hint: BY_HAND } : {};
      reject(
        new FailoverError("CF_SETUP_SERVICE", `${command}: ${text}`, { ...hint, cause: error }),
      );
    });
  });
}
