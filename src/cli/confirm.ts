import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { tellAction } from "./action.ts";
import { ownPlaces } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const confirm: Verb = answer({
  name: "confirm",
  summary: "Do what `status` shows as proposed (policy.mode: confirm).",
});

export const decline: Verb = answer({
  name: "decline",
  summary: "Refuse what is proposed; it is not proposed again for the same reason.",
});

function answer({ name, summary }: { name: "confirm" | "decline"; summary: string }): Verb {
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
