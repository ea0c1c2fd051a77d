import { ask } from "../api/client.ts";
import type { StatusJson } from "../api/contract.ts";
import { EXIT, FailoverError } from "../errors.ts";
import { ownPlaces, readConfig } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import type { Call, Verb } from "./verb.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

export const completion: Verb = {
  name: "completion",
  summary: "Print the completion of commands, options, accounts and sessions for a shell.",
  operands: "bash|zsh|fish",
  mostWords: 1,
  choices: SHELLS,
  unoffered: ["accounts", "sessions"],
  options: {},
  examples: [
    "claude-failover completion bash > ~/.local/share/bash-completion/completions/claude-failover",
    "claude-failover completion zsh > ~/.zfunc/_claude-failover",
    "claude-failover completion fish > ~/.config/fish/completions/claude-failover.fish",
  ],
  async run(call) {
    const [word] = call.words;
    // What the scripts ask for while somebody types.
    if (word === "accounts" || word === "sessions") {
      process.stdout.write((await names(call, word)).map((name) => `${name}\n`).join(""));
      return EXIT.done;
    }
    const { allVerbs } = await import("./verbs.ts");
    process.stdout.write(await script(word, await allVerbs()));
    return EXIT.done;
  },
};

async function script(shell: string | undefined, verbs: readonly Verb[]): Promise<string> {
  if (shell === "bash") return (await import("./completion-bash.ts")).bashCompletion(verbs);
  if (shell === "zsh") return (await import("./completion-zsh.ts")).zshCompletion(verbs);
  if (shell === "fish") return (await import("./completion-fish.ts")).fishCompletion(verbs);
  throw new FailoverError("CF_CLI_USAGE", "completion takes bash, zsh or fish.");
}

async function names(call: Call, what: "accounts" | "sessions"): Promise<string[]> {
  const places = ownPlaces();
  const status = await orFromDisk(
    async () => ask<StatusJson>({ socket: places.socket, method: "GET", path: "/v1/status" }),
    async (disk) => disk.statusOnDisk(places, await readConfig(call)),
  );
  return status[what].map(({ name }) => name);
}
