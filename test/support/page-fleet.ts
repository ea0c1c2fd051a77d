import type {
  AccountJson,
  ActionJson,
  SessionJson,
  StatusJson,
  SwitchoverJson,
} from "../../src/api/contract.ts";
import type { UsageJson } from "../../src/api/usage-contract.ts";
import type { DispatchHandlers } from "../../src/api/dispatch-routes.ts";
import type { PolicyHandlers } from "../../src/api/policy-routes.ts";
import type { ApiHandlers } from "../../src/api/server.ts";
import type { ForensicHistoryJson } from "../../src/api/why-contract.ts";
import { FakeHandlers, STATUS } from "./fake-handlers.ts";

const NOW = Date.now();
const HOUR = 3_600_000;
const time = (ms: number): string => new Date(NOW + ms).toISOString();

/** What must stay text wherever it is shown. */
export const HOSTILE = '<img src=x onerror="document.title=1">';

function account(name: string, state: AccountJson["state"], used: [number, number]): AccountJson {
  const isSpent = state === "exhausted";
  return {
    name,
    home: `/home/op/.claude-${name}`,
    state,
    slots: state === "active" ? ["shared"] : [],
    limitations: [],
    windows: [
      {
        window: "fiveHour",
        usedPercent: used[0],
        resetsAt: time(2.4 * HOUR),
        forecast: isSpent ? null : { percentPerHour: 21, limitAt: time(1.7 * HOUR) },
      },
      { window: "weekly", usedPercent: used[1], resetsAt: time(70 * HOUR), forecast: null },
    ],
    exhaustedUntil: isSpent ? time(2.4 * HOUR) : null,
    identity: { email: `${name}@example.org`, subscription: "max" },
    conflicts: isSpent ? [`The row says that fiveHour is spent, the status line 40 % used.`] : [],
  };
}

function session(name: string, state: SessionJson["state"], more: Partial<SessionJson> = {}) {
  const [base] = STATUS.sessions;
  return {
    ...base,
    name,
    kind: name.includes("auto") ? "pool" : "dedicated",
    state,
    slot: "shared",
    account: "home",
    sessionId: "6151b159-be8b-46b8-92ba-1889cbfdfe7a",
    cwd: "/home/op/src/api",
    pid: 4711,
    claudeVersion: "2.1.328",
    model: "opus",
    strategy: "hot",
    since: time(-0.4 * HOUR),
    task: null,
    note: null,
    ...more,
  } as SessionJson;
}

const ENTRY: SwitchoverJson = {
  id: 12,
  cause: "failover",
  slot: "shared",
  from: "work",
  to: "home",
  startedAt: time(-3 * HOUR),
  endedAt: time(-3 * HOUR + 1_900),
  outcome: "committed",
  trigger: {
    session: "ccl-1-api",
    class: "usageLimit",
    pattern: "hook:rate_limit+text",
    snippet: `You've hit your limit ${HOSTILE}`,
    evidence: [],
  },
  steps: [],
  sessions: ["ccl-1-api", "ccl-auto-11"].map((name) => ({
    name,
    strategy: "hot",
    sessionId: null,
    outcome: "continued",
    continuedMs: 240,
    proof: "prompt 7f3a",
  })),
};

type Asks = Pick<StatusJson, "pinned" | "proposal">;

