import type { SessionJson } from "../api/contract.ts";
import { readScreen, type Dialog } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import type { World } from "./world.ts";

/** A prompt that was typed. */
export interface Prompted {
  readonly session: string;
  readonly sessionId: string;
  readonly text: string;
}

const BOUND_MS = 45_000;
const ENTER_AGAIN_MS = 800;

/** Does in a world what a person at the terminals would: types prompts, waits, looks. */
export class Operator {
  /** Everything it typed. */
  readonly prompts: Prompted[] = [];
  readonly #world: World;
  readonly #options: { readonly clock: Clock; readonly signal: AbortSignal };
  readonly #sessionIds = new Map<string, string>();
  readonly #paneIds = new Map<string, string>();

  constructor(world: World, options: { readonly clock: Clock; readonly signal: AbortSignal }) {
    this.#world = world;
    this.#options = options;
  }

  /** Types as an operator would: text, then Enter, once the composer is there. */
  async prompt(name: string, text: string): Promise<void> {
    const { panes } = this.#world;
    const session = await this.#paneOf(name);
    let screen: string[] = [];
    const wait = this.until(`${name} shows its composer`, async () => {
      screen = await panes.capture(session, { escapes: true });
      return readScreen(screen).composer.kind === "empty";
    });
    await wait.catch((thrown: unknown) => {
      throw withScreen(thrown, screen);
    });
    const sessionId = this.#sessionIds.get(name) ?? "";
    this.prompts.push({ session: name, sessionId, text });
    await panes.pasteText(session, text);
    await this.#submit(session, text);
  }

  /** Presses Enter until the request is seen: a client that is busy or not quite up can miss it. */
  async #submit(paneId: string, text: string): Promise<void> {
    const { panes, api } = this.#world;
    const { clock } = this.#options;
    await panes.sendKeys(paneId, ["Enter"]);
    let pressedAt = clock.monotonic();
    await this.until(`the client sends "${text}"`, async () => {
      if (api.requests.some((each) => each.isTurn && each.promptText.includes(text))) return true;
      if (clock.monotonic() - pressedAt < ENTER_AGAIN_MS) return false;
      const { composer } = readScreen(await panes.capture(paneId, { escapes: true }));
      if (composer.kind !== "draft" || composer.text !== text) return false;
      await panes.sendKeys(paneId, ["Enter"]);
      pressedAt = clock.monotonic();
      return false;
    });
  }

  async #paneOf(name: string): Promise<string> {
    const known = this.#paneIds.get(name);
    if (known !== undefined) return known;
    const rows = await this.#world.panes.listPanes();
    for (const row of rows) this.#paneIds.set(row.sessionName, row.paneId);
    for (const { name: each, sessionId } of await this.sessions())
      if (sessionId !== null) this.#sessionIds.set(each, sessionId);
    return this.#paneIds.get(name) ?? "";
  }

  /** The sessions as the daemon knows them. */
  async sessions(): Promise<readonly SessionJson[]> {
    return (await this.#world.status()).sessions;
  }

  /** Whether the daemon knows all of them as idle. */
  async allIdle(names: readonly string[]): Promise<boolean> {
    const sessions = await this.sessions();
    return names.every((name) => sessions.find((each) => each.name === name)?.state === "idle");
  }

  /** Waits for a condition. Throws CF_DRILL_STUCK after 45 s, and the reason when stopped. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
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

  /** Whether the session shows the dialog within `ms` milliseconds. */
  async sees(name: string, dialog: Dialog, ms: number): Promise<boolean> {
    const { clock, signal } = this.#options;
    const paneId = await this.#paneOf(name);
    const end = clock.monotonic() + ms;
    while (clock.monotonic() < end) {
      const screen = await this.#world.panes.capture(paneId, { escapes: true });
      if (readScreen(screen).dialog === dialog) return true;
      await clock.sleep(20, signal);
    }
    return false;
  }

  /** Whether a request of this session id comes from the session named. */
  isOf(sessionId: string | null, name: string): boolean {
    return this.prompts.some((each) => each.session === name && each.sessionId === sessionId);
  }
}

/** What a stuck session shows is the first thing one wants to know. */
function withScreen(thrown: unknown, screen: readonly string[]): unknown {
  if (!(thrown instanceof FailoverError)) return thrown;
  const shown = screen.filter((line) => line.trim() !== "").slice(-8);
  const message = [`${thrown.message} Its screen:`, ...shown].join("\n");
  return new FailoverError(thrown.code, message, { hint: thrown.hint, cause: thrown });
}
