import { userInfo } from "node:os";
import { systemClock } from "../clock.ts";
import { notInForce } from "../config/not-in-force.ts";
import { startDaemon, type Daemon } from "../daemon/main.ts";
import { EXIT } from "../errors.ts";
import { ownVersion } from "../version.ts";
import { homeOf, ownPlaces, readConfig } from "./context.ts";
import { keepHeapSmall } from "./small-heap.ts";
import type { Verb } from "./verb.ts";

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
  },
  examples: ["claude-failover run", "claude-failover run --config ./failover.yaml"],
  async run(call) {
    keepHeapSmall();
    const config = await readConfig(call);
    const logFile = call.values["log-file"];
    const daemon = await startDaemon({
      config,
      env: process.env,
      home: homeOf(process.env),
      uid: userInfo().uid,
      clock: systemClock,
      version: ownVersion(),
      logFile:
        typeof logFile === "string" ? logFile : process.stderr.isTTY ? ownPlaces().logFile : null,
    });
    const count = daemon.sessions === 1 ? "1 session" : `${daemon.sessions} sessions`;
    process.stdout.write(
      `claude-failover runs: ${daemon.active} is active, ${count}. Ctrl-C stops it; the sessions go on.\n`,
    );
    if (daemon.url !== null)
      process.stdout.write(`The API listens on ${daemon.url}, for those who have the token.\n`);
    const later = notInForce(config);
    if (later.length > 0)
      process.stdout.write(`Configured, but not in force in this version: ${later.join(", ")}.\n`);
    await untilStopped(daemon);
    return EXIT.done;
  },
};

/** The first signal ends in order; a second one at once. Every session goes on either way. */
async function untilStopped(daemon: Daemon): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => resolve());
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => process.kill(process.pid, "SIGKILL"));
  await daemon.stop();
}
