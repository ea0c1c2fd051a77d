import type { Config } from "./config.ts";

/**
 * What the configuration asks for and this version does not do yet: it is checked, so that it is
 * right when it comes into force, and said at every start, so that nobody relies on it meanwhile.
 */
export function notInForce(config: Config): string[] {
  const { policy } = config;
  const asked: [string, boolean][] = [["policy.failback", policy.failback.enabled]];
  return asked.filter(([, isAsked]) => isAsked).map(([key]) => key);
}
