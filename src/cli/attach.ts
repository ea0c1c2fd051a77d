import type { SessionJson } from "../api/contract.ts";
import { nearest } from "../config/suggest.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { attachTo } from "../tmux/attach.ts";
import { readConfig } from "./context.ts";
import { askSessions } from "./sessions.ts";
import type { Verb } from "./verb.ts";

export const attach: Verb = {
  name: "attach",
  summary: "Show a session on this terminal, by its name; inside its tmux, switch to it.",
  operands: "<session>",
  mostWords: 1,
  options: {},
  examples: ["claude-failover attach ccl-1-api"],
  async run(call): Promise<ExitStatus> {
    const name = call.words[0];
    if (name === undefined) throw new FailoverError("CF_CLI_USAGE", "Name a session.");
    const config = await readConfig(call);
    const { sessions } = await askSessions(call);
    const session = sessionNamed(name, sessions);
    if (session.pane === null) throw gone(session);
    if (!process.stdin.isTTY || !process.stdout.isTTY)
      throw new FailoverError("CF_SESSION_TERMINAL", "This is no terminal to show a session on.");
    const target = { session: name, paneId: session.pane };
    const status = attachTo(target, { socket: { name: config.tmux.socket }, env: process.env });
    if (status === null) throw gone(session);
    return status === 0 ? EXIT.done : EXIT.fault;
  },
};

/** Pure: the session of exactly this name. Throws CF_SESSION_UNKNOWN, with the nearest name. */
export function sessionNamed(name: string, sessions: readonly SessionJson[]): SessionJson {
  const session = sessions.find((each) => each.name === name);
  if (session !== undefined) return session;
  const near = nearest(
    name,
    sessions.map((each) => each.name),
  );
  const mean = near === null ? "" : ` Did you mean ${near}?`;
  throw new FailoverError("CF_SESSION_UNKNOWN", `There is no session ${name}.${mean}`);
}

function gone({ name, state, note }: SessionJson): FailoverError {
  const why = note === null ? `it is ${state}` : note.text;
  return new FailoverError("CF_SESSION_GONE", `${name} runs in no tmux pane: ${why}.`);
}
