import { ask } from "../api/client.ts";
import type { StatusJson } from "../api/contract.ts";
import { EXIT } from "../errors.ts";
import { look, ownPlaces, printJson, readConfig } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { statusText } from "./status-text.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const status: Verb = {
  name: "status",
  summary: "Tell accounts, sessions, the last decision and its reason; also without a daemon.",
  operands: "",
  mostWords: 0,
  options: JSON_OPTION,
  examples: ["claude-failover status", "claude-failover status --json"],
  async run(call) {
    const places = ownPlaces();
    const answer = await orFromDisk(
      async () => ask<StatusJson>({ socket: places.socket, method: "GET", path: "/v1/status" }),
      async (disk) => disk.statusOnDisk(places, await readConfig(call)),
    );
    if (call.values.json === true) printJson(answer);
    else process.stdout.write(statusText(answer, look()));
    return answer.held === null ? EXIT.done : EXIT.held;
  },
};
