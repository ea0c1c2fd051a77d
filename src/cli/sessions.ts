import { ask } from "../api/client.ts";
import type { SessionsJson } from "../api/contract.ts";
import { EXIT } from "../errors.ts";
import { look, ownPlaces, printJson, readConfig } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { sessionsText } from "./sessions-text.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const sessions: Verb = {
  name: "sessions",
  summary:
    "List every session: state, account, task, folder, conversation, and what stands in its way.",
  operands: "",
  mostWords: 0,
  options: JSON_OPTION,
  examples: ["claude-failover sessions", "claude-failover sessions --json"],
  async run(call) {
    const answer = await askSessions(call);
    if (call.values.json === true) printJson(answer);
    else process.stdout.write(sessionsText(answer.sessions, look()));
    return answer.sessions.length === 0 ? EXIT.nothingToDo : EXIT.done;
  },
};

/** The sessions as the daemon tells them or, without one, as the disk does. */
export async function askSessions(call: Call): Promise<SessionsJson> {
  const places = ownPlaces();
  return orFromDisk(
    async () => ask<SessionsJson>({ socket: places.socket, method: "GET", path: "/v1/sessions" }),
    async (disk) => disk.sessionsOnDisk(places, await readConfig(call)),
  );
}
