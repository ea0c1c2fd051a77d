import { randomUUID } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startMessagesApi } from "../../src/drill/messages-api.ts";
import type { MessagesApi } from "../../src/drill/messages-api.ts";
import { makeSandbox } from "../../src/drill/sandbox.ts";
import type { Sandbox } from "../../src/drill/sandbox.ts";
import { flipSlot, startAgent } from "./agent-session.ts";
import type { AgentSession } from "./agent-session.ts";
import { startTmux } from "./tmux-server.ts";
import type { TestTmux } from "./tmux-server.ts";

/** Everything one experiment with a client needs, thrown away afterwards. */
export interface Lab {
  readonly command: string;
  readonly box: Sandbox;
  readonly api: MessagesApi;
  readonly tmux: TestTmux;
  /** Starts a client. A new session id unless `args` name one. */
  launch(options?: LaunchOptions): Promise<AgentSession>;
  /** `launch`, and waits until the prompt takes keys. */
  ready(options?: LaunchOptions): Promise<AgentSession>;
}

export interface LaunchOptions {
  readonly sessionId?: string;
  /** In place of `--session-id <id>`. */
  readonly args?: readonly string[];
  readonly extraArgs?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly cwd?: string;
}

/** Runs an experiment in a lab of its own: shared links in place, the slot leads to `compte1`. */
export async function inLab<T>(command: string, experiment: (lab: Lab) => Promise<T>): Promise<T> {
  await using box = await makeSandbox();
  await shareFolders(box);
  await flipSlot(box, "compte1");
  const api = await startMessagesApi();
  await using tmux = await startTmux();
  const sessions: AgentSession[] = [];
  const launch = async (options: LaunchOptions = {}): Promise<AgentSession> => {
    const sessionId = options.sessionId ?? randomUUID();
    const args = options.args ?? ["--session-id", sessionId];
    const session = await startAgent({
      name: `agent${sessions.length + 1}`,
      command,
      args: [...args, ...(options.extraArgs ?? [])],
      sessionId,
      box,
      tmux,
      baseUrl: api.url,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    sessions.push(session);
    return session;
  };
  const ready = async (options: LaunchOptions = {}): Promise<AgentSession> => {
    const session = await launch(options);
    await session.waitForHook("SessionStart");
    await session.waitForScreen(/^❯/m);
    await settled(session);
    return session;
  };
  try {
    return await experiment({ command, box, api, tmux, launch, ready });
  } finally {
    for (const session of sessions) await session[Symbol.asyncDispose]();
    await api.close();
  }
}

/** The links without which a flip splits the transcript (client facts 5). */
async function shareFolders(box: Sandbox): Promise<void> {
  for (const name of ["projects", "file-history", "session-env"]) {
    const target = join(box.home, `.claude-${name}-shared`);
    await mkdir(target, { mode: 0o700 });
    for (const { home } of box.accounts) await symlink(target, join(home, name));
  }
}

/** Waits until the screen has not changed for 300 ms: the client draws in steps. */
export async function settled(session: AgentSession): Promise<string[]> {
  let last = await session.screen();
  for (let same = 0; same < 3;) {
    await delay(100);
    const now = await session.screen();
    same = now.join("\n") === last.join("\n") ? same + 1 : 0;
    last = now;
  }
  return last;
}
