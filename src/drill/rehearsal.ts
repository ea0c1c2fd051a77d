import type { EventJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import { Narrator } from "./narrator.ts";
import { BACKGROUND_TOOL, backgroundPid } from "./background-work.ts";
import { Operator } from "./operator.ts";
import { checkRehearsal, type Round } from "./rehearsal-checks.ts";
import type { RehearsalReport } from "./rehearsal-report.ts";
import { makeWorld, type World, type WorldOptions } from "./world.ts";

export interface RehearsalOptions {
  readonly clock: Clock;
  readonly client: WorldOptions["client"];
  readonly path: string;
  /** What it is, for the report: `Claude Code 2.1.328`, `stand-in agent`. */
  readonly agent: string;
  readonly write: (line: string) => void;
  /** How many times one session alone is driven into a limit. */
  readonly singleRounds: number;
  /**
   * How many made-up accounts; 2 by default. A client before 2.1.240 tells a reset to the minute
   * only, so that with two of them every round would wait for a minute to pass.
   */
  readonly accounts?: number;
  readonly signal: AbortSignal;
  /** Called with the world before it is taken down; used to keep it. */
  readonly beforeEnd?: (world: World) => Promise<void>;
}

const DEDICATED = ["ccl-1-api", "ccl-2-web"];
const POOL = { prefix: "ccl-auto-", count: 1 };
/** How long a rehearsed limit lasts; the client knows whole seconds only. */
const LIMIT_SECONDS = 3;
/** Refusals of a whole fleet wait until every session has asked. */
const HOLD_BACK_MS = 1_000;

/** Rehearses failover: real sessions, made-up accounts, a loopback Messages API. Takes a minute. */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const world = await makeWorld({
    accounts: 2,
    ...options,
    dedicated: DEDICATED,
    pool: POOL,
  });
  const rehearsal = new Rehearsal(world, options);
  try {
    return await rehearsal.run();
  } finally {
    rehearsal.end();
    await options.beforeEnd?.(world);
    await world.dispose();
  }
}

class Rehearsal {
  readonly #world: World;
  readonly #options: RehearsalOptions;
  readonly #narrator: Narrator;
  readonly #operator: Operator;
  readonly #events: EventJson[] = [];
  readonly #rounds: Round[] = [];
  readonly #end = new AbortController();
  #lastSeq = 0;

  constructor(world: World, options: RehearsalOptions) {
    this.#world = world;
    this.#options = options;
    this.#operator = new Operator(world, options);
    this.#narrator = new Narrator(options.clock, options.write);
  }

  end(): void {
    this.#end.abort();
  }

