// Connects to the tmux server named in its arguments, says so, and holds the connection. With
// `unread` it asks for more than a pipe holds and reads nothing of it: the loop below never yields.
import { writeSync } from "node:fs";
import { systemClock } from "../../../../src/clock.ts";
import { TmuxClient } from "../../../../src/tmux/client.ts";

const [, , binary = "tmux", name = "", how = ""] = process.argv;
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
if (how === "unread") {
  void client.commands(Array.from({ length: 200 }, () => ["list-commands"]));
  // What is asked in one turn goes out at its end, before anything of the answers is read.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  writeSync(1, `${client.serverPid}\n`);
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
process.stdout.write(`${client.serverPid}\n`);
