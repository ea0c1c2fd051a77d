import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { parseDuration } from "../config/duration.ts";
import { FailoverError } from "../errors.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

const DEFAULT_WAIT = "30s";
/** What ending the clients may take on top of the wait for their turns. */
const ENDING_MS = 600_000;

export const down: Verb = {
  name: "down",
  summary:
    "End every session that claude-failover started, in order; they stay ended until release.",
  operands: "",
  mostWords: 0,
  options: {
    "dry-run": { type: "boolean", help: "say what would be ended and change nothing" },
    wait: { type: "string", value: "TIME", help: "how long turns may take to end (30s)" },
    force: { type: "boolean", help: "also where that loses an unsent draft" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover down --dry-run", "claude-failover down --wait 5m"],
  async run({ values }) {
    const waitMs = parseDuration(
      typeof values["wait"] === "string" ? values["wait"] : DEFAULT_WAIT,
    );
    if (waitMs === null || waitMs > 3_600_000)
      throw new FailoverError("CF_CLI_USAGE", "--wait takes a time up to 1h, like 90s or 5m.");
    const action = await ask<ActionJson>({
      socket: ownPlaces().socket,
      method: "POST",
      path: "/v1/down",
      body: { dryRun: values["dry-run"] === true, force: values["force"] === true, waitMs },
      timeoutMs: waitMs + ENDING_MS,
    });
    return tellAction(action, { json: values.json === true });
  },
};
