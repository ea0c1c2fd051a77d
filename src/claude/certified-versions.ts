import type { Verdict } from "../policy/strategy.ts";

/**
 * What `drill` found out about released clients before this version was made, so that a fresh
 * install works at once. Written by bench/compatibility.ts together with docs/compatibility.md.
 */
export const CERTIFIED: Readonly<Record<string, Verdict>> = {
  "2.1.332": "hot",
  "2.1.328": "hot",
  "2.1.300": "hot",
  "2.1.280": "hot",
  "2.1.260": "hot",
  "2.1.240": "hot",
  "2.1.220": "hot",
  "2.1.200": "hot",
  "2.1.181": "hot",
  "2.1.150": "hot",
  "2.1.120": "hot",
  "2.1.100": "hot",
};
