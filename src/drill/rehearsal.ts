import { utimesSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../api/client.ts";
import type { EventJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import { Narrator } from "./narrator.ts";
import { BACKGROUND_TOOL, backgroundPid } from "./background-work.ts";
import { Operator } from "./operator.ts";
import { refreshRound } from "./refresh-round.ts";
import { checkRehearsal, type Round, type RoundKind } from "./rehearsal-checks.ts";
import type { Check, RehearsalReport } from "./rehearsal-report.ts";
import { DEFAULT_SHAPE, type Shape } from "./shape.ts";
import { makeWorld, type World, type WorldOptions } from "./world.ts";

export interface RehearsalOptions {
  readonly clock: Clock;
  readonly client: WorldOptions["client"];
  readonly path: string;
  /** What it is, for the report: `Claude Code 2.1.328`, `stand-in agent`. */
  readonly agent: string;
  readonly write: (line: string) => void;
  /** The limits that are met, in order. */
  readonly rounds: readonly RoundKind[];
  /** The round before which the daemon is killed; without it, none. */
  readonly killBefore?: number;
  /** A client refreshes its login while the slot is to be flipped; of the real client only. */
  readonly refresh?: boolean;
  /** `hot` by default. */
  readonly strategy?: "hot" | "relaunch";
  readonly shape?: Shape;
  /**
   * How many made-up accounts; those of the shape by default. A client before 2.1.240 tells a reset
   * to the minute only, so that with two of them every round would wait for a minute to pass.
   */
  readonly accounts?: number;
  /** How long a limit lasts; 3 s by default. The client knows whole seconds only. */
  readonly limitSeconds?: number;
  readonly signal: AbortSignal;
  /** Called with the world before it is taken down; used to keep it. */
  readonly beforeEnd?: (world: World) => Promise<void>;
}

const POOL_PREFIX = "ccl-auto-";
/** With fewer sessions there is no pool. */
const POOL_FROM = 3;
const WORK = ["api", "web"];
const ROUND_WORDS: Record<RoundKind, string> = {
  fleet: "the active account reaches its limit; all sessions are asked at once",
  single: "the active account reaches its limit; one session is asked",
  equalTimes: "a limit, and both accounts' logins have the same modification time",
  weekly: "a weekly limit, after which the client opens a menu",
};
const LIMIT_SECONDS = 3;
/** The client opens a menu only for a limit that lasts longer than a day (measured, 2.1.328). */
const WEEKLY_SECONDS = 3 * 86_400;
const MENU_MS = 8_000;
/** Refusals of a whole fleet wait until every session has asked. */
const HOLD_BACK_MS = 1_000;

/** Rehearses failover: real sessions, made-up accounts, a loopback Messages API. Takes a minute. */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const { shape = DEFAULT_SHAPE, rounds } = options;
  const weekly = rounds.filter((kind) => kind === "weekly").length;
  const dedicated = dedicatedNames(shape.sessions);
  const world = await makeWorld({
    ...options,
    // One that is spent for days takes over no more.
    accounts: (options.accounts ?? shape.accounts) + weekly,
    dedicated,
    pool: shape.sessions < POOL_FROM ? null : { prefix: POOL_PREFIX, count: 1 },
  });
  const names = shape.sessions < POOL_FROM ? dedicated : [...dedicated, `${POOL_PREFIX}1`];
  const rehearsal = new Rehearsal(world, options, names);
  try {
    return await rehearsal.run();
  } finally {
    rehearsal.end();
    await options.beforeEnd?.(world);
    await world.dispose();
  }
}

/** The last one is of the pool, where there are enough of them. */
function dedicatedNames(sessions: number): string[] {
  const count = sessions < POOL_FROM ? sessions : sessions - 1;
  return Array.from({ length: count }, (_, index) => `ccl-${index + 1}-${WORK[index] ?? "more"}`);
}

class Rehearsal {
  readonly #world: World;
  readonly #options: RehearsalOptions;
  readonly #names: readonly string[];
  readonly #narrator: Narrator;
  readonly #operator: Operator;
  readonly #events: EventJson[] = [];
  readonly #rounds: Round[] = [];
  readonly #end = new AbortController();
  #lastSeq = 0;
  #menuSeen = false;

  constructor(world: World, options: RehearsalOptions, names: readonly string[]) {
    this.#world = world;
    this.#options = options;
    this.#names = names;
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
    const names = this.#names;
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
    const { strategy = "hot", rounds, killBefore, agent } = this.#options;
    // What a client left running does not outlive it.
    const background =
      strategy === "hot" ? await this.#startBackgroundWork(names[0] ?? "") : undefined;
    for (const [index, kind] of rounds.entries()) {
      if (index === killBefore) await this.#surviveTheDaemon(names);
      await this.#round(kind, kind === "fleet" ? names : [names[index % names.length] ?? ""]);
    }
    const refresh = await this.#refresh();
    const after = await this.#operator.sessions();
    const history = await this.#world.history();
    return checkRehearsal({
      world: this.#world,
      agent,
      strategy,
      before,
      after,
      ...(background === undefined ? {} : { background }),
      refresh,
      menuSeen: this.#menuSeen,
      events: this.#events,
      prompts: this.#operator.prompts,
      rounds: this.#rounds,
      entries: history.entries,
    });
  }

  async #refresh(): Promise<Check | null> {
    const { refresh = false, client, clock } = this.#options;
    if (!refresh || client.kind !== "claude") return null;
    this.#say("a client refreshes its login while the slot is to be flipped");
    const to = await this.#nextAccount((await this.#world.status()).activeAccount ?? "");
    this.#world.api.setBehaviour(to, { kind: "answer" });
    return refreshRound({ world: this.#world, command: client.command, to, clock });
  }

  /** The active account is spent: everybody named is asked, refused, moved, and goes on. */
  async #round(kind: RoundKind, names: readonly string[]): Promise<void> {
    const { api } = this.#world;
    const { clock } = this.#options;
    this.#say(ROUND_WORDS[kind]);
    const from = (await this.#world.status()).activeAccount ?? "";
    await this.#nextAccount(from);
    // Whichever the daemon will choose.
    for (const { name } of this.#world.sandbox.accounts) api.setBehaviour(name, { kind: "answer" });
    const { limitSeconds = LIMIT_SECONDS } = this.#options;
    const lasts = kind === "weekly" ? WEEKLY_SECONDS : limitSeconds;
    const resetsAt = Math.floor(clock.now() / 1000) + lasts + 1;
    const heldBackMs = names.length > 1 ? HOLD_BACK_MS : 0;
    const type = kind === "weekly" ? "seven_day" : "five_hour";
    const limit = { kind: "limit", type, resetsAt } as const;
    if (kind === "equalTimes") this.#equalTimes();
    api.setBehaviour(
      from,
      heldBackMs === 0 ? limit : { kind: "slow", ms: heldBackMs, next: limit },
    );
    const number = this.#rounds.length + 1;
    const round = { kind, from, names, number, serial: api.requests.length, heldBackMs };
    // Observed only, until the menu was seen: else it is closed before anybody can look.
    if (kind === "weekly") await this.#control("pause");
    await Promise.all(
      names.map(async (name) => this.#operator.prompt(name, `task ${round.number} of ${name}`)),
    );
    if (kind === "weekly") {
      this.#menuSeen = await this.#operator.sees(names[0] ?? "", "limitMenu", MENU_MS);
      await this.#control("resume");
    }
    await this.#operator.until(`${names.join(", ")} went on under another account`, async () => {
      // A title that is asked for beside the turn says nothing of the turn.
      const news = api.requests.slice(round.serial).filter((each) => each.isTurn);
      const moved = names.every((name) =>
        news.some((each) => each.account !== from && this.#operator.isOf(each.sessionId, name)),
      );
      return moved && (await this.#isOver());
    });
    this.#rounds.push({ ...round, to: (await this.#world.status()).activeAccount ?? "" });
  }

  async #control(verb: "pause" | "resume"): Promise<void> {
    const { socket } = this.#world;
    await ask({ socket, method: "POST", path: `/v1/${verb}`, body: {} });
  }

  /** Nobody is being moved any more: a client that is ended must not be typed into. */
  async #isOver(): Promise<boolean> {
    const { lastSwitchover } = await this.#world.status();
    const isCommitted = lastSwitchover?.outcome === "committed";
    return isCommitted && (await this.#operator.allIdle(this.#names));
  }

  /** Logins written in the same instant: the client would not notice a flip (client facts 2). */
  #equalTimes(): void {
    const at = new Date(Math.floor(this.#options.clock.now() / 1000) * 1000);
    for (const { home } of this.#world.sandbox.accounts)
      utimesSync(join(home, ".credentials.json"), at, at);
  }

  /** The account that the daemon will choose: the first that is free, waiting for one if need be. */
  async #nextAccount(from: string): Promise<string> {
    let next: string | undefined;
    await this.#operator.until("another account is free", async () => {
      const { accounts } = await this.#world.status();
      next = accounts.find(
        (each) => each.name !== from && each.limitations.every(({ code }) => code !== "exhausted"),
      )?.name;
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
