import type { AccountJson, SessionJson, StatusJson } from "../api/contract.ts";
import { answerWords, isOwnSlot, proposalsOf, type OpenProposal } from "../api/session-view.ts";
import type { Look } from "./feed.ts";

/**
 * Pure: what changed between two looks, one sentence a line, for a screen reader or a pipe. With
 * nothing before, everything is told. Times are told as they are, so that no clock makes a line.
 */
export function plainLines(before: Look | null, after: Look): string[] {
  const { status } = after;
  return [
    ...news(before === null ? [] : fleetLines(before), fleetLines(after)),
    ...(status === null ? [] : accountNews(before?.status ?? null, status)),
    ...(status === null ? [] : sessionNews(before?.status ?? null, status)),
    ...news(decisionLine(before?.status ?? null), decisionLine(status)),
  ];
}

/** Lines that were not there before. */
function news(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((line) => !before.includes(line));
}

/** A state has a line whatever it is: what had none could not be told to be over. */
function fleetLines({ connection, status }: Look): string[] {
  const down = connection.kind === "down" ? [`${connection.message} ${connection.hint}`] : [];
  if (status === null) return down;
  const { daemon, activeAccount, held, pinned } = status;
  const proposals = proposalsOf(status);
  return [
    ...down,
    ...(daemon.running ? [`The daemon runs, process ${daemon.pid ?? "unknown"}.`] : []),
    daemon.paused ? "It is paused and only observes." : "It is not paused.",
    `The active account is ${activeAccount ?? "none"}.`,
    pinned === null
      ? "No account is pinned."
      : `${pinned} is pinned by hand, until it is exhausted or claude-failover failback.`,
    ...status.slots
      .filter(({ name }) => isOwnSlot(name))
      .map(({ name, account }) => `Slot ${name} is on ${account ?? "no account"}.`),
    held === null ? "Nothing is held." : `Held: ${held.message} ${held.hint}`,
    ...(proposals.length === 0 ? ["Nothing is proposed."] : proposals.map(proposalLine)),
  ];
}

function proposalLine({ proposal, slot }: OpenProposal): string {
  const { cause, from, to, text, until } = proposal;
  return `Proposed: ${cause} from ${from} to ${to}: ${text}. Answer with ${answerWords(slot)}, until ${until}.`;
}

function accountNews(before: StatusJson | null, after: StatusJson): string[] {
  return after.accounts.flatMap((account) => {
    const old = before?.accounts.find(({ name }) => name === account.name);
    const line = accountLine(account);
    return old !== undefined && accountLine(old) === line ? [] : [line];
  });
}

function accountLine({ name, state, windows, exhaustedUntil }: AccountJson): string {
  const used = windows
    .filter(({ usedPercent }) => usedPercent !== null)
    .map(({ window, usedPercent, resetsAt }) => {
      const reset = resetsAt === null ? "" : `, resets ${resetsAt}`;
      return `${windowName(window)} ${Math.round(usedPercent ?? 0)} percent used${reset}`;
    });
  const free = exhaustedUntil === null ? [] : [`free again ${exhaustedUntil}`];
  return `Account ${[`${name} is ${state}`, ...free, ...used].join("; ")}.`;
}

function windowName(window: string): string {
  if (window === "fiveHour") return "five hours";
  return window === "weekly" ? "week" : window.replace(/^model:/, "model ");
}

function sessionNews(before: StatusJson | null, after: StatusJson): string[] {
  const changed = after.sessions.flatMap((session) => {
    const old = before?.sessions.find(({ name }) => name === session.name);
    const line = sessionLine(session);
    return old !== undefined && sessionLine(old) === line ? [] : [line];
  });
  const gone = (before?.sessions ?? [])
    .filter(({ name }) => !after.sessions.some((each) => each.name === name))
    .map(({ name }) => `Session ${name} is gone.`);
  return [...changed, ...gone];
}

function sessionLine({ name, state, account }: SessionJson): string {
  return `Session ${name} is ${state}${account === null ? "" : ` on ${account}`}.`;
}

function decisionLine(status: StatusJson | null): string[] {
  const decision = status?.decision ?? null;
  return decision === null ? [] : [`Decision: ${decision.text}.`];
}
