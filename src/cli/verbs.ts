import type { Verb } from "./verb.ts";

type Load = () => Promise<Verb>;

/**
 * Every verb, in the groups and the order of the help. Loaded only when asked for: what `status`
 * does not use, `status` does not pay for. Help, completion and the man page are made from this
 * table.
 */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  Daily: {
    run: async () => (await import("./run.ts")).run,
    status: async () => (await import("./status.ts")).status,
    top: async () => (await import("./top.ts")).top,
    attach: async () => (await import("./attach.ts")).attach,
    sessions: async () => (await import("./sessions.ts")).sessions,
    switchover: async () => (await import("./switchover.ts")).switchover,
    failback: async () => (await import("./failback.ts")).failback,
    confirm: async () => (await import("./confirm.ts")).confirm,
    decline: async () => (await import("./confirm.ts")).decline,
    pause: async () => (await import("./pause.ts")).pause,
    resume: async () => (await import("./pause.ts")).resume,
  },
  "Why, and what happened": {
    why: async () => (await import("./why.ts")).why,
    history: async () => (await import("./history.ts")).history,
    events: async () => (await import("./events.ts")).events,
    checkpoint: async () => (await import("./checkpoint.ts")).checkpoint,
  },
  "Sessions and accounts": {
    hold: async () => (await import("./hold.ts")).hold,
    release: async () => (await import("./hold.ts")).release,
    drain: async () => (await import("./hold.ts")).drain,
    down: async () => (await import("./down.ts")).down,
    quarantine: async () => (await import("./quarantine.ts")).quarantine,
    "release-account": async () => (await import("./quarantine.ts")).releaseAccount,
    recover: async () => (await import("./recover.ts")).recover,
  },
  Work: {
    dispatch: async () => (await import("./dispatch.ts")).dispatch,
    tasks: async () => (await import("./tasks.ts")).tasks,
  },
  "Others who want to know": {
    notify: async () => (await import("./notify.ts")).notify,
    web: async () => (await import("./web.ts")).web,
    mcp: async () => (await import("./mcp.ts")).mcp,
  },
  "Set-up and trust": {
    init: async () => (await import("./init.ts")).init,
    adopt: async () => (await import("./adopt.ts")).adopt,
    uninstall: async () => (await import("./uninstall.ts")).uninstall,
    service: async () => (await import("./service.ts")).service,
    completion: async () => (await import("./completion.ts")).completion,
    doctor: async () => (await import("./doctor.ts")).doctor,
    clean: async () => (await import("./clean.ts")).clean,
    drill: async () => (await import("./drill.ts")).drill,
    demo: async () => (await import("./demo.ts")).demo,
    simulate: async () => (await import("./simulate.ts")).simulate,
  },
};

export const VERBS: Readonly<Record<string, Load>> = Object.fromEntries(
  Object.values(GROUPS).flatMap((group) => Object.entries(group)),
);

/** The names of the verbs, by the heading the help puts them under. */
export const VERB_GROUPS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(GROUPS).map(([heading, group]) => [heading, Object.keys(group)]),
);

/** All verbs, loaded. */
export async function allVerbs(): Promise<readonly Verb[]> {
  return Promise.all(Object.values(VERBS).map((load) => load()));
}
