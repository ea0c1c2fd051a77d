import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const switchover: Verb = {
  name: "switchover",
  summary: "Move the fleet to another account, by the operator's word.",
  operands: "[account]",
  mostWords: 1,
  options: {
    "dry-run": { type: "boolean", help: "print the exact steps and change nothing" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover switchover --dry-run", "claude-failover switchover work-2"],
  async run({ values, words }) {
    const action = await ask<ActionJson>({
      socket: ownPlaces().socket,
      method: "POST",
      path: "/v1/switchover",
      body: { to: words[0], dryRun: values["dry-run"] === true },
    });
    return tellAction(action, { json: values.json === true });
  },
};
