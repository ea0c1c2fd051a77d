import type { NotifyEvent } from "../config/config.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import type { EventRow } from "../store/events.ts";

/** What is worth telling a person. */
export interface Notice {
  readonly event: NotifyEvent;
  /** Two notices with one key say the same. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
  readonly urgent: boolean;
}

const KEYS = [
  "account",
  "cause",
  "code",
  "deaths",
  "exit",
  "failures",
  "file",
  "from",
  "id",
  "pid",
  "project",
  "proof",
  "session",
  "slot",
  "startedAt",
  "step",
  "task",
  "text",
  "to",
  "until",
  "version",
  "what",
] as const;
/** What is used of an event's data, as text, empty where it is not there; and the event's number. */
type Data = Readonly<Record<(typeof KEYS)[number] | "seq", string>>;
type Teller = (data: Data) => Notice | null;

const notice = (
  event: NotifyEvent,
  key: string,
  words: { readonly title: string; readonly text: string },
  urgent = false,
): Notice => ({ event, key: `${event}/${key}`, ...words, urgent });

/** By the type of the event (docs/events.md). What is not here is not told. */
const TELLERS: Readonly<Record<string, Teller>> = {
  "daemon.started": ({ pid, version }) =>
    notice("started", pid, { title: "Started", text: `The daemon ${version} runs.` }),
  "daemon.stopped": ({ pid }) =>
    notice("stopped", pid, {
      title: "Stopped",
      text: "The daemon was stopped: no account is changed and no session is watched until it runs again.",
    }),
  "daemon.crashed": ({ pid, startedAt }) =>
    notice(
      "crashed",
      pid,
      {
        title: "The daemon had ended without a word",
        text: `The run that began ${startedAt} was killed or crashed. It runs again now.`,
      },
      true,
    ),
  "switchover.committed": ({ id, slot, from, to, cause }) =>
    notice(moved(cause), id, {
      title: `${ownSlot(slot)}Moved from ${from} to ${to}`,
      text: `The ${cause === "" ? "switchover" : cause} ${id} is committed; claude-failover history ${id} tells how it went.`,
    }),
  "switchover.refused": ({ code, text, cause, to }) =>
    cause === "switchover"
      ? null
      : notice(
          "failoverRefused",
          `${to}/${code}`,
          { title: `A move to ${to} was refused`, text: `${text} (${code})` },
          true,
        ),
  "switchover.rolledBack": ({ id, code, text }) =>
    notice(
      "rolledBack",
      id,
      { title: "A switchover was rolled back", text: `${text} (${code})` },
      true,
    ),
  decision: ({ slot, code, text }) => ofDecision(code, text, ownSlot(slot)),
  paused: ({ seq }) =>
    notice("paused", seq, { title: "Paused", text: "It only observes, until it is resumed." }),
  resumed: ({ seq }) =>
    notice("resumed", seq, { title: "Resumed", text: "What is due is decided again." }),
  "proposal.made": ({ slot, from, to, text, until }) =>
    notice(
      "confirmNeeded",
      `${ownSlot(slot)}${from}/${to}`,
      {
        title: `Move ${fleetOr(slot)} from ${from} to ${to}?`,
        text: `${text}. Without an answer until ${until} nothing is done: ${howToAnswer(slot)}`,
      },
      true,
    ),
  "proposal.told": ({ slot, from, to, text }) =>
    notice(
      "confirmNeeded",
      `${ownSlot(slot)}${from}/${to}`,
      { title: "A move is due", text: ownSlot(slot) + text },
      true,
    ),
  "account.identity": ({ account, text }) =>
    notice("accountIdentity", account, { title: `${account} is somebody else`, text }, true),
  "account.quarantined": ({ account, text }) =>
    notice(
      "accountQuarantined",
      `${account}/${text}`,
      { title: `${account} is quarantined`, text },
      true,
    ),
  "account.released": ({ account, text }) =>
    notice("accountReleased", account, { title: `${account} is released`, text }),
  "account.paidUsage": ({ account, text }) =>
    notice("paidUsage", account, { title: `${account} goes on at a price`, text }, true),
  "relaunch.stopped": ({ account, failures, until }) =>
    notice(
      "authHold",
      `${account}/${until}`,
      {
        title: `No more sessions go to ${account}`,
        text: `${failures} relaunched clients in a row were refused; no other is relaunched until ${until}.`,
      },
      true,
    ),
  "proposal.expired": ({ seq, slot, from, to, text }) =>
    notice(
      "confirmNeeded",
      seq,
      { title: `Nobody answered: ${fleetOr(slot)} stays on ${from}`, text: `To ${to}: ${text}` },
      true,
    ),
  "slot.moved": ({ seq, slot, account }) =>
    notice("switchover", seq, {
      title: `Somebody moved ${fleetOr(slot)} to ${account}`,
      text: "The link was pointed there by hand; that account is the active one now.",
    }),
  "session.asking": ({ session, text }) =>
    notice("sessionAsking", session, { title: `${session} waits for you`, text }),
  "session.ambiguous": ({ session, text }) =>
    notice("sessionAsking", `${session}/ambiguous`, { title: `${session} is not clear`, text }),
  "task.rejected": ({ project, file, text }) =>
    notice("taskFailed", `${project}/${file}`, { title: `${file} is no task`, text }),
  "inbox.unusable": ({ project, text }) =>
    notice("fault", project, { title: "An inbox cannot be used", text: `${project}: ${text}` }),
  "session.dead": ({ session, text, exit }) =>
    notice("sessionDead", session, {
      title: `${session} ended`,
      text: text === "" ? `Its program ended with ${exit}.` : text,
    }),
  "session.crashLoop": ({ session, deaths }) =>
    notice(
      "sessionDead",
      `${session}/loop`,
      {
        title: `${session} does not stay up`,
        text: `It ended ${deaths} times in a row and is left alone until claude-failover release.`,
      },
      true,
    ),
  "session.notStarted": ({ session, text }) =>
    notice("sessionDead", `${session}/start`, { title: `${session} was not started`, text }, true),
  "session.notContinued": ({ session, proof }) =>
    notice("sessionNotContinued", session, {
      title: `${session} was not continued`,
      text: `${proof === "" ? "No receipt came" : proof}. It is tried again.`,
    }),
  "task.failed": ({ task, session, text }) =>
    notice("taskFailed", task, { title: `Task ${task} failed`, text: `In ${session}: ${text}` }),
  "task.asking": ({ task, session, text }) =>
    notice("taskAsking", task, {
      title: `Task ${task} waits for you`,
      text: `In ${session}: ${text}`,
    }),
  "task.stuck": ({ task, session, step, text }) =>
    notice("sessionStuck", `${task}/${step}`, {
      title: `${session} hangs at task ${task}`,
      text: `${text} (${step})`,
    }),
  fault: ({ what, code, text }) =>
    notice("fault", `${what}/${code}`, { title: `A fault in ${what}`, text: `${text} (${code})` }),
};

/** The types of event that are told of. */
export const TOLD_TYPES: readonly string[] = Object.keys(TELLERS);

/** Codes of decisions that leave the fleet standing, or ask. Others are ordinary. */
function ofDecision(code: string, told: string, slot: string): Notice | null {
  const text = slot + told;
  // What was refused where changes with every session; what is waited for does not.
  const key = slot + told.split("; ").slice(1).join("; ");
  switch (code) {
    case "allExhausted":
      return notice("allExhausted", key, { title: "All accounts are exhausted", text }, true);
    case "noCandidate":
      return notice("noCandidate", key, { title: "No account may take over", text }, true);
    case "accountTrouble":
    case "authHold":
      return notice("authHold", text, { title: "An account is refused", text }, true);
    case "slotAstray":
      return notice("failoverRefused", text, { title: "The slot leads to no account", text }, true);
    case "resetPassed":
      return notice("recovered", text, { title: "A limit is over", text });
    default:
      return null;
  }
}

/** What stands before words about a slot that is not the one of all. */
function ownSlot(slot: string): string {
  return slot === "" || slot === SHARED_SLOT ? "" : `slot ${slot}: `;
}

function fleetOr(slot: string): string {
  return slot === "" || slot === SHARED_SLOT ? "the fleet" : `slot ${slot}`;
}

function howToAnswer(slot: string): string {
  return ownSlot(slot) === ""
    ? "claude-failover confirm, or claude-failover decline."
    : "claude-failover status says how to answer.";
}

function moved(cause: string): NotifyEvent {
  return cause === "switchover" || cause === "failback" ? cause : "failover";
}

/** Pure: what an event means for a person, or null. */
export function noticeOf(event: Pick<EventRow, "seq" | "type" | "data">): Notice | null {
  const { seq, type, data } = event;
  const fields = new Map<string, unknown>(
    typeof data === "object" && data !== null ? Object.entries(data) : [],
  );
  const texts = KEYS.map((key) => {
    const value = fields.get(key);
    return [key, typeof value === "string" || typeof value === "number" ? String(value) : ""];
  });
  const tell = Object.hasOwn(TELLERS, type) ? TELLERS[type] : undefined;
  return tell?.({ ...Object.fromEntries(texts), seq: String(seq) } as Data) ?? null;
}

/** Pure: the held state, whatever led to it. */
export function heldNotice(held: {
  readonly message: string;
  readonly hint: string;
  readonly since: number;
}): Notice {
  const words = { title: "Held: a person is needed", text: `${held.message} ${held.hint}` };
  return notice("held", `${held.since}`, words, true);
}

export function releasedNotice(since: number): Notice {
  const words = { title: "No longer held", text: "What was held is mended; it goes on." };
  return notice("recovered", `${since}`, words);
}

export function staleNotice(): Notice {
  const text = "Its loop has not gone round for a minute, though the process lives.";
  return notice("stale", "", { title: "The daemon hangs", text }, true);
}

export function heartbeatNotice(text: string, at: number): Notice {
  return notice("heartbeat", `${at}`, { title: "All is well", text });
}

export function notStartedNotice(code: string, message: string): Notice {
  const words = { title: "The daemon could not start", text: `${message} (${code})` };
  return notice("notStarted", `${code}/${message}`, words, true);
}
