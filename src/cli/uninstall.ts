import { rmSync } from "node:fs";
import { usersProblems } from "../accounts/adopt/apply.ts";
import { SCHEMA } from "../api/contract.ts";
import { systemClock as clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Places } from "../config/places.ts";
import { EXIT, FailoverError } from "../errors.ts";
import type { UninstallPlan } from "../setup/uninstall.ts";
import { linksIn, removeLinksIn } from "../switchover/slot.ts";
import { daemonText, guardState } from "./adopt-guard.ts";
import { look, ownPlaces, printJson, readConfig } from "./context.ts";
import { fitted } from "./table.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const uninstall: Verb = {
  name: "uninstall",
  summary: "Make ~/.claude a plain folder again, with every conversation, and remove the service.",
  operands: "",
  mostWords: 0,
  options: {
    "dry-run": { type: "boolean", help: "say what would be done and change nothing" },
    purge: { type: "boolean", help: "delete our configuration, state and cache as well" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover uninstall --dry-run", "claude-failover uninstall"],
  async run(call) {
    const { planUninstall } = await import("../setup/uninstall.ts");
    const { unfinishedUninstall } = await import("../setup/journal.ts");
    const config = await readConfig(call);
    const places = ownPlaces();
    const plan = await planUninstall(config, unfinishedUninstall(places.stateDir));
    const service = await serviceThere(config);
    // The service is stopped first; its sessions are not, and count by themselves.
    const daemon = service === null ? await daemonText(places, clock) : null;
    const links = linksIn(places.slotsDir);
    const folders = [...(plan.home === null ? [] : foldersOf(plan)), ...links];
    const problems = [
      ...plan.problems,
      ...(daemon === null ? [] : [daemon]),
      ...(folders.length === 0 ? [] : usersProblems(folders, {}).map(({ text }) => text)),
    ];
    const job: Job = { call, config, places, plan, problems };
    const steps = stepsOf(job, service);
    const isDry = call.values["dry-run"] === true;
    const status =
      problems.length > 0 ? EXIT.refused : steps.length === 0 ? EXIT.nothingToDo : EXIT.done;
    if (status === EXIT.done && !isDry) await perform(job);
    if (call.values.json === true)
      printJson({
        schema: SCHEMA,
        dryRun: isDry,
        slot: plan.slot,
        home: plan.home,
        steps,
        problems,
      });
    else tell({ steps, problems, isDry, job });
    return status;
  },
};

interface Job {
  readonly call: Call;
  readonly config: Config;
  readonly places: Places;
  readonly plan: UninstallPlan;
  readonly problems: readonly string[];
}

function foldersOf({ slot, home, unshare, relink }: UninstallPlan): string[] {
  const others = relink.map(({ path }) => path.slice(0, path.lastIndexOf("/")));
  return [
    ...new Set([
      slot,
      ...(home === null ? [] : [home]),
      ...unshare.map(({ target }) => target),
      ...others,
    ]),
  ];
}

async function ownService(config: Config) {
  const { ownServicePlan } = await import("./service-plan.ts");
  return ownServicePlan({ scope: "user", sandbox: false, config: config.file });
}

async function serviceThere(config: Config): Promise<string | null> {
  const { serviceFile } = await import("../setup/service.ts");
  const plan = await ownService(config);
  return serviceFile(plan) === null ? null : plan.file;
}

/** What would be done, a sentence each; nothing is left out. */
function stepsOf({ call, config, places, plan }: Job, service: string | null): string[] {
  const { slot, home, unshare, relink } = plan;
  const purge =
    call.values["purge"] === true
      ? [config.file, ...ourFolders(places)].map((path) => `Delete ${path}.`)
      : [];
  return [
    ...(service === null ? [] : [`Stop the service and remove ${service}.`]),
    ...unshare.map(({ path, target }) => `Move ${target} back to ${path}.`),
    ...relink.map(({ path, to }) => `Let ${path} lead to ${to}.`),
    ...(home === null ? [] : [`Move ${home} back to ${slot}, in place of the link.`]),
    ...linksIn(places.slotsDir).map((path) => `Remove the link ${path}.`),
    ...purge,
  ];
}

async function perform({ call, config, places, plan }: Job): Promise<void> {
  const { removeService } = await import("../setup/service.ts");
  await removeService(await ownService(config));
  await restore(places, plan);
  if (call.values["purge"] !== true) return;
  for (const path of [config.file, ...ourFolders(places)])
    rmSync(path, { recursive: true, force: true });
}

async function restore(places: Places, plan: UninstallPlan): Promise<void> {
  const { applyUninstall } = await import("../setup/uninstall.ts");
  const { recordSetup } = await import("../setup/journal.ts");
  const guard = await guardState(places, clock);
  if (guard.kind !== "ours") throw new FailoverError("CF_DAEMON_RUNNING", guard.text);
  using _lock = guard.lock;
  removeLinksIn(places.slotsDir, () => true);
  const { home } = plan;
  if (home === null) return;
  await recordSetup(places.stateDir, clock, { did: "uninstalling", home });
  await applyUninstall(plan, () => undefined);
  await recordSetup(places.stateDir, clock, { did: "uninstalled", home });
}

function ourFolders({ stateDir, cacheDir, runtimeDir }: Places): string[] {
  return [...new Set([stateDir, cacheDir, runtimeDir])];
}

function tell(at: {
  steps: string[];
  problems: readonly string[];
  isDry: boolean;
  job: Job;
}): void {
  const { steps, problems, isDry, job } = at;
  const { columns } = look();
  for (const text of problems) process.stderr.write(`${fitted(text, columns)}\n`);
  const head = problems.length > 0 || isDry ? "Would do:" : "Done:";
  if (steps.length === 0)
    process.stderr.write(`${job.plan.slot} is no link of ours; there is nothing to do.\n`);
  else {
    const told = [head, ...steps.map((step) => `  ${step}`)].join("\n");
    process.stdout.write(`${fitted(told, columns)}\n`);
  }
  if (steps.length === 0 || problems.length > 0 || job.call.values["purge"] === true) return;
  const kept = `Kept: ${job.config.file}, ${job.places.stateDir}, the homes of the other accounts, and what adopt put aside.`;
  process.stdout.write(`${fitted(kept, columns)}\n`);
}
