import { systemClock } from "../clock.ts";
import type { RoundKind } from "../drill/rehearsal-checks.ts";
import type { WorldOptions } from "../drill/world.ts";
import { EXIT } from "../errors.ts";
import { printJson } from "./context.ts";
import { clientOf, REHEARSAL_ARGS, stopRehearsal } from "./drill-client.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";
import { wholeNumber } from "./whole-number.ts";

export const demo: Verb = {
  name: "demo",
  summary:
    "Rehearse failover in a sandbox: real sessions, made-up accounts, no traffic but loopback.",
  operands: "",
  mostWords: 0,
  options: {
    agent: {
      type: "string",
      value: "KIND",
      choices: ["claude", "stand-in"],
      help: "claude (the installed client, else a fetched one) or stand-in (our own small agent)",
    },
    "claude-version": {
      type: "string",
      value: "X",
      help: "fetch and use this version of the client",
    },
    rounds: {
      type: "string",
      value: "N",
      help: "limits that one session alone is driven into (default 5)",
    },
    keep: { type: "boolean", help: "leave it running at the end and say how to look at it" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover demo", "claude-failover demo --agent stand-in --keep"],
  async run(call) {
    const { rehearse } = await import("../drill/rehearsal.ts");
    const { reportText } = await import("../drill/rehearsal-report.ts");
    const json = call.values.json === true;
    const write = (line: string): void => void (json ? process.stderr : process.stdout).write(line);
    const rounds = wholeNumber(call, "rounds", { least: 0, most: 999, missing: 5 });
    const stop = stopRehearsal();
    const { client, agent, exactResets } = await chooseClient(call, write, stop);
    const report = await rehearse({
      clock: systemClock,
      client,
      agent,
      write,
      path: process.env.PATH ?? "",
      rounds: demoRounds(rounds),
      killBefore: rounds + 1,
      ...(exactResets ? {} : { accounts: rounds + 3 }),
      signal: stop,
      ...(call.values.keep === true
        ? { beforeEnd: async (world) => keep(world, write, stop) }
        : {}),
    });
    if (json) printJson(report);
    else write(reportText(report));
    return report.passed ? EXIT.done : EXIT.fault;
  },
};

function demoRounds(singles: number): readonly RoundKind[] {
  return ["fleet", ...Array.from({ length: singles }, () => "single" as const), "fleet"];
}

async function chooseClient(
  call: Call,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<{ client: WorldOptions["client"]; agent: string; exactResets: boolean }> {
  const { agent } = call.values;
  if (agent === "stand-in")
    return { client: { kind: "standIn" }, agent: "stand-in agent", exactResets: true };
  const version = call.values["claude-version"];
  const { newestFirst } = await import("../drill/client-binary-package.ts");
  const binary = await clientOf(typeof version === "string" ? version : undefined, {
    write,
    signal,
  });
  const { askVersion } = await import("../claude/client-version.ts");
  const told = await askVersion(binary.path, process.env);
  return {
    client: { kind: "claude", command: binary.path, args: REHEARSAL_ARGS },
    agent: `Claude Code ${told ?? `at ${binary.path}`}`,
    exactResets: told === null || newestFirst(told, "2.1.240") <= 0,
  };
}

/** Leaves everything running until Ctrl-C. */
async function keep(
  world: { env: Record<string, string>; socketName: string; sandbox: { root: string } },
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { env, socketName, sandbox } = world;
  const tmux = `TMUX_TMPDIR=${env.TMUX_TMPDIR ?? ""} tmux -L ${socketName}`;
  write(
    [
      "",
      `Everything still runs, in ${sandbox.root}. From another terminal:`,
      `  sessions:  ${tmux} attach -t =ccl-1-api`,
      `  status:    HOME=${env.HOME ?? ""} XDG_RUNTIME_DIR=${env.XDG_RUNTIME_DIR ?? ""} claude-failover status`,
      "Ctrl-C here ends it and removes everything.",
      "",
    ].join("\n"),
  );
  while (!signal.aborted) await systemClock.sleep(3_600_000, signal).catch(() => undefined);
}
