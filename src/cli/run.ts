import { userInfo } from "node:os";
import { systemClock } from "../clock.ts";
import { startDaemon, type Daemon } from "../daemon/main.ts";
import { tellFailedStart } from "../daemon/failed-start.ts";
import { serviceNotify, type ServiceNotify } from "../daemon/service-notify.ts";
import { EXIT } from "../errors.ts";
import { ownVersion } from "../version.ts";
import { homeOf, ownPlaces, readConfig } from "./context.ts";
import { dropGarbage, keepHeapSmall } from "../heap.ts";
import type { Call, Verb } from "./verb.ts";

export const run: Verb = {
  name: "run",
  summary: "Run the daemon: bring up the sessions, watch them, move them when an account is spent.",
  operands: "",
  mostWords: 0,
  options: {
    "log-file": {
      type: "string",
      value: "FILE",
      help: "write the log there, not to standard error",
    },
    "stop-sessions": { type: "boolean", help: "when it stops, end every session it started" },
  },
  examples: ["claude-failover run", "claude-failover run --config ./failover.yaml"],
  async run(call) {
    keepHeapSmall();
    const daemon = await started(call);
    const stopsSessions = call.values["stop-sessions"] === true;
    const count = daemon.sessions === 1 ? "1 session" : `${daemon.sessions} sessions`;
    process.stdout.write(
      `claude-failover runs: ${daemon.active} is active, ${count}.\nCtrl-C stops it; the sessions ${stopsSessions ? "end with it" : "go on"}.\n`,
    );
    if (daemon.url !== null)
      process.stdout.write(`The API listens on ${daemon.url}, for those who have the token.\n`);
    const service = serviceNotify({
      env: process.env,
      clock: systemClock,
      isAlive: () => daemon.isAlive(),
    });
    service.ready();
    dropGarbage();
    await untilStopped({ daemon, stopsSessions, service });
    return EXIT.done;
  },
};

/** Starts the daemon. Where it cannot start, those who are to be told are told before it throws. */
async function started(call: Call): Promise<Daemon> {
  const { config: path, "log-file": logFile } = call.values;
  const own = {
    env: process.env,
    home: homeOf(process.env),
    uid: userInfo().uid,
    clock: systemClock,
  };
  try {
    const config = await readConfig(call);
    const daemon = await startDaemon({
      ...own,
      config,
      version: ownVersion(),
      platform: process.platform,
      logFile:
        typeof logFile === "string" ? logFile : process.stderr.isTTY ? ownPlaces().logFile : null,
    });
    return daemon;
  } catch (thrown) {
    await tellFailedStart(thrown, { ...own, path: typeof path === "string" ? path : undefined });
    throw thrown;
  }
}

/** The first signal ends in order; a second one at once: then every session goes on. */
async function untilStopped(at: {
  daemon: Daemon;
  stopsSessions: boolean;
  service: ServiceNotify;
}): Promise<void> {
  const { daemon, stopsSessions, service } = at;
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => resolve());
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => process.kill(process.pid, "SIGKILL"));
  await service.stopping();
  const stopped = stopsSessions ? await daemon.stopSessions() : [];
  for (const { name, text } of stopped.filter(({ outcome }) => outcome !== "ended"))
    process.stdout.write(`${name} was not ended: ${text}.\n`);
  await daemon.stop();
}
