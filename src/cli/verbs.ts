import type { Verb } from "./verb.ts";

/**
 * Every verb, in the order of the help. Loaded only when asked for: what `status` does not use,
 * `status` does not pay for. Help, completion and the man page are made from this table.
 */
export const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  init: async () => (await import("./init.ts")).init,
  run: async () => (await import("./run.ts")).run,
  status: async () => (await import("./status.ts")).status,
  sessions: async () => (await import("./sessions.ts")).sessions,
  attach: async () => (await import("./attach.ts")).attach,
  top: async () => (await import("./top.ts")).top,
  switchover: async () => (await import("./switchover.ts")).switchover,
  failback: async () => (await import("./failback.ts")).failback,
  confirm: async () => (await import("./confirm.ts")).confirm,
  decline: async () => (await import("./confirm.ts")).decline,
  pause: async () => (await import("./pause.ts")).pause,
  resume: async () => (await import("./pause.ts")).resume,
  hold: async () => (await import("./hold.ts")).hold,
  release: async () => (await import("./hold.ts")).release,
  drain: async () => (await import("./hold.ts")).drain,
  down: async () => (await import("./down.ts")).down,
  quarantine: async () => (await import("./quarantine.ts")).quarantine,
  "release-account": async () => (await import("./quarantine.ts")).releaseAccount,
  recover: async () => (await import("./recover.ts")).recover,
  why: async () => (await import("./why.ts")).why,
  history: async () => (await import("./history.ts")).history,
  events: async () => (await import("./events.ts")).events,
  dispatch: async () => (await import("./dispatch.ts")).dispatch,
  tasks: async () => (await import("./tasks.ts")).tasks,
  notify: async () => (await import("./notify.ts")).notify,
  web: async () => (await import("./web.ts")).web,
  mcp: async () => (await import("./mcp.ts")).mcp,
  clean: async () => (await import("./clean.ts")).clean,
  checkpoint: async () => (await import("./checkpoint.ts")).checkpoint,
  doctor: async () => (await import("./doctor.ts")).doctor,
  adopt: async () => (await import("./adopt.ts")).adopt,
  simulate: async () => (await import("./simulate.ts")).simulate,
  uninstall: async () => (await import("./uninstall.ts")).uninstall,
  service: async () => (await import("./service.ts")).service,
  completion: async () => (await import("./completion.ts")).completion,
  drill: async () => (await import("./drill.ts")).drill,
  demo: async () => (await import("./demo.ts")).demo,
};

/** How the help puts them together: every verb once. */
export const VERB_GROUPS: Readonly<Record<string, readonly string[]>> = {
  Daily: [
    "run",
    "status",
    "top",
    "attach",
    "sessions",
    "switchover",
    "failback",
    "confirm",
    "decline",
    "pause",
    "resume",
  ],
  "Why, and what happened": ["why", "history", "events", "checkpoint"],
  "Sessions and accounts": [
    "hold",
    "release",
    "drain",
    "down",
    "quarantine",
    "release-account",
    "recover",
  ],
  Work: ["dispatch", "tasks"],
  "Others who want to know": ["notify", "web", "mcp"],
  "Set-up and trust": [
    "init",
    "adopt",
    "uninstall",
    "service",
    "completion",
    "doctor",
    "clean",
    "drill",
    "demo",
    "simulate",
  ],
};

/** All verbs, loaded. */
export async function allVerbs(): Promise<readonly Verb[]> {
  return Promise.all(Object.values(VERBS).map((load) => load()));
}
