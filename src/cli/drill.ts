import type { Config } from "../config/config.ts";
import type { DrillReport } from "../drill/drill.ts";
import type { Shape } from "../drill/shape.ts";
import type { DrillClient } from "../drill/world.ts";
import { systemClock } from "../clock.ts";
import { asFailoverError, EXIT, FailoverError } from "../errors.ts";
import { homeOf, ownPlaces, printJson, readConfig } from "./context.ts";
import { clientOf, REHEARSAL_ARGS, stopRehearsal, type Write } from "./drill-client.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";
import { wholeNumber } from "./whole-number.ts";

export const drill: Verb = {
  name: "drill",
  summary:
    "Certify a client: rehearse every way to move with it in a sandbox, and keep the verdict.",
  operands: "",
  mostWords: 0,
  options: {
    sessions: {
      type: "string",
      value: "N",
      help: "how many sessions, 1 to 20 (default: as configured, 3 at most)",
    },
    versions: {
      type: "string",
      value: "A,B,…",
      help: "certify these released clients, one after the other, instead of the installed one",
    },
    keep: { type: "boolean", help: "leave fetched clients in the cache (about 370 MB each)" },
    agent: {
      type: "string",
      value: "KIND",
      help: "claude, or stand-in: our own small agent, which certifies nothing",
    },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover drill",
    "claude-failover drill --sessions 5",
    "claude-failover drill --versions 2.1.200,2.1.328 --json",
  ],
  async run(call) {
    const { drillText } = await import("../drill/drill-text.ts");
    const json = call.values.json === true;
    const write: Write = (line) => void (json ? process.stderr : process.stdout).write(line);
    const signal = stopRehearsal();
    const shape = await shapeFor(call, write);
    const drills: DrillReport[] = [];
    for (const version of versions(call)) {
      const report = await drillOne({ call, version, shape, write, signal });
      drills.push(report);
      write(drillText(report));
    }
    if (json) printJson({ schema: 1, drills });
    return drills.some(({ verdict }) => verdict === "broken") ? EXIT.fault : EXIT.done;
  },
};

interface Task {
  readonly call: Call;
  /** Undefined for the one that is installed. */
  readonly version: string | undefined;
  readonly shape: Shape;
  readonly write: Write;
  readonly signal: AbortSignal;
}

async function drillOne(task: Task): Promise<DrillReport> {
  const { call, shape, write, signal } = task;
  const { drill: carryOut } = await import("../drill/drill.ts");
  const { client, version, release } = await chosen(task);
  try {
    const path = process.env.PATH ?? "";
    const report = await carryOut({
      clock: systemClock,
      client,
      version,
      path,
      shape,
      write,
      signal,
    });
    if (call.values.agent !== "stand-in") await keepVerdict(report);
    return report;
  } finally {
    await release();
  }
}

async function chosen({ call, version, write, signal }: Task): Promise<{
  client: DrillClient;
  version: string;
  release: () => Promise<void>;
}> {
  const stays = async (): Promise<void> => Promise.resolve();
  const { agent, keep } = call.values;
  if (agent === "stand-in") {
    const { STAND_IN_VERSION } = await import("../drill/stand-in/version.ts");
    return { client: { kind: "standIn" }, version: STAND_IN_VERSION, release: stays };
  }
  if (agent !== undefined && agent !== "claude")
    throw new FailoverError("CF_CLI_USAGE", "--agent is claude or stand-in.");
  const { askVersion } = await import("../claude/client-version.ts");
  const { forgetFetched } = await import("../drill/client-binary.ts");
  const installed = version === undefined ? await configuredClient(call) : null;
  const binary = installed === null ? await clientOf(version, { write, signal }) : null;
  const command = installed ?? binary?.path ?? "";
  const told = await askVersion(command, process.env);
  if (told === null)
    throw new FailoverError("CF_DRILL_CLIENT", `${command} does not say its version.`);
  return {
    client: { kind: "claude", command, args: REHEARSAL_ARGS },
    version: told,
    release:
      binary?.origin === "fetched" && keep !== true
        ? async () => forgetFetched(ownPlaces().cacheDir, told)
        : stays,
  };
}

/** The client that the configuration names, or null where there is no configuration or no client. */
async function configuredClient(call: Call): Promise<string | null> {
  const config = await configOrNull(call);
  const { findClient } = await import("../claude/find-client.ts");
  try {
    return findClient(config?.claude.command ?? "claude", process.env.PATH ?? "");
  } catch (thrown) {
    if (config === null && asFailoverError(thrown).code === "CF_CLIENT_MISSING") return null;
    throw thrown;
  }
}

async function configOrNull(call: Call): Promise<Config | null> {
  try {
    return await readConfig(call);
  } catch (thrown) {
    if (asFailoverError(thrown).code === "CF_CONFIG_MISSING") return null;
    throw thrown;
  }
}

const MOST_SESSIONS = 20;

async function shapeFor(call: Call, write: Write): Promise<Shape> {
  const { DEFAULT_SHAPE, shapeOf } = await import("../drill/shape.ts");
  const config = await configOrNull(call);
  if (config === null) write("No configuration: the shape of the example is rehearsed.\n");
  const shape = config === null ? DEFAULT_SHAPE : shapeOf(config, homeOf(process.env));
  const missing = Math.min(shape.sessions, DEFAULT_SHAPE.sessions);
  const sessions = wholeNumber(call, "sessions", { least: 1, most: MOST_SESSIONS, missing });
  return { ...shape, sessions };
}

function versions({ values }: Call): readonly (string | undefined)[] {
  if (typeof values.versions !== "string") return [undefined];
  const list = values.versions.split(",").map((each) => each.trim());
  const isRight = list.every((each) => each === "latest" || /^\d+\.\d+\.\d+$/.test(each));
  if (isRight) return list;
  throw new FailoverError("CF_CLI_USAGE", "--versions takes versions like 2.1.200,2.1.328.");
}

/** In the daemon's state, where `auto` and `status` look. */
async function keepVerdict({
  version,
  verdict,
  why,
  at,
  sessions,
  tookMs,
}: DrillReport): Promise<void> {
  const { openStore } = await import("../store/store.ts");
  const store = openStore(ownPlaces().database, systemClock);
  try {
    store.certifications.put({ version, verdict, why, at: Date.parse(at), sessions, tookMs });
    store.emit("client.certified", { version, verdict, why });
  } finally {
    store.close();
  }
}
