import { FailoverError } from "../errors.ts";
import { conflictsOf } from "../policy/conflicts.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { EventRow } from "../store/events.ts";
import type { Store } from "../store/store.ts";
import { SCHEMA, type AccountJson, type SessionJson, type StatusJson } from "./contract.ts";
import { evidenceJson, explainedDecision } from "./explained.ts";
import { answerWords, isOwnSlot, proposalsOf } from "./session-view.ts";
import { eventJson, switchoverJson } from "./view.ts";
import type { ExplainedDecisionJson, WhyJson } from "./why-contract.ts";
import { accountSentences, decisionSentences, sessionSentences } from "./why-text.ts";

const DECISIONS = 5;
const EVIDENCE = 10;
const EVENTS = { looked: 5_000, shown: 20 };
const SWITCHOVERS = 5;
const DAY_MS = 86_400_000;

interface WhyInput {
  readonly store: Store | null;
  readonly status: StatusJson;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Why things are as they are: the last decisions without a word; else the decision of this number,
 * the session (also by its uuid) or the account of this name. Null when nothing is called so. Where
 * a session and an account have the same name it is the session; `account:NAME` is the account.
 */
export function whyJson(word: string | null, input: WhyInput): WhyJson | null {
  if (word === null) return whyDecisions(input);
  const [, kind = "", name = ""] = /^(decision|session|account):(.*)$/.exec(word) ?? [];
  const is = (wanted: string): boolean => kind === "" || kind === wanted;
  const called = kind === "" ? word : name;
  const { sessions, accounts } = input.status;
  if (is("decision") && /^\d{1,12}$/.test(called)) return whyDecision(Number(called), input);
  const session = sessions.find((each) => each.name === called || each.sessionId === called);
  if (is("session") && session !== undefined) return whySession(session, input);
  const account = accounts.find((each) => each.name === called);
  return is("account") && account !== undefined ? whyAccount(account, input) : null;
}

function base(kind: WhyJson["subject"]["kind"], name: string | null): Omit<WhyJson, "explanation"> {
  return {
    schema: SCHEMA,
    subject: { kind, name },
    session: null,
    account: null,
    decisions: [],
    evidence: [],
    switchovers: [],
    events: [],
  };
}

function whyDecisions({ store, status }: WhyInput): WhyJson {
  const decisions = lastDecisions(store, DECISIONS);
  const { held, activeAccount, pinned } = status;
  const own = status.slots.filter(({ name }) => isOwnSlot(name));
  const explanation = [
    `The active account is ${activeAccount ?? "not known"}.`,
    ...own.map(({ name, account }) => `Slot ${name} is on ${account ?? "no account"}.`),
    ...(held === null
      ? []
      : [`No switchover is done since ${held.since}: ${held.message} ${held.hint}`]),
    ...(pinned === null
      ? []
      : [
          `An operator switched to ${pinned}: the fleet stays there until it is exhausted or claude-failover failback.`,
        ]),
    ...proposalsOf(status).map(
      ({ proposal, slot }) =>
        `A ${proposal.cause} from ${proposal.from} to ${proposal.to} waits for ${answerWords(slot)} until ${proposal.until}.`,
    ),
    ...(decisions.length === 0 ? ["Nothing was decided yet."] : []),
    ...decisions.flatMap(decisionSentences),
  ];
  const evidence = decisions.flatMap((each) => each.evidence);
  return { ...base("decisions", null), explanation, decisions, evidence };
}

function whyDecision(id: number, { store }: WhyInput): WhyJson | null {
  const row = store?.decisions.get(id) ?? null;
  if (row === null || store === null) return null;
  const decision = explainedDecision(row, store.evidence);
  const explanation = decisionSentences(decision);
  const { evidence } = decision;
  return { ...base("decision", String(id)), explanation, decisions: [decision], evidence };
}

function whySession(session: SessionJson, { store, status }: WhyInput): WhyJson {
  const { name } = session;
  const evidence = (store?.evidence.since(0) ?? [])
    .filter((each) => each.session === name)
    .slice(-EVIDENCE)
    .map((each) => evidenceJson(each));
  const switchovers = (store?.switchovers.list(100) ?? [])
    .filter((entry) => entry.sessions.some((each) => each.name === name))
    .slice(0, SWITCHOVERS)
    .map(switchoverJson);
  const events = (store?.events.latest(EVENTS.looked) ?? []).filter(
    (event) => fieldOf(event, "session") === name,
  );
  const explanation = sessionSentences(session, {
    active: status.slots.find((slot) => slot.name === session.slot)?.account ?? null,
    evidence,
    switchovers,
    lastFailure: lastFailure(events),
  });
  const shown = events.slice(-EVENTS.shown).map(eventJson);
  return { ...base("session", name), explanation, session, evidence, switchovers, events: shown };
}

/** Why it was not continued, unless it went on since. */
function lastFailure(events: readonly EventRow[]): string | null {
  const last = events.findLast(({ type }) => /^session\.(?:notContinued|continued)$/.test(type));
  return last?.type === "session.notContinued" ? fieldOf(last, "proof") : null;
}

function whyAccount(account: AccountJson, { store, now }: WhyInput): WhyJson {
  const { name } = account;
  const quarantine = store?.accounts.get(name)?.quarantine ?? null;
  const period = store?.periods.active() ?? null;
  const evidence = (store?.evidence.ofAccount(name, 0) ?? [])
    .slice(-EVIDENCE)
    .map((each) => evidenceJson(each));
  const decisions = lastDecisions(store, 200)
    .filter(({ from, to }) => from === name || to === name)
    .slice(0, DECISIONS);
  const switchovers = (store?.switchovers.list(100) ?? [])
    .filter(({ from, to }) => from === name || to === name)
    .slice(0, SWITCHOVERS)
    .map(switchoverJson);
  const conflicts = store === null ? [] : conflictsIn(store, name, now);
  const explanation = accountSentences(account, {
    conflicts,
    evidence,
    quarantine: quarantine === null ? null : { code: quarantine.code, at: rfc3339(quarantine.at) },
    slots: account.slots.filter(isOwnSlot),
    activeSince: period?.account === name ? rfc3339(period.fromAt) : null,
  });
  return { ...base("account", name), explanation, account, evidence, decisions, switchovers };
}

/** Signals of the last day that say different things. */
function conflictsIn(store: Store, account: string, now: number): string[] {
  const since = now - DAY_MS;
  return conflictsOf({
    evidence: store.evidence.ofAccount(account, since),
    readings: store.usage.recent(account, since),
    now,
  }).map(({ text }) => text);
}

function lastDecisions(store: Store | null, count: number): ExplainedDecisionJson[] {
  if (store === null) return [];
  return store.decisions.list(count).map((row) => explainedDecision(row, store.evidence));
}

function fieldOf({ data }: EventRow, key: string): string | null {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
  const value = (data as Record<string, unknown>)[key];
  return typeof value === "string" ? value : null;
}

/** CF_API_REQUEST: the word names no decision, session or account. */
export function nothingCalled(word: string): FailoverError {
  return new FailoverError(
    "CF_API_REQUEST",
    `${word} is no decision, session or account that is known.`,
    { hint: "claude-failover status lists sessions and accounts, claude-failover why decisions." },
  );
}
