import type { Config } from "./config.ts";

/**
 * What the configuration asks for and this version does not do yet: it is checked, so that it is
 * right when it comes into force, and said at every start, so that nobody relies on it meanwhile.
 */
export function notInForce(config: Config): string[] {
  const { policy, sessions } = config;
  const asked: [string, boolean][] = [
    ["policy.failback", policy.failback.enabled],
    [
      "sessions.strategy: relaunch",
      sessions.strategy === "relaunch" ||
        sessions.dedicated.some(({ strategy }) => strategy === "relaunch"),
    ],
  ];
  return asked.filter(([, isAsked]) => isAsked).map(([key]) => key);
}
