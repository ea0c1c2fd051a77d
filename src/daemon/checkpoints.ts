import { redactText } from "../api/redact.ts";
import type { HookSignal } from "../claude/hooks.ts";
import { readLastTool, type ToolCall } from "../claude/last-tool.ts";
import { turnOfLoop, within, type Clock } from "../clock.ts";
import type { Env } from "../config/places.ts";
import type { CheckpointCause, NewCheckpoint } from "../store/checkpoints.ts";
import type { Store } from "../store/store.ts";
import type { Panes } from "../tmux/panes.ts";
import { nudgeText } from "../sessions/nudge-text.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import { GitStates, type GitState } from "./git-state.ts";

export interface CheckpointsDeps {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly clock: Clock;
  readonly panes: Pick<Panes, "capture">;
  readonly env: Env;
  /** HOME, absolute. */
  readonly home: string;
  /** Resolves when no switchover is being carried out. */
  readonly settled: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onFault: (what: string, thrown: unknown) => void;
}

/** So many sessions are looked at side by side, and stored in one commit at most. */
const AT_A_TIME = 20;
/** A switchover that waits for one client does not keep the others' work from being looked at. */
const GIT_WAITS_MS = 10_000;
const SCREEN_LINES = 12;
const MOST_LINE = 200;
const MOST_INPUT = 300;

/**
 * Keeps where each session's work stood: at the end of every turn, and of those that are in the middle
 * of one before a flip and when their client ends. Nothing waits for it: it looks in the background,
 * at some sessions at a time, and stores each whole or not at all.
 */
export class Checkpoints {
  readonly #deps: CheckpointsDeps;
  /** What is to be looked at, in order; a session once. */
  readonly #due = new Map<string, CheckpointCause>();
  /** What runs in the background of each session. */
  readonly #background = new Map<string, readonly string[]>();
  /** Where the client said last that it works. */
  readonly #cwd = new Map<string, string>();
  readonly #git: GitStates;
  /** Whole, but not stored yet. */
  readonly #ready: NewCheckpoint[] = [];
  /** How many wait for what git says. */
  #asking = 0;
  /** Somebody waits for one of them. */
  #isUrgent = false;
  #running = 0;

