import { readScreen } from "../claude/screen.ts";
import type { EventJson, SessionJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import { Narrator } from "./narrator.ts";
import { BACKGROUND_TOOL, backgroundPid } from "./background-work.ts";
import { checkRehearsal, type Prompted, type Round } from "./rehearsal-checks.ts";
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
const BOUND_MS = 45_000;
/** How long a rehearsed limit lasts; the client knows whole seconds only. */
const LIMIT_SECONDS = 3;
const ENTER_AGAIN_MS = 800;
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
  readonly #events: EventJson[] = [];
  readonly #prompts: Prompted[] = [];
  readonly #rounds: Round[] = [];
  readonly #end = new AbortController();
  #lastSeq = 0;

  constructor(world: World, options: RehearsalOptions) {
    this.#world = world;
    this.#options = options;
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
    await this.#until("every client is up", async () => {
      const up = this.#events.filter((event) => event.type === "session.started").length;
      return Promise.resolve(up >= names.length);
    });
    await Promise.all(
      names.map(async (name) => this.#prompt(name, `note ${name}: the word is heron`)),
    );
    await this.#until("every session has answered", async () => this.#allIdle(names));
    const before = await this.#sessions();
    const background = await this.#startBackgroundWork(names[0] ?? "");
    this.#say("the active account reaches its limit; all sessions are asked at once");
    await this.#round(names);
    for (let round = 0; round < this.#options.singleRounds; round++)
      await this.#round([names[round % names.length] ?? ""]);
    await this.#surviveTheDaemon(names);
    await this.#round(names);
    const after = await this.#sessions();
    const history = await this.#world.history();
    return checkRehearsal({
      world: this.#world,
      agent: this.#options.agent,
      before,
      after,
      background,
      events: this.#events,
      prompts: this.#prompts,
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
      names.map(async (name) => this.#prompt(name, `task ${round.number} of ${name}`)),
    );
    await this.#until(`${names.join(", ")} went on under ${to}`, async () => {
      const news = api.requests.slice(round.serial);
      const moved = names.every((name) =>
        news.some((each) => each.account === to && this.#isOf(each.sessionId, name)),
      );
      return moved && (await this.#allIdle(names));
    });
  }

  /** The account that the daemon will choose: the first that is free, waiting for one if need be. */
  async #nextAccount(from: string): Promise<string> {
    let next: string | undefined;
    await this.#until("another account is free", async () => {
      const { accounts } = await this.#world.status();
      next = accounts.find((each) => each.name !== from && each.exhaustedUntil === null)?.name;
      return next !== undefined;
    });
    return next ?? "";
  }

  #isOf(sessionId: string | null, name: string): boolean {
    return this.#prompts.some((each) => each.session === name && each.sessionId === sessionId);
  }

  /** The daemon dies; sessions answer meanwhile; another daemon finds them as they are. */
  async #surviveTheDaemon(names: readonly string[]): Promise<void> {
    this.#say("the daemon is killed (SIGKILL); the sessions go on without it");
    await this.#world.killDaemon();
    const { requests } = this.#world.api;
    const serial = requests.length;
    await Promise.all(
      names.map(async (name) => this.#prompt(name, `while nobody watches ${name}`)),
    );
    await this.#until("every session answers without a daemon", async () => {
      const news = requests.slice(serial).filter((each) => each.isTurn);
      return Promise.resolve(
        names.every((name) => news.some((each) => this.#isOf(each.sessionId, name))),
      );
    });
    await this.#startDaemon();
    await this.#until("the new daemon knows every session", async () => this.#allIdle(names));
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
    await this.#prompt(name, `background work of ${name}`);
    await this.#until("the background work runs", async () =>
      Promise.resolve(backgroundPid() !== null),
    );
    await this.#until(`${name} has answered`, async () => this.#allIdle([name]));
    api.setBehaviour(active, { kind: "answer" });
    const pid = backgroundPid();
    this.#say(`  ${name}: left a shell command running in the background (pid ${pid ?? "?"})`);
    return pid;
  }

  /** Types as an operator would: text, then Enter, once the composer is there. */
  async #prompt(name: string, text: string): Promise<void> {
    const { panes } = this.#world;
    const session = await this.#paneOf(name);
    let screen: string[] = [];
    const wait = this.#until(`${name} shows its composer`, async () => {
      screen = await panes.capture(session, { escapes: true });
      return readScreen(screen).composer.kind === "empty";
    });
    await wait.catch((thrown: unknown) => {
      throw withScreen(thrown, screen);
    });
    const sessionId = this.#sessionIds.get(name) ?? "";
    this.#prompts.push({ session: name, sessionId, text });
    await panes.pasteText(session, text);
    await this.#submit(session, text);
  }

  /** Presses Enter until the request is seen: a client that is busy or not quite up can miss it. */
  async #submit(paneId: string, text: string): Promise<void> {
    const { panes, api } = this.#world;
    const { clock } = this.#options;
    await panes.sendKeys(paneId, ["Enter"]);
    let pressedAt = clock.monotonic();
    await this.#until(`the client sends "${text}"`, async () => {
      if (api.requests.some((each) => each.isTurn && each.promptText.includes(text))) return true;
      if (clock.monotonic() - pressedAt < ENTER_AGAIN_MS) return false;
      const { composer } = readScreen(await panes.capture(paneId, { escapes: true }));
      if (composer.kind !== "draft" || composer.text !== text) return false;
      await panes.sendKeys(paneId, ["Enter"]);
      pressedAt = clock.monotonic();
      return false;
    });
  }

  readonly #sessionIds = new Map<string, string>();
  readonly #paneIds = new Map<string, string>();

  async #paneOf(name: string): Promise<string> {
    const known = this.#paneIds.get(name);
    if (known !== undefined) return known;
    const rows = await this.#world.panes.listPanes();
    for (const row of rows) this.#paneIds.set(row.sessionName, row.paneId);
    for (const { name: each, sessionId } of await this.#sessions())
      if (sessionId !== null) this.#sessionIds.set(each, sessionId);
    return this.#paneIds.get(name) ?? "";
  }

  async #sessions(): Promise<readonly SessionJson[]> {
    return (await this.#world.status()).sessions;
  }

  async #allIdle(names: readonly string[]): Promise<boolean> {
    const sessions = await this.#sessions();
    return names.every((name) => sessions.find((each) => each.name === name)?.state === "idle");
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const { clock, signal } = this.#options;
    const end = clock.monotonic() + BOUND_MS;
    while (!(await isSo())) {
      signal.throwIfAborted();
      if (clock.monotonic() > end)
        throw new FailoverError(
          "CF_DRILL_STUCK",
          `The rehearsal waited ${BOUND_MS / 1000} s in vain: ${what}.`,
        );
      await clock.sleep(20, signal);
    }
  }

  #say(text: string): void {
    this.#narrator.say(text);
  }
}

/** What a stuck session shows is the first thing one wants to know. */
function withScreen(thrown: unknown, screen: readonly string[]): unknown {
  if (!(thrown instanceof FailoverError)) return thrown;
  const shown = screen.filter((line) => line.trim() !== "").slice(-8);
  const message = [`${thrown.message} Its screen:`, ...shown].join("\n");
  return new FailoverError(thrown.code, message, { hint: thrown.hint, cause: thrown });
}
