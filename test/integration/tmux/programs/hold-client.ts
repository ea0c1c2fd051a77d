// Connects to the tmux server named in its environment, says so, and holds the connection.
import { systemClock } from "../../../../src/clock.ts";
import { TmuxClient } from "../../../../src/tmux/client.ts";

const [, , binary = "tmux", name = ""] = process.argv;
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  ),
);
const client = await TmuxClient.open({
  binary,
  socket: { name },
  configFile: "/dev/null",
  env,
  clock: systemClock,
});
process.stdout.write(`${client.serverPid}\n`);
