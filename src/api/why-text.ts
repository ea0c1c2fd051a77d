import type { AccountJson, SessionJson, SwitchoverJson } from "./contract.ts";
import { isOwnSlot } from "./session-view.ts";
import type { EvidenceJson, ExplainedDecisionJson } from "./why-contract.ts";

/** Pure: what was decided, why, on what, and who could have taken over, as sentences. */
export function decisionSentences(decision: ExplainedDecisionJson): string[] {
  const { id, slot, at, kind, text, code, until, evidence, accounts } = decision;
  const about = isOwnSlot(slot) ? ` about slot ${slot}` : "";
  return [
    `${at}, decision ${id}${about}: ${doing(decision)}, because ${text} (${code}).`,
    ...evidence.map((each) => `It stood on ${evidenceWords(each)}.`),
    ...(evidence.length === 0 && kind !== "stay" && !UNREFUSED.has(code)
      ? ["Its evidence is not kept any more."]
      : []),
    ...accounts.map(({ account, limitations }) =>
      limitations.length === 0
        ? `${account} might have taken over: nothing stood in its way.`
        : `${account} could not take over: ${limitations.map((each) => each.text).join("; ")}.`,
    ),
    ...(until === null ? [] : [`It was to be decided again at ${until}.`]),
  ];
}

/** Moves for which nobody was refused. */
const UNREFUSED = new Set(["thresholdReached", "failbackDue", "paidUsage", "accountDead"]);

function doing({ kind, code, from, to }: ExplainedDecisionJson): string {
  const cause = code === "failbackDue" ? "failback" : "failover";
  switch (kind) {
    case "stay":
      return "everything stays as it is";
    case "wait":
      return "the fleet waits";
    case "continue":
      return "the sessions that were cut off go on";
    case "failover":
      return `${cause} from ${from ?? "?"} to ${to ?? "?"}`;
    case "propose":
      return `a ${cause} from ${from ?? "?"} to ${to ?? "?"} is proposed, not done`;
    default:
      return kind;
  }
}

/** Pure: who said what of whom, when. */
export function evidenceWords(evidence: EvidenceJson): string {
  const { channel, observedAt, session, account, window, resetsAt, pattern, snippet } = evidence;
  const what = evidence.class + (window === null ? "" : ` of the ${window} window`);
  if (channel === "exit")
    return `the end of the client of session ${session} at ${observedAt}, in the middle of a turn under ${account}: ${snippet}`;
  const unconfirmed =
    channel === "pane"
      ? ", which is only suspected: nothing that the client wrote confirms it"
      : "";
  const reset = resetsAt === null ? "" : `, which resets at ${resetsAt}`;
  return `the ${channel} of session ${session} at ${observedAt}: ${what}${reset}, charged to ${account} (${pattern}): “${snippet}”${unconfirmed}`;
}

const STATES: Readonly<Record<SessionJson["state"], string>> = {
  starting: "its client was started and has not said that it is up",
  working: "a turn is running",
  idle: "it waits for a prompt",
  asking: "it waits for a person's answer",
  limited: "a usage limit cut its turn off",
  held: "an operator asked to leave it alone",
  dead: "its program ended or its tmux session is gone",
};

/** Pure: where a session is, and what brought it there. */
export function sessionSentences(
  session: SessionJson,
  facts: {
    /** The account that its slot leads to. */
    readonly active: string | null;
    readonly evidence: readonly EvidenceJson[];
    readonly switchovers: readonly SwitchoverJson[];
    readonly lastFailure: string | null;
  },
): string[] {
  const { name, state, since, account, cwd, slot } = session;
  const { active, evidence, switchovers, lastFailure } = facts;
  const last = evidence.at(-1);
  return [
    `${name} is ${state} since ${since}: ${STATES[state]}.`,
    `It works in ${cwd}${account === null ? ", and under which account is not known yet" : `; its last turn ran under ${account}`}.`,
    ...(isOwnSlot(slot) ? [`It uses the slot ${slot}, which moves by itself.`] : []),
    ...placeOf(session, active),
    ...(last === undefined
      ? ["No refusal of it is kept."]
      : last.channel === "exit"
        ? [`Its last turn was cut off by ${evidenceWords(last)}.`]
        : [`Its last refusal: ${evidenceWords(last)}.`]),
    ...switchovers.map((entry) => movedSentence(entry, name)),
    ...(lastFailure === null
      ? []
      : [`It was not continued when it was tried last: ${lastFailure}.`]),
  ];
}

function movedSentence(entry: SwitchoverJson, name: string): string {
  const own = entry.sessions.find((each) => each.name === name);
  const ms = own?.continuedMs ?? null;
  const after = ms === null ? "" : ` ${Math.round(ms)} ms after the refusal`;
  const proof = own?.proof ?? null;
  const proven = proof === null ? "" : `, proof: ${proof}`;
  return `Switchover ${entry.id} (${entry.startedAt}) took it from ${entry.from} to ${entry.to}: ${own?.outcome ?? "?"}${after}${proven}.`;
}

function placeOf({ account, slot }: SessionJson, active: string | null): string[] {
  if (active === null || account === null) return [];
  const there = isOwnSlot(slot) ? "the account of that slot" : "the active account";
  return account === active
    ? [`Its account is ${there}: every new request is charged to it.`]
    : [`${active} is ${there} now: its next request is charged to that one.`];
}

/** Pure: whether an account may take over, and everything that speaks for or against it. */
export function accountSentences(
  account: AccountJson,
  facts: {
    readonly evidence: readonly EvidenceJson[];
    /** What its signals say against each other. */
    readonly conflicts: readonly string[];
    readonly quarantine: { readonly code: string; readonly at: string } | null;
    readonly activeSince: string | null;
    /** The slots of their own that lead to it. */
    readonly slots: readonly string[];
  },
): string[] {
  const { name, state, limitations, windows } = account;
  const { evidence, conflicts, quarantine, activeSince, slots } = facts;
  const last = evidence.findLast(({ channel }) => channel !== "exit");
  const verdict =
    state === "active"
      ? `${name} is the active account${activeSince === null ? "" : ` since ${activeSince}`}.`
      : limitations.length === 0
        ? `${name} may take over: nothing stands in its way.`
        : `${name} may not take over: ${limitations.map((each) => each.text).join("; ")}.`;
  return [
    verdict,
    ...(slots.length === 0 ? [] : [`Slots of their own that lead to it: ${slots.join(", ")}.`]),
    ...(quarantine === null
      ? []
      : [`It was quarantined at ${quarantine.at} (${quarantine.code}).`]),
    ...windows.map(({ window, usedPercent, resetsAt }) => {
      const used = usedPercent === null ? "how much is used is not known" : `${usedPercent} % used`;
      return `Its ${window} window: ${used}${resetsAt === null ? "" : `, resets at ${resetsAt}`}.`;
    }),
    ...(last === undefined
      ? ["No refusal is charged to it."]
      : [`The last refusal charged to it: ${evidenceWords(last)}.`]),
    ...conflicts.map((each) => `Its signals differ. ${each}`),
  ];
}
