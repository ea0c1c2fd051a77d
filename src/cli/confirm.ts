import { actionVerb } from "./action.ts";
import type { Verb } from "./verb.ts";

export const confirm: Verb = actionVerb({
  name: "confirm",
  summary: "Do what `status` shows as proposed (policy.mode: confirm).",
});

export const decline: Verb = actionVerb({
  name: "decline",
  summary: "Refuse what is proposed; it is not proposed again for the same reason.",
});
