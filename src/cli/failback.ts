import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, SESSION_OPTION, type Verb } from "./verb.ts";

export const failback: Verb = {
  name: "failback",
  summary: "Return the fleet to the preferred account, and end the pin of a switchover by hand.",
  operands: "",
  mostWords: 0,
  options: {
    ...SESSION_OPTION,
    release: { type: "boolean", help: "only end the pin: the policy decides again" },
    "dry-run": { type: "boolean", help: "print the exact steps and change nothing" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover failback --dry-run", "claude-failover failback --release"],
  async run({ values }) {
    const action = await ask<ActionJson>({
      socket: ownPlaces().socket,
      method: "POST",
      path: "/v1/failback",
      body: {
        session: values.session,
        release: values.release === true,
        dryRun: values["dry-run"] === true,
      },
    });
    return tellAction(action, { json: values.json === true });
  },
};
