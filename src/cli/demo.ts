import { EXIT } from "../errors.ts";
import type { Verb } from "./verb.ts";
export const demo: Verb = {
  name: "demo",
  summary: "x",
  operands: "",
  mostWords: 0,
  options: {},
  examples: [],
  run: async () => Promise.resolve(EXIT.done),
};
