import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("config");

/** Whether the configuration can be read and is right. */
export const configCheck: Check<BareScene> = {
  code: "config",
  look: ({ config, configProblem }) => [judgeConfig(config, configProblem)],
};

/** Pure. */
export function judgeConfig(
  config: { readonly file: string; readonly accounts: readonly { readonly name: string }[] } | null,
  problem: BareScene["configProblem"],
): Finding {
  if (config === null) return say.bad(problem?.message ?? "", problem?.hint ?? "");
  const names = config.accounts.map(({ name }) => name).join(", ");
  return say.ok(`${config.file} is right; its accounts: ${names}.`);
}
