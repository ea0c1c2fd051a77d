import { isLimitOf } from "./evidence.ts";
import type { AccountView, Decision, Evidence, Mode, ReasonCode } from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";
import { candidate, coolingDown, move, stay, type Scene } from "./scene.ts";
import { isInUse, spendsWholeAccount } from "./windows.ts";

const MOVES: Readonly<Record<Mode, ReasonCode>> = {
  auto: "limitReached",
  confirm: "limitReachedAsk",
  notify: "limitReachedNotify",
};

/**
 * What a confirmed limit of the active account asks for, or null when none stands. A model's own
 * limit counts only where a session is on that model, and only after the account's.
 */
export function decideOnLimit(scene: Scene): Decision | null {
  const { seen } = scene;
  // A whole fleet may have been cut off: what decides most often is found without looking at all of it.
  const trigger = seen.evidence.findLast(
    (item) =>
      isLimitOf(item, seen.active) && spendsWholeAccount(item.refusal) && !isOver(scene, item),
  );
  if (trigger !== undefined) return leave(scene, trigger);
  const known = leaveKnownLimit(scene);
  if (known !== null) return known;
  const limits = seen.evidence.filter((item) => isLimitOf(item, seen.active));
  const counting = limits.filter(
    ({ refusal }) => spendsWholeAccount(refusal) || isInUse(refusal.window, seen.models),
  );
  const standing = counting.filter((item) => !isOver(scene, item));
  if (standing.length < counting.length)
    return goOn(
      scene,
      counting.filter((item) => !standing.includes(item)),
    );
  const ofModel = standing.at(-1);
  return ofModel === undefined ? null : leave(scene, ofModel);
}

/**
 * The account is exhausted by another slot's session, or by one here that was given something else to
 * do since: every turn would be refused, so nobody waits for that. An operator who switched to it all
 * the same, knowing more, is let.
 */
function leaveKnownLimit(scene: Scene): Decision | null {
  const { seen, active, now } = scene;
  const { limit, pinned, activeSince } = seen;
  if (limit === null || !isLimitOf(limit, seen.active) || !spendsWholeAccount(limit.refusal))
    return null;
  if ((active?.exhaustedUntil ?? 0) + seen.jitterMs <= now) return null;
  if (pinned === seen.active && activeSince > limit.observedAt) return null;
  const target = candidate(scene, { strict: false });
  if (target === null) return null;
  // Whoever did not want it for a turn that was cut off does not want it for none.
  const cutOffKey = keyOf(limit);
  const key = seen.answered === cutOffKey ? cutOffKey : `exhausted:${seen.active}`;
  return coolingDown(scene, limitText(limit)) ?? moveTo(scene, target, { trigger: limit, key });
}

function keyOf({ account, refusal }: Evidence): string {
  return `limit:${account}${spendsWholeAccount(refusal) ? "" : `:${refusal.window ?? "?"}`}`;
}

/** Whether the limit has been reset since it was reached. */
function isOver({ active, seen, now }: Scene, { refusal, observedAt }: Evidence): boolean {
  const until = active === null ? null : untilOf(active, refusal.window ?? "unknown");
  return until !== null && until > observedAt && until + seen.jitterMs <= now;
}

function untilOf(account: AccountView, window: NonNullable<Evidence["refusal"]["window"]>) {
  if (!window.startsWith("model:")) return account.exhaustedUntil;
  return account.windows.find((each) => each.window === window)?.exhaustedUntil ?? null;
}

function goOn({ seen, accounts }: Scene, over: readonly Evidence[]): Decision {
  const text = `the limit of ${seen.active} is over; ${over.length} session(s) may go on`;
  const sessions = over.map(({ session }) => session);
  return { kind: "continue", sessions, reason: { code: "resetPassed", text }, accounts };
}

function leave(scene: Scene, trigger: Evidence): Decision {
  const cooling = coolingDown(scene, limitText(trigger));
  if (cooling !== null) return cooling;
  const needs = spendsWholeAccount(trigger.refusal) ? null : trigger.refusal.window;
  const target = candidate(scene, { strict: false, needs });
  if (target === null)
    return needs === null ? waitForReset(scene, trigger) : waitForModel(scene, trigger);
  return moveTo(scene, target, { trigger, key: keyOf(trigger) });
}

function moveTo(
  scene: Scene,
  { name: to }: AccountView,
  why: { readonly trigger: Evidence; readonly key: string },
): Decision {
  const { seen, settings } = scene;
  const text = `${limitText(why.trigger)}; ${to} is the candidate by ${settings.candidate}`;
  const due = { cause: "failover", from: seen.active, to, ...why } as const;
  return move(scene, due, { code: MOVES[settings.mode], text });
}

/** Only what time alone makes free again is worth waiting for. */
const OF_TIME: ReadonlySet<string> = new Set([
  "isActive",
  "exhausted",
  "aboveCeiling",
  "modelSpent",
  "nearlySpent",
  "paidUsage",
]);

function waitForReset(scene: Scene, trigger: Evidence): Decision {
  const { seen, accounts, now } = scene;
  const resets = seen.accounts.flatMap(({ name, exhaustedUntil: until }, index) => {
    const limitations = accounts[index]?.limitations ?? [];
    const mayCome = name === seen.active || limitations.every(({ code }) => OF_TIME.has(code));
    return mayCome && until !== null && until + seen.jitterMs > now ? [until] : [];
  });
  const reset = resets.length === 0 ? null : Math.min(...resets);
  const exhausted = accounts.every((item) =>
    item.limitations.some((each) => each.code === "exhausted" || each.code === "isActive"),
  );
  const wait = reset === null ? "no reset is known" : `the earliest reset is ${rfc3339(reset)}`;
  const who = exhausted ? "every account is exhausted" : "no other account may take over";
  const code: ReasonCode = exhausted ? "allExhausted" : "noCandidate";
  const text = `${limitText(trigger)}; ${who}, ${wait}`;
  const until = reset === null ? null : reset + seen.jitterMs;
  return { kind: "wait", until, reason: { code, text }, accounts };
}

function waitForModel(scene: Scene, trigger: Evidence): Decision {
  const { active, seen, now } = scene;
  const window = trigger.refusal.window ?? "unknown";
  const until = active === null ? null : untilOf(active, window);
  const text = `${limitText(trigger)}; the account serves other models, and no other account has it left`;
  const isAhead = until !== null && until + seen.jitterMs > now;
  return stay(scene, "modelOnly", text, isAhead ? until + seen.jitterMs : null);
}

function limitText({ account, session, refusal }: Evidence): string {
  const of = spendsWholeAccount(refusal) ? "its limit" : `its limit of ${refusal.window ?? "?"}`;
  return `${account} reached ${of} in session ${session}`;
}
