import { SCHEMA } from "../api/contract.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import type { ServicePlan } from "../setup/service-unit.ts";
import { printJson } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const service: Verb = {
  name: "service",
  summary: "Run the daemon as a service of systemd or launchd: install, look at it, uninstall.",
  operands: "install|status|uninstall",
  choices: ["install", "status", "uninstall"],
  mostWords: 1,
  options: {
    system: { type: "boolean", help: "start it at boot, as this user; needs root to install" },
    sandbox: {
      type: "boolean",
      help: "limit it and every session: no sudo, nothing of the kernel",
    },
    "dry-run": { type: "boolean", help: "print the file and the commands, and change nothing" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover service install --dry-run",
    "claude-failover service install",
    "claude-failover service status --json",
  ],
  async run(call) {
    const { ownServicePlan } = await import("./service-plan.ts");
    const { config } = call.values;
    const plan = ownServicePlan({
      scope: call.values["system"] === true ? "system" : "user",
      sandbox: call.values["sandbox"] === true,
      config: typeof config === "string" ? config : undefined,
    });
    const [what] = call.words;
    const job = { plan, json: call.values.json === true, dryRun: call.values["dry-run"] === true };
    if (what === "install") return install(job);
    if (what === "uninstall") return uninstall(job);
    if (what === "status") return status(job);
    throw new FailoverError("CF_CLI_USAGE", "service takes install, status or uninstall.");
  },
};

interface Job {
  readonly plan: ServicePlan;
  readonly json: boolean;
  readonly dryRun: boolean;
}

async function install({ plan, json, dryRun }: Job): Promise<ExitStatus> {
  const { installService } = await import("../setup/service.ts");
  if (!dryRun) await installService(plan);
  const { file, content, notes } = plan;
  const commands = plan.install.map((words) => words.join(" "));
  if (json)
    printJson({ schema: SCHEMA, action: "install", dryRun, file, content, commands, notes });
  else if (dryRun)
    process.stdout.write(
      [`Would write ${file}:`, "", content, "Would run:", ...indented(commands), ...notes, ""].join(
        "\n",
      ),
    );
  else process.stdout.write([`Wrote ${file}, and it runs.`, ...notes, ""].join("\n"));
  return EXIT.done;
}

async function uninstall({ plan, json, dryRun }: Job): Promise<ExitStatus> {
  const { removeService, serviceFile } = await import("../setup/service.ts");
  const { file } = plan;
  const commands = plan.remove.map((words) => words.join(" "));
  const isThere = serviceFile(plan) !== null;
  const isDone = dryRun ? isThere : await removeService(plan);
  if (json)
    printJson({
      schema: SCHEMA,
      action: "uninstall",
      dryRun,
      file,
      commands,
      removed: isDone && !dryRun,
    });
  else if (!isThere) process.stderr.write(`There is no service: ${file} does not exist.\n`);
  else if (dryRun)
    process.stdout.write(
      ["Would run:", ...indented(commands), `Would remove ${file}.`, ""].join("\n"),
    );
  else process.stdout.write(`Removed ${file}. The sessions go on.\n`);
  return isThere ? EXIT.done : EXIT.nothingToDo;
}

async function status({ plan, json }: Job): Promise<ExitStatus> {
  const { serviceFile, serviceState } = await import("../setup/service.ts");
  const there = serviceFile(plan);
  const isCurrent = there === plan.content;
  const state = there === null ? null : await serviceState(plan);
  if (json) {
    const lines = (state ?? "").split("\n").filter((line) => line.includes("="));
    const told = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    printJson({
      schema: SCHEMA,
      action: "status",
      file: plan.file,
      installed: there !== null,
      current: isCurrent,
      manager: told,
    });
  } else if (there === null) process.stderr.write("It is not installed as a service.\n");
  else {
    const old = isCurrent
      ? []
      : ["Another install would write it anew: claude-failover service install --dry-run."];
    process.stdout.write(
      [plan.file, ...indented((state ?? "").split("\n")), ...old, ""].join("\n"),
    );
  }
  return there === null ? EXIT.nothingToDo : EXIT.done;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
