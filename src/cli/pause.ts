import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const pause: Verb = maintenance({
  name: "pause",
  summary: "Only observe: no switchover, nothing typed, until resume.",
});

export const resume: Verb = maintenance({
  name: "resume",
  summary: "End a pause; what is due is decided at once.",
});

function maintenance({ name, summary }: { name: "pause" | "resume"; summary: string }): Verb {
  return {
    name,
    summary,
    operands: "",
    mostWords: 0,
    options: JSON_OPTION,
    examples: [`claude-failover ${name}`],
    async run({ values }) {
      const { socket } = ownPlaces();
      const action = await ask<ActionJson>({ socket, method: "POST", path: `/v1/${name}` });
      return tellAction(action, { json: values.json === true });
    },
  };
}
