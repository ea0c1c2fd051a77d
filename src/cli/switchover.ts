import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { FailoverError } from "../errors.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, SESSION_OPTION, type Verb } from "./verb.ts";

export const switchover: Verb = {
  name: "switchover",
  summary: "Move the fleet, or one session's own slot, to another account, by the operator's word.",
  operands: "[account]",
  mostWords: 1,
  options: {
    to: { type: "string", value: "ACCOUNT", help: "the same as the operand" },
    ...SESSION_OPTION,
    "dry-run": { type: "boolean", help: "print the exact steps and change nothing" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover switchover --dry-run",
    "claude-failover switchover work-2",
    "claude-failover switchover --session api --to work-2",
  ],
  async run({ values, words }) {
    if (values.to !== undefined && words[0] !== undefined)
      throw new FailoverError("CF_CLI_USAGE", "Name the account once: as operand, or with --to.");
    const action = await ask<ActionJson>({
      socket: ownPlaces().socket,
      method: "POST",
      path: "/v1/switchover",
      body: {
        session: values.session,
        to: values.to ?? words[0],
        dryRun: values["dry-run"] === true,
      },
    });
    return tellAction(action, { json: values.json === true });
  },
};
