import type { SettingsLayer } from "../claude/settings-layers.ts";
import { settingsInForce } from "./client-settings.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("hooks");

/** Whether our hooks run: `disableAllHooks` stops them, `allowManagedHooksOnly` too (client facts 19). */
export const hooksCheck: Check<Scene> = {
  code: "hooks",
  look: (scene) => judgeHooks(settingsInForce(scene).flatMap(({ layers }) => layers)),
};

/** Pure. The layers of everything in force; the same one may come more than once. */
export function judgeHooks(layers: readonly SettingsLayer[]): readonly Finding[] {
  const distinct = [...new Map(layers.map((layer) => [layer.path, layer])).values()];
  const found = distinct.flatMap(judgeLayer);
  return found.length > 0 ? found : [say.ok("No settings file keeps our hooks from running.")];
}

function judgeLayer({ path, isManaged, fields }: SettingsLayer): Finding[] {
  const without = "Sessions start, and limits are noticed, without hooks only by other signs.";
  if (fields?.["disableAllHooks"] === true)
    return [say.bad(`disableAllHooks in ${path} stops our hooks.`, `Take it out. ${without}`)];
  if (isManaged && fields?.["statusLine"] !== undefined)
    return [
      say.warn(
        `statusLine in ${path} stops ours, so that how much of each limit is used is not known.`,
        "Nothing is moved before its limit then; a limit that is reached is noticed all the same.",
      ),
    ];
  if (!isManaged || fields?.["allowManagedHooksOnly"] !== true) return [];
  return [
    say.bad(
      `allowManagedHooksOnly in ${path} stops our hooks.`,
      `Ask whoever manages this machine to allow them. ${without}`,
    ),
  ];
}