  async run(): Promise<RehearsalReport> {
    const { api, sandbox } = this.#world;
    this.#say(
      `sandbox ${sandbox.root}, ${sandbox.accounts.length} made-up accounts, ${this.#options.agent}`,
    );
    for (const { name } of sandbox.accounts) api.setBehaviour(name, { kind: "answer" });
    await this.#startDaemon();
    const names = [...DEDICATED, `${POOL.prefix}1`];
    await this.#operator.until("every client is up", async () => {
      const up = this.#events.filter((event) => event.type === "session.started").length;
      return Promise.resolve(up >= names.length);
    });
    await Promise.all(
      names.map(async (name) => this.#operator.prompt(name, `note ${name}: the word is heron`)),
    );
    await this.#operator.until("every session has answered", async () =>
      this.#operator.allIdle(names),
    );
    const before = await this.#operator.sessions();
    const background = await this.#startBackgroundWork(names[0] ?? "");
    this.#say("the active account reaches its limit; all sessions are asked at once");
    await this.#round(names);
    for (let round = 0; round < this.#options.singleRounds; round++)
      await this.#round([names[round % names.length] ?? ""]);
    await this.#surviveTheDaemon(names);
    await this.#round(names);
    const after = await this.#operator.sessions();
    const history = await this.#world.history();
    return checkRehearsal({
      world: this.#world,
      agent: this.#options.agent,
      before,
      after,
      background,
      events: this.#events,
      prompts: this.#operator.prompts,
      rounds: this.#rounds,
      entries: history.entries,
    });
  }

  /** The active account is spent: everybody named is asked, refused, moved, and goes on. */
  async #round(names: readonly string[]): Promise<void> {
    const { api } = this.#world;
    const { clock } = this.#options;
    const from = (await this.#world.status()).activeAccount ?? "";
    const to = await this.#nextAccount(from);
    api.setBehaviour(to, { kind: "answer" });
    const resetsAt = Math.floor(clock.now() / 1000) + LIMIT_SECONDS + 1;
    const heldBackMs = names.length > 1 ? HOLD_BACK_MS : 0;
    const limit = { kind: "limit", type: "five_hour", resetsAt } as const;
    api.setBehaviour(
      from,
      heldBackMs === 0 ? limit : { kind: "slow", ms: heldBackMs, next: limit },
    );
    const number = this.#rounds.length + 1;
    const round = { from, to, names, number, serial: api.requests.length, heldBackMs };
    this.#rounds.push(round);
    await Promise.all(
      names.map(async (name) => this.#operator.prompt(name, `task ${round.number} of ${name}`)),
    );
    await this.#operator.until(`${names.join(", ")} went on under ${to}`, async () => {
      const news = api.requests.slice(round.serial);
      const moved = names.every((name) =>
        news.some((each) => each.account === to && this.#operator.isOf(each.sessionId, name)),
      );
      return moved && (await this.#operator.allIdle(names));
    });
  }

  /** The account that the daemon will choose: the first that is free, waiting for one if need be. */
  async #nextAccount(from: string): Promise<string> {
    let next: string | undefined;
    await this.#operator.until("another account is free", async () => {
      const { accounts } = await this.#world.status();
      next = accounts.find((each) => each.name !== from && each.exhaustedUntil === null)?.name;
      return next !== undefined;
    });
    return next ?? "";
  }

  /** The daemon dies; sessions answer meanwhile; another daemon finds them as they are. */
  async #surviveTheDaemon(names: readonly string[]): Promise<void> {
    this.#say("the daemon is killed (SIGKILL); the sessions go on without it");
    await this.#world.killDaemon();
    const { requests } = this.#world.api;
    const serial = requests.length;
    await Promise.all(
      names.map(async (name) => this.#operator.prompt(name, `while nobody watches ${name}`)),
    );
    await this.#operator.until("every session answers without a daemon", async () => {
      const news = requests.slice(serial).filter((each) => each.isTurn);
      return Promise.resolve(
        names.every((name) => news.some((each) => this.#operator.isOf(each.sessionId, name))),
      );
    });
    await this.#startDaemon();
    await this.#operator.until("the new daemon knows every session", async () =>
      this.#operator.allIdle(names),
    );
  }

  async #startDaemon(): Promise<void> {
    await this.#world.startDaemon();
    this.#follow().catch(() => undefined);
  }

  async #follow(): Promise<void> {
    for await (const event of this.#world.events(this.#end.signal)) {
      if (event.seq <= this.#lastSeq) continue;
      this.#lastSeq = event.seq;
      this.#events.push(event);
      this.#narrator.event(event);
    }
  }

  /** One session leaves a shell command running; it must outlive every flip. */
  async #startBackgroundWork(name: string): Promise<number | null> {
    const { api } = this.#world;
    const active = (await this.#world.status()).activeAccount ?? "";
    api.setBehaviour(active, { kind: "answer", tool: BACKGROUND_TOOL });
    await this.#operator.prompt(name, `background work of ${name}`);
    await this.#operator.until("the background work runs", async () =>
      Promise.resolve(backgroundPid() !== null),
    );
    await this.#operator.until(`${name} has answered`, async () => this.#operator.allIdle([name]));
    api.setBehaviour(active, { kind: "answer" });
    const pid = backgroundPid();
    this.#say(`  ${name}: left a shell command running in the background (pid ${pid ?? "?"})`);
    return pid;
  }

  #say(text: string): void {
    this.#narrator.say(text);
  }
}
