import { actionVerb } from "./action.ts";
import type { Verb } from "./verb.ts";

export const pause: Verb = actionVerb({
  name: "pause",
  summary: "Only observe: no switchover, nothing typed, until resume.",
});

export const resume: Verb = actionVerb({
  name: "resume",
  summary: "End a pause; what is due is decided at once.",
});
