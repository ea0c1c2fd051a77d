import { actionVerb } from "./action.ts";
import { SESSION_OPTION, type Verb } from "./verb.ts";

export const confirm: Verb = actionVerb({
  name: "confirm",
  options: SESSION_OPTION,
  summary: "Do what `status` shows as proposed (policy.mode: confirm).",
});

export const decline: Verb = actionVerb({
  name: "decline",
  options: SESSION_OPTION,
  summary: "Refuse what is proposed; it is not proposed again for the same reason.",
});
