import type { ActionJson } from "../api/contract.ts";
import { CATALOGUE, EXIT, type ErrorCode } from "../errors.ts";

type NotDone = Extract<ActionJson, { done: false }>;

/** The answer that says no: the catalogue's hint and exit status for `code`, unless a better hint is given. */
export function refused(code: ErrorCode, text: string, hint?: string): NotDone {
  const { hint: usual, exit } = CATALOGUE[code];
  return { schema: 1, done: false, code, text, hint: hint ?? usual, exit };
}

/** The answer that there is nothing to do. */
export function nothingToDo(text: string, hint = ""): NotDone {
  return { schema: 1, done: false, code: "nothingToDo", text, hint, exit: EXIT.nothingToDo };
}
