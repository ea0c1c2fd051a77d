import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const source = (path: string) => JSON.stringify(import.meta.resolve(`../../../src/${path}`));

it("a process for which no file descriptor is left is an error where it is asked for, and ends nothing", () => {
  const program = `
    import { openSync } from "node:fs";
    const { systemClock: clock } = await import(${source("clock.ts")});
    const { readIdentity } = await import(${source("accounts/identity.ts")});
    const { ControlConnection } = await import(${source("tmux/connection.ts")});
    const env = {};
    const connect = { binary: "tmux", args: [], env, clock, answerTimeoutMs: 1, onNotification() {} };
    try {
      for (;;) openSync("/dev/null");
    } catch {}
    const { why } = await readIdentity({ claude: "claude", home: "/", env, clock });
    const { message } = await ControlConnection.open(connect).catch((thrown) => thrown);
    setImmediate(() => process._rawDebug(why + "\\n" + message));`;
  const { stderr, status } = spawnSync(
    "sh",
    ["-c", 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, program],
    { encoding: "utf8" },
  );
  expect(stderr).toBe(
    "claude cannot be started (EMFILE)\ntmux did not accept a connection: spawn tmux EMFILE.\n",
  );
  expect(status).toBe(0);
});
