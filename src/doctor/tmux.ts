import { inheritedEnv } from "../claude/launch.ts";
import { asFailoverError } from "../errors.ts";
import { requireTmux } from "../tmux/probe.ts";
import { findingsOf, type BareScene, type Check } from "./model.ts";

const say = findingsOf("tmux");

/** Whether tmux is there, 3.2 or newer. */
export const tmuxCheck: Check<BareScene> = {
  code: "tmux",
  look: async ({ env }) => {
    try {
      const { text } = await requireTmux("tmux", inheritedEnv(env));
      return [say.ok(`tmux ${text} is there.`)];
    } catch (thrown) {
      const { message, hint } = asFailoverError(thrown);
      return [say.bad(message, hint)];
    }
  },
};
