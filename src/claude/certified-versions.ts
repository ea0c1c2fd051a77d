import type { Verdict } from "../policy/strategy.ts";

/**
 * What `drill` found out about released clients before this version was made, so that a fresh
 * install works at once. Written by bench/compatibility.ts together with docs/compatibility.md.
 */
export const CERTIFIED: Readonly<Record<string, Verdict>> = {
  "2.1.150": "hot",
  "2.1.328": "hot",
};
