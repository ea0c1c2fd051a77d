import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { FailoverError, type ExitStatus } from "../errors.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const quarantine: Verb = {
  name: "quarantine",
  summary: "Keep an account out until it is released; an active one is left.",
  operands: "<account>",
  mostWords: 1,
  options: {
    reason: { type: "string", value: "TEXT", help: "what status and why say of it" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover quarantine work-2",
    "claude-failover quarantine work-2 --reason card-expired",
  ],
  async run(call) {
    const { reason } = call.values;
    return post(call, "quarantine", typeof reason === "string" ? { reason } : {});
  },
};

export const releaseAccount: Verb = {
  name: "release-account",
  summary: "Let a quarantined account be used again; what was cut off under it goes on.",
  operands: "<account>",
  mostWords: 1,
  options: JSON_OPTION,
  examples: ["claude-failover release-account work-2"],
  run: async (call) => post(call, "release-account", {}),
};

async function post({ values, words }: Call, verb: string, more: object): Promise<ExitStatus> {
  const account = words[0];
  if (account === undefined)
    throw new FailoverError("CF_CLI_USAGE", `${verb} takes the name of an account.`);
  const action = await ask<ActionJson>({
    socket: ownPlaces().socket,
    method: "POST",
    path: `/v1/${verb}`,
    body: { account, ...more },
  });
  return tellAction(action, { json: values.json === true });
}