  constructor(deps: CheckpointsDeps) {
    this.#deps = deps;
    this.#git = new GitStates(deps);
    const { store, signal, fleet } = deps;
    const subscription = store.subscribe(({ type, data }) => {
      if (type === "switchover.started") this.#beforeFlip();
      if (type === "session.dead") this.#want(nameIn(data), "death");
    });
    signal.addEventListener("abort", () => subscription[Symbol.dispose](), { once: true });
    fleet.onLeft((name) => [this.#background, this.#cwd].forEach((each) => each.delete(name)));
  }

  /** What a session's hook told, after the fleet took it in. */
  heard(session: string, signal: HookSignal): void {
    if (signal.agentId !== null) return;
    if (signal.cwd !== "") this.#cwd.set(session, signal.cwd);
    if (signal.kind === "sessionStarted") this.#background.delete(session);
    if (signal.kind === "turnEnded") this.#background.set(session, signal.background);
    if (signal.kind === "turnEnded") this.#want(session, "turnEnd");
    if (signal.kind === "turnRefused") this.#want(session, "refusal");
  }

  /** An idle session has its checkpoint from the end of its turn. */
  #beforeFlip(): void {
    for (const { name, live, cutOff } of this.#deps.fleet.list())
      if (cutOff !== null || ["working", "limited", "asking"].includes(live.state))
        this.#want(name, "flip");
  }

  #want(session: string, cause: CheckpointCause): void {
    this.#due.set(session, cause);
    this.#start();
  }

  #start(): void {
    while (this.#running < AT_A_TIME && this.#due.size > 0) {
      this.#running++;
      void this.#work().finally(() => {
        this.#running--;
        if (!this.#deps.signal.aborted) this.#start();
      });
    }
  }

  async #work(): Promise<void> {
    const { signal, onFault } = this.#deps;
    const failed = (thrown: unknown): void => {
      if (!signal.aborted) onFault("checkpoint", thrown);
    };
    // What is told comes first: a flip is decided and made in the same turn.
    await turnOfLoop();
    for (const [session, cause] of this.#due) {
      this.#due.delete(session);
      if (signal.aborted) return;
      await this.#take(session, cause).catch(failed);
      await this.#store().catch(failed);
    }
  }

  /** A commit costs more than what is in it: those that git is asked about one after the other share one. */
  async #store(): Promise<void> {
    const { store, signal } = this.#deps;
    const canWait = this.#asking > 0 && this.#ready.length < AT_A_TIME && !this.#isUrgent;
    if (canWait || this.#ready.length === 0 || signal.aborted) return;
    const ready = this.#ready.splice(0);
    this.#isUrgent = false;
    await store.together(() => ready.forEach((each) => store.checkpoints.add(each)));
  }

  async #take(name: string, cause: CheckpointCause): Promise<void> {
    const { fleet, store, clock, signal } = this.#deps;
    const session = fleet.get(name);
    if (session === undefined) return;
    const at = clock.now();
    const cwd = this.#cwd.get(name) ?? session.cwd;
    const [screen, tool, git] = await Promise.all([
      this.#screenOf(session),
      this.#toolOf(session, cause),
      this.#gitOf(session, cwd),
    ]);
    if (signal.aborted) return;
    this.#isUrgent ||= session.strategy === "relaunch";
    this.#ready.push({
      session: name,
      at,
      cause,
      sessionId: session.live.sessionId,
      task: store.tasks.activeOf(name)?.id ?? null,
      cwd,
      git: git === null ? null : this.#shown(git),
      tool,
      screen,
      background: (this.#background.get(name) ?? []).map((text) => this.#words(text, MOST_LINE)),
    });
  }

  /**
   * Starting git takes the cores with which clients go on after a flip (measured: 20 to 45 ms of our
   * share), so it waits for that. One that is relaunched is told what git said: there it cannot wait.
   */
  async #gitOf({ strategy }: FleetSession, cwd: string): Promise<GitState | null> {
    const { settled, clock, signal } = this.#deps;
    if (strategy === "hot") await within(settled(), GIT_WAITS_MS, clock);
    signal.throwIfAborted();
    this.#asking++;
    return this.#git.of(cwd).finally(() => this.#asking--);
  }

  #shown({ head, branch, dirty }: GitState): NewCheckpoint["git"] {
    return { head, branch: branch === null ? null : this.#words(branch, MOST_LINE), dirty };
  }

  async #toolOf({ live }: FleetSession, cause: CheckpointCause): Promise<ToolCall | null> {
    const tool = live.transcriptPath === null ? null : await readLastTool(live.transcriptPath);
    if (tool === null) return null;
    // Rows come after the hook of a turn's end, in which nothing runs any more.
    const isOpen = tool.isOpen && cause !== "turnEnd";
    return { name: tool.name, input: this.#words(tool.input, MOST_INPUT), isOpen };
  }

  /** A pane that is gone has no screen; that is no reason to keep nothing. */
  async #screenOf({ paneId }: FleetSession): Promise<string[]> {
    if (paneId === null) return [];
    const lines = await this.#deps.panes
      .capture(paneId, { escapes: false })
      .catch((): string[] => []);
    return lines
      .map((line) => line.trimEnd())
      .filter((line) => line !== "")
      .slice(-SCREEN_LINES)
      .map((line) => this.#words(line, MOST_LINE));
  }

  /** Redacted before it is cut, so that no half of a secret stays. */
  #words(text: string, most: number): string {
    const { home } = this.#deps;
    const told = redactText(text, { home });
    return told.length > most ? `${told.slice(0, most)}…` : told;
  }
}

function nameIn(data: unknown): string {
  return typeof data === "object" && data !== null && "session" in data ? String(data.session) : "";
}

/**
 * What to type into a session whose client was ended and resumed: `configured`, with the tool that it
 * was ended in, where the last checkpoint is of the turn that is to go on.
 */
export function nudgeAfterResume(
  { name, live }: Pick<FleetSession, "name" | "live">,
  store: Pick<Store, "checkpoints">,
  configured: string,
): string {
  const last = store.checkpoints.latest(name);
  const isOfThisTurn =
    last?.sessionId === live.sessionId && (last?.at ?? 0) >= (live.lastPrompt?.at ?? 0);
  return nudgeText(isOfThisTurn ? last : null, configured);
}
