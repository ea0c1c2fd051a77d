import type { ActionJson } from "../api/contract.ts";
import type { PolicyHandlers } from "../api/policy-routes.ts";
import { slotNamed } from "../config/slots.ts";
import { limitationsOf } from "../policy/candidate.ts";
import { preferredTo } from "../policy/leave.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { refusedJson, resultJson } from "./control-handlers.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { accountViews, jitterMs, preferring } from "./observe.ts";
import { pinnedTo, unpin } from "./pin.ts";
import { nothingToDo, refused } from "./refused.ts";
import { slotAsked } from "./slot-asked.ts";
import { slotsSeen } from "./slots-seen.ts";
import { BY_OPERATOR, quarantine, release } from "./quarantine.ts";

/** What the daemon does when an operator answers it, or says which account to use. */
export function policyHandlers(options: HandlerOptions): PolicyHandlers {
  return {
    failback: async (request) => failback(request, options),
    confirm: async ({ session }) => confirm(session, options),
    decline: ({ session }) => decline(session, options),
    quarantine: (request) => keepOut(request, options),
    releaseAccount: ({ account }) => letIn(account, options),
  };
}

async function failback(
  request: {
    readonly session: string | null;
    readonly dryRun: boolean;
    readonly release: boolean;
  },
  options: HandlerOptions,
): Promise<ActionJson> {
  const { config, store, clock, core, homes } = options;
  const about = slotAsked(request.session, options);
  if ("refused" in about) return about.refused;
  const { slot } = about;
  const active = store.periods.of(slot).active()?.account ?? "";
  if (request.release) return releasePin(slot, request.dryRun, options);
  const all = preferring(slotNamed(config, slot).account, accountViews(config, store, homes()));
  const preferred = preferredTo(active, all);
  if (preferred.length === 0)
    return pinnedTo(store, slot) === null
      ? nothingToDo(`${active} is the preferred account and active already.`)
      : releasePin(slot, request.dryRun, options);
  const { overage } = config.policy;
  const look = { active, now: clock.now(), overage, jitterMs: jitterMs(store) };
  const free = preferred.find((account) => limitationsOf(account, look).length === 0);
  if (free === undefined) {
    const why = preferred.flatMap((account) =>
      limitationsOf(account, look).map(({ text }) => `${account.name}: ${text}`),
    );
    const text = `No preferred account is free: ${why.join("; ")}.`;
    return refused("CF_SWITCHOVER_NO_CANDIDATE", text);
  }
  const asked = {
    slot,
    cause: "failback",
    to: free.name,
    trigger: null,
    sessions: core.controller.toContinue(slot, active),
  } as const;
  if (!request.dryRun) return resultJson(await core.controller.switchTo(asked));
  const planned = core.switcher.plan(asked);
  if (planned.refused !== null) return refusedJson(planned.refused);
  const text = `A failback from ${active} to ${free.name} would take these steps.`;
  return { schema: 1, done: true, text, steps: planned.plan.steps };
}

function releasePin(slot: string, dryRun: boolean, { store, core }: HandlerOptions): ActionJson {
  const pinned = pinnedTo(store, slot);
  if (pinned === null) return nothingToDo("No account is pinned.");
  if (dryRun) return { schema: 1, done: true, text: `The pin of ${pinned} would be released.` };
  unpin(store, slot, "released by the operator");
  core.controller.evaluate();
  return { schema: 1, done: true, text: `${pinned} is pinned no more; the policy decides.` };
}

async function confirm(session: string | null, options: HandlerOptions): Promise<ActionJson> {
  const { core } = options;
  const about = slotAsked(session, options);
  if ("refused" in about) return about.refused;
  const result = await core.controller.confirm(about.slot);
  if (result === null) return nothingProposed(options);
  if ("reason" in result) {
    core.controller.evaluate();
    return refused("CF_POLICY_NOT_DUE", `Nothing moves now: ${result.reason.text}.`);
  }
  return resultJson(result);
}

function decline(session: string | null, options: HandlerOptions): ActionJson {
  const about = slotAsked(session, options);
  if ("refused" in about) return about.refused;
  const declined = options.core.controller.decline(about.slot);
  if (declined === null) return nothingProposed(options);
  const text = `Declined: no ${declined.cause} from ${declined.from}, unless for another reason.`;
  return { schema: 1, done: true, text };
}

/** Of the slot that was asked about; another one may have a proposal. */
function nothingProposed({ config, store }: HandlerOptions): ActionJson {
  const others = slotsSeen(config, store, () => null).filter(({ proposal }) => proposal !== null);
  if (others.length === 0) return nothingToDo("Nothing is proposed.");
  const names = others.map(({ name }) =>
    name === SHARED_SLOT ? "the shared slot" : `slot ${name}`,
  );
  const hint = "claude-failover status shows it, with the words to answer it.";
  return nothingToDo(`Nothing is proposed there, but for ${names.join(" and ")}.`, hint);
}

function keepOut(
  { account, reason }: { readonly account: string; readonly reason: string | null },
  options: HandlerOptions,
): ActionJson {
  const { store, clock, core } = options;
  if (!isConfigured(account, options)) return unknownAccount(account);
  const known = store.accounts.get(account)?.quarantine ?? null;
  if (known !== null) return nothingToDo(`${account} is quarantined already: ${known.text}.`);
  const text = reason ?? `by the operator at ${rfc3339(clock.now())}`;
  store.transaction(() => quarantine(store, account, { code: BY_OPERATOR, text, at: clock.now() }));
  core.controller.evaluate();
  return {
    schema: 1,
    done: true,
    text: `${account} is quarantined until claude-failover release-account ${account}.`,
  };
}

function letIn(account: string, options: HandlerOptions): ActionJson {
  const { store, core } = options;
  if (!isConfigured(account, options)) return unknownAccount(account);
  if ((store.accounts.get(account)?.quarantine ?? null) === null)
    return nothingToDo(`${account} is not quarantined.`);
  release(store, account, "released by the operator");
  core.controller.released(account);
  return { schema: 1, done: true, text: `${account} may be used again.` };
}

function isConfigured(account: string, { config }: HandlerOptions): boolean {
  return config.accounts.some(({ name }) => name === account);
}

function unknownAccount(account: string): ActionJson {
  return refused("CF_SWITCHOVER_UNKNOWN_ACCOUNT", `There is no account ${account}.`);
}
