import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("daemon");

/** Whether the daemon can be reached. */
export const daemonCheck: Check<BareScene> = {
  code: "daemon",
  look: ({ daemon, places }) => [judgeDaemon(daemon, places.socket)],
};

/** Pure. */
export function judgeDaemon(daemon: BareScene["daemon"], socket: string): Finding {
  switch (daemon.kind) {
    case "running":
      return say.ok(`A daemon of version ${daemon.version} answers (pid ${daemon.pid ?? "?"}).`);
    case "down":
      return say.warn(
        `No daemon listens on ${socket}: no limit is noticed.`,
        "Start it with claude-failover run.",
      );
    case "silent":
      return say.bad(
        `The daemon on ${socket} cannot be asked: ${daemon.why}.`,
        "Look at the daemon's log; stop it and start it again.",
      );
  }
}