/** A fleet with everything on the page: a spent account, every state, a switchover, a week of usage. */
export class PageFleet extends FakeHandlers {
  /** What an operator can answer, until it is answered. */
  asks: Asks = { pinned: null, proposal: null };
  override readonly areas: ApiHandlers = {
    status: this,
    events: this,
    control: this,
    tasks: { tasks: () => ({ lastEvent: this.log.length }) } as unknown as DispatchHandlers,
    policy: {
      confirm: async (asked: object) =>
        Promise.resolve(this.#answered({ ...asked, confirm: true }, { proposal: null })),
      decline: (asked: object) => this.#answered({ ...asked, decline: true }, { proposal: null }),
      failback: async (options: unknown) =>
        Promise.resolve(this.#answered(options, { pinned: null })),
    } as unknown as PolicyHandlers,
  };

  #answered(asked: unknown, after: Partial<Asks>): ActionJson {
    this.asked.push(asked);
    this.asks = { ...this.asks, ...after };
    return { schema: 1, done: true, text: "Done as you say." };
  }

  override status(): StatusJson {
    return {
      ...STATUS,
      daemon: { ...STATUS.daemon, version: "0.1.0", startedAt: time(-50 * HOUR) },
      activeAccount: "home",
      accounts: [
        account("work", "exhausted", [100, 71]),
        account("home", "active", [58, 34]),
        account("spare", "standby", [4, 12]),
      ],
      sessions: [
        session("ccl-1-api", "working"),
        session("ccl-2-web", "asking", { note: { code: "asking", text: "Allow rm -r build?" } }),
        session("ccl-auto-11", "working", { task: 41 }),
        session("ccl-auto-12", "idle"),
        session("ccl-3-docs", "held"),
        session("ccl-4", "idle", { cwd: `/tmp/${HOSTILE}` }),
      ],
      decision: {
        code: "healthy",
        text: "no refusal stands against home",
        at: time(-0.2 * HOUR),
      },
      lastSwitchover: ENTRY,
      ...this.asks,
    };
  }

  override usage(): UsageJson {
    const points = (scale: number) =>
      Array.from(
        { length: 140 },
        (_, at) =>
          [NOW - (139 - at) * 600_000, Math.min(100, ((at * scale) % 30) * 3.3 + 1)] as const,
      );
    const accounts = [1, 0.7, 0.2].map((scale, index) => ({
      name: ["work", "home", "spare"][index] ?? "",
      windows: [{ window: "fiveHour" as const, points: points(scale) }],
    }));
    return { schema: 1, accounts };
  }

  override history({ id }: { id: number | null }): ForensicHistoryJson {
    const forensics = {
      version: "0.1.0",
      madeAt: time(0),
      id: 12,
      link: {
        slot: "/home/op/.claude",
        before: "/home/op/.claude-work",
        after: "/home/op/.claude-home",
      },
      homes: { from: "/home/op/.claude-work", to: "/home/op/.claude-home" },
      stage: "committed",
      timings: {
        totalMs: 1_900,
        evidenceToFlipMs: 62,
        steps: [
          { step: "plan", afterMs: 0, tookMs: 3 },
          { step: "prepare", afterMs: 3, tookMs: 9 },
          { step: "lock", afterMs: 12, tookMs: 6 },
          { step: "flip", afterMs: 18, tookMs: 4 },
          { step: "verify", afterMs: 22, tookMs: 11 },
          { step: "continue", afterMs: 40, tookMs: 1_850 },
        ],
      },
      proofs: [],
      evidence: [],
      decisions: [],
      events: [],
    };
    return { schema: 1, entries: [ENTRY], forensics: id === null ? null : forensics };
  }

  override async switchover(options: { to: string | null; dryRun: boolean }): Promise<ActionJson> {
    this.asked.push(options);
    const steps = ["plan", "prepare", "lock", "flip", "verify", "continue"].map((step) => ({
      step,
      text: `what ${step} does`,
    }));
    const text = options.dryRun ? "It would take these steps." : "Switchover 13 is committed.";
    return Promise.resolve({
      schema: 1,
      done: true,
      text,
      ...(options.dryRun ? { steps } : {}),
    });
  }
}

const ASKED = {
  cause: "failover",
  from: "home",
  to: "spare",
  text: `home is at 58 % ${HOSTILE}`,
  at: time(0),
  until: time(0.2 * HOUR),
} as const;

/** The same where a move waits for an answer, and the active account is pinned. */
export class AskingFleet extends PageFleet {
  override asks: Asks = { pinned: "home", proposal: ASKED };
}

/** The same where all that is about the slot of one session. */
export class OwnSlotFleet extends AskingFleet {
  override asks: Asks = { pinned: "spare", proposal: { ...ASKED, from: "spare", to: "home" } };

  override status(): StatusJson {
    const { pinned, proposal, ...status } = super.status();
    const shared = { name: "shared", path: "/home/op/.claude", account: status.activeAccount };
    const web = { name: "web", path: "/s/web", account: "spare", sessions: ["ccl-2-web"] };
    const nothing = { sessions: [], pinned: null, proposal: null, decision: null };
    const isWeb = ({ name }: { name: string }): boolean => name === "ccl-2-web";
    const slot = { slot: "web", account: "home", nextAccount: "spare" };
    return {
      ...status,
      accounts: status.accounts.map((each) =>
        each.name === "spare" ? { ...each, slots: ["web"] } : each,
      ),
      sessions: status.sessions.map((each) => (isWeb(each) ? { ...each, ...slot } : each)),
      pinned: null,
      proposal: null,
      slots: [
        { ...nothing, ...shared },
        { ...nothing, ...web, pinned, proposal },
      ],
    };
  }
}

const LONG_WORD = `/home/op/${"longname".repeat(16)}`;

/** The same where a path without a break stands wherever one may. */
export class LongWordedFleet extends PageFleet {
  override status(): StatusJson {
    const { accounts, ...status } = super.status();
    const held = {
      code: "CF_SWITCHOVER_HELD",
      since: time(0),
      message: LONG_WORD,
      hint: LONG_WORD,
    };
    const decision = { code: "healthy", text: LONG_WORD, at: time(0) };
    const note = { code: "asking" as const, text: LONG_WORD };
    const proposal = {
      cause: "failover" as const,
      from: LONG_WORD,
      to: LONG_WORD,
      text: LONG_WORD,
      at: time(0),
      until: time(HOUR),
    };
    return {
      ...status,
      held,
      proposal,
      pinned: LONG_WORD,
      decision,
      accounts: accounts.map((each) => ({
        ...each,
        home: LONG_WORD,
        identity: { email: `${LONG_WORD}@example.org`, subscription: "max" },
        limitations: [{ code: "aboveCeiling", text: LONG_WORD }],
      })),
      sessions: status.sessions.map((each) => ({ ...each, cwd: LONG_WORD, note })),
    };
  }

  override history(options: { id: number | null }): ForensicHistoryJson {
    const told = super.history(options);
    const link = { slot: LONG_WORD, before: LONG_WORD, after: LONG_WORD };
    const trigger = ENTRY.trigger === null ? null : { ...ENTRY.trigger, snippet: LONG_WORD };
    const entries = told.entries.map((entry) => ({ ...entry, trigger }));
    const forensics = told.forensics === null ? null : { ...told.forensics, link };
    return { ...told, entries, forensics };
  }
}
