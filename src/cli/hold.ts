import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { FailoverError, type ExitStatus } from "../errors.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Call, type Options, type Verb } from "./verb.ts";

const ALL: Options = { all: { type: "boolean", help: "every session" } };

export const hold: Verb = {
  name: "hold",
  summary: "Leave a session alone until release: nothing typed, dispatched or started there.",
  operands: "<session>",
  mostWords: 1,
  options: JSON_OPTION,
  examples: ["claude-failover hold ccl-1-api"],
  run: async (call) => request(call, "hold", { session: oneOrAll(call, "hold") }),
};

export const release: Verb = {
  name: "release",
  summary: "End what hold, drain, down, an exit or a crash loop keep from a session.",
  operands: "[session]",
  mostWords: 1,
  options: { ...ALL, ...JSON_OPTION },
  examples: ["claude-failover release ccl-1-api", "claude-failover release --all"],
  run: async (call) => request(call, "release", { session: oneOrAll(call, "release") }),
};

export const drain: Verb = {
  name: "drain",
  summary: "Let turns end and give a session, or all, no new work; --undo gives it again.",
  operands: "[session]",
  mostWords: 1,
  options: { ...ALL, undo: { type: "boolean", help: "give work again" }, ...JSON_OPTION },
  examples: ["claude-failover drain ccl-auto-11", "claude-failover drain --all --undo"],
  run: async (call) =>
    request(call, "drain", {
      session: oneOrAll(call, "drain"),
      undo: call.values["undo"] === true,
    }),
};

/** The session named; null for all of them. Throws CF_CLI_USAGE for neither, and for both. */
function oneOrAll({ values, words }: Call, verb: string): string | null {
  const [name] = words;
  if ((name === undefined) === (values["all"] === true)) return name ?? null;
  const one = verb === "hold" ? "Name a session." : "Name one session, or say --all.";
  throw new FailoverError("CF_CLI_USAGE", one);
}

async function request(call: Call, verb: string, body: object): Promise<ExitStatus> {
  const { socket } = ownPlaces();
  const action = await ask<ActionJson>({ socket, method: "POST", path: `/v1/${verb}`, body });
  return tellAction(action, { json: call.values.json === true });
}
