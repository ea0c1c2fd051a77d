import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const recover: Verb = {
  name: "recover",
  summary: "Look again at a held or broken-off switchover, and finish or undo it.",
  operands: "",
  mostWords: 0,
  options: {
    "dry-run": { type: "boolean", help: "say what would be done and change nothing" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover recover --dry-run", "claude-failover recover"],
  async run({ values }) {
    const action = await ask<ActionJson>({
      socket: ownPlaces().socket,
      method: "POST",
      path: "/v1/recover",
      body: { dryRun: values["dry-run"] === true },
    });
    return tellAction(action, { json: values.json === true });
  },
};
