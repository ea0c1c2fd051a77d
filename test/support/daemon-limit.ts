import type { LimitBehaviour } from "../../src/drill/messages-api-behaviour.ts";

/** A five-hour limit that ends so many seconds from now; in two hours unless told. */
export function hour(seconds = 7_200): LimitBehaviour {
  const resetsAt = Math.floor(Date.now() / 1000) + seconds;
  return { kind: "limit", type: "five_hour", resetsAt };
}
