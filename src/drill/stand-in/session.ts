import { emptyDraft, expand } from "./composer.ts";
import { Conversation } from "./conversation.ts";
import type { SessionFlags } from "./flags.ts";
import { runHooks } from "./hooks.ts";
import type { HookResult } from "./hooks.ts";
import type { JsonObject } from "./json.ts";
import { limitOffer } from "./limit-offer.ts";
import { LoginReader } from "./login.ts";
import { limitMenu } from "./menus.ts";
import * as payloads from "./payloads.ts";
import type { ClientPlaces } from "./places.ts";
import type { Refusal } from "./refusal.ts";
import { refreshLogin } from "./refresh.ts";
import { Registry } from "./registry.ts";
import * as rows from "./rows.ts";
import type { ScreenState } from "./screen-state.ts";
import type { Settings } from "./settings.ts";
import { runStatusLine } from "./status-line.ts";
import { Tools } from "./tools.ts";
import type { PastConversation } from "./transcript.ts";
import { runTurn } from "./turn.ts";
import type { TurnEnd } from "./turn.ts";

const MENU_MS = 500;
const IDLE_NOTIFICATION_MS = 60_000;
const DEFAULT_REFRESH_MS = 200;

interface SessionOptions {
  readonly places: ClientPlaces;
  readonly flags: SessionFlags;
  readonly settings: Settings;
  readonly screen: ScreenState;
  readonly version: string;
  /** A loopback address. */
  readonly baseUrl: string;
  readonly sessionId: string;
  readonly past: PastConversation | null;
}

/** A conversation: one turn at a time, prompts typed meanwhile wait in line. */
export class Session {
  readonly #options: SessionOptions;
  readonly #login: LoginReader;
  readonly #registry: Registry;
  readonly #tools: Tools;
  readonly #talk: Conversation;
  readonly #queue: Array<{ text: string; isReported: boolean }> = [];
  #isRefused = false;
  #turn: AbortController | null = null;
  #headers: Readonly<Record<string, string | undefined>> = {};
  #menuTimer: NodeJS.Timeout | null = null;
  #idleTimer: NodeJS.Timeout | null = null;
  readonly #menusSeen = new Set<number>();
  #refreshMs: number | null;

  constructor(options: SessionOptions) {
    const { places } = options;
    this.#options = options;
    this.#login = new LoginReader(places);
    this.#registry = new Registry(places, options.version);
    this.#tools = new Tools(places.cwd);
    this.#talk = new Conversation(options);
    this.#refreshMs = options.flags.refreshMs;
  }

  get isBusy(): boolean {
    return this.#turn !== null;
  }

  get sessionId(): string {
    return this.#talk.sessionId;
  }

  get prompts(): readonly string[] {
    return this.#talk.prompts;
  }

  /** Registers, reports itself, and begins with the prompt given as an argument. */
  async start(): Promise<void> {
    const { past, flags } = this.#options;
    this.#registry.create(this.sessionId);
    await this.#reportStart(past === null ? "startup" : "resume");
    this.#refreshStatusLine();
    if (flags.prompt !== null) this.#begin(flags.prompt);
  }

  /** Enter: sends the draft, or puts it in line behind the running turn. */
  submit(): void {
    const { screen } = this.#options;
    const text = expand(screen.draft);
    if (text === "") return;
    screen.setDraft(emptyDraft);
    if (text.startsWith("/")) this.#command(text);
    else if (this.isBusy) this.#enqueue(text);
    else this.#begin(text);
  }

  /** Escape during a turn. */
  interrupt(): void {
    this.#turn?.abort();
  }

  /** Escape, or the operator's own prompt, while the client would continue by itself. */
  cancelAutoContinue(): void {
    const { screen } = this.#options;
    screen.armedUntil = null;
    const content = "Automatic continue cancelled · /rate-limit-options to re-arm";
    this.#talk.chain(rows.noticeRow({ ...this.#talk.next(), content }));
    screen.add({ kind: "notice", text: content });
    screen.showNotice(content);
  }

  /** Reports the end and gives everything back. The caller ends the process. */
  async end(reason: string): Promise<void> {
    this.interrupt();
    this.#talk.transcript.flush();
    await this.#hook("SessionEnd", payloads.endPayload(this.#talk.payloadContext(), reason));
    this.#tools.endAll();
    this.#talk.transcript.flush();
    this.#registry.remove();
  }

  #command(text: string): void {
    const [name = "", argument] = text.split(/\s+/);
    const { screen } = this.#options;
    if (name === "/clear") void this.#clear();
    else if (name === "/exit" || name === "/quit") this.onExit();
    else if (name === "/stand-in-refresh") void this.#refresh(Number(argument));
    else screen.add({ kind: "prompt", text }, { kind: "result", text: `Unknown command: ${name}` });
  }

  /** Set by whoever ends the process. */
  onExit: () => void = () => undefined;

  async #clear(): Promise<void> {
    const { screen } = this.#options;
    this.interrupt();
    this.#talk.newPrompt();
    await this.#hook("SessionEnd", payloads.endPayload(this.#talk.payloadContext(), "clear"));
    this.#talk.startOver();
    this.#registry.update(this.sessionId, "idle");
    screen.clear();
    screen.add({ kind: "prompt", text: "/clear" });
    await this.#reportStart("clear");
  }

  async #refresh(ms: number): Promise<void> {
    const { places, screen } = this.#options;
    const wait = Number.isFinite(ms) ? ms : DEFAULT_REFRESH_MS;
    const outcome = await refreshLogin({ places, login: this.#login, ms: wait });
    screen.add({ kind: "notice", text: `Login refresh: ${outcome}` });
  }

  /**
   * A prompt typed while the model works is reported at once, with the id of the turn that runs. One
   * typed after its refusal waits for a turn of its own (both measured, 2.1.328).
   */
  #enqueue(text: string): void {
    const isReported = !this.#isRefused;
    this.#queue.push({ text, isReported });
    if (isReported) {
      const payload = payloads.promptPayload(this.#talk.payloadContext(), text);
      void this.#hook("UserPromptSubmit", payload);
      this.#keepQueue("enqueue", text);
    }
    this.#showQueue();
  }

  #keepQueue(operation: "enqueue" | "dequeue", content?: string): void {
    const base = { context: this.#talk.rowContext(), now: Date.now(), operation };
    this.#talk.transcript.append(
      rows.queueRow(content === undefined ? base : { ...base, content }),
    );
  }

  #showQueue(): void {
    this.#options.screen.queued = this.#queue.map(({ text }) => text);
    this.#options.screen.draw();
  }

  #begin(text: string): void {
    void this.#work(text);
  }

  async #work(first: string): Promise<void> {
    await this.#turnOf(first, true);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (next.isReported) this.#keepQueue("dequeue");
      this.#showQueue();
      await this.#turnOf(next.text, !next.isReported);
    }
  }

  async #turnOf(text: string, isToBeReported: boolean): Promise<void> {
    const { screen } = this.#options;
    const startedAt = performance.now();
    const turn = new AbortController();
    const transcript = this.#talk.transcript;
    this.#turn = turn;
    this.#isRefused = false;
    this.#talk.newPrompt();
    this.#quiet();
    screen.add({ kind: "prompt", text });
    screen.setRunning("");
    this.#registry.update(this.sessionId, "busy");
    const payload = payloads.promptPayload(this.#talk.payloadContext(), text);
    const asked = isToBeReported ? await this.#hook("UserPromptSubmit", payload) : [];
    if (asked.some(({ isBlocking }) => isBlocking)) {
      screen.add({ kind: "result", text: "UserPromptSubmit hook blocked this prompt" });
    } else {
      this.#talk.keepPrompt(text);
      const end = await this.#ask(turn.signal);
      if (this.#talk.transcript === transcript) await this.#finish(end, text, startedAt);
    }
    this.#turn = null;
    screen.setRunning(null);
    this.#registry.update(this.sessionId, "idle");
    this.#idleTimer = setTimeout(() => void this.#reportIdle(), IDLE_NOTIFICATION_MS).unref();
  }

  /** A new turn takes back what the last one left on the screen. */
  #quiet(): void {
    const { screen } = this.#options;
    screen.placeholder = null;
    screen.armedUntil = null;
    if (this.#menuTimer !== null) clearTimeout(this.#menuTimer);
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
  }

  async #ask(signal: AbortSignal): Promise<TurnEnd> {
    const { screen, flags } = this.#options;
    return await runTurn({
      baseUrl: this.#options.baseUrl,
      model: flags.model,
      login: this.#login,
      tools: this.#tools,
      transcript: this.#talk.transcript,
      rowContext: this.#talk.rowContext(),
      messages: this.#talk.messages,
      promptId: this.#talk.promptId ?? "",
      signal,
      onText: (text) => screen.setRunning(text),
      onTool: () => screen.add({ kind: "tool", text: "Ran 1 shell command" }),
      beforeRequest: async () => await this.#renewLogin(),
    });
  }

  async #renewLogin(): Promise<void> {
    const login = this.#login.current();
    const isExpired = login !== null && login.expiresAt < Date.now();
    const ms = this.#refreshMs ?? (isExpired ? DEFAULT_REFRESH_MS : null);
    if (ms === null) return;
    this.#refreshMs = null;
    await refreshLogin({ places: this.#options.places, login: this.#login, ms });
  }

  async #finish(end: TurnEnd, prompt: string, startedAt: number): Promise<void> {
    switch (end.kind) {
      case "answered":
        this.#headers = end.headers;
        await this.#finishAnswered(end.text, prompt, startedAt);
        break;
      case "refused":
        await this.#finishRefused(end);
        break;
      case "interrupted":
        this.#finishInterrupted(end, prompt);
        break;
    }
    this.#refreshStatusLine();
  }

  async #finishAnswered(text: string, prompt: string, startedAt: number): Promise<void> {
    const { screen } = this.#options;
    const durationMs = Math.round(performance.now() - startedAt);
    screen.setRunning("");
    screen.add({ kind: "answer", text });
    const { backgroundTasks } = this.#tools;
    const said = { text, backgroundTasks };
    const ran = await this.#hook("Stop", payloads.stopPayload(this.#talk.payloadContext(), said));
    if (ran.length > 0) this.#talk.chain(rows.hookSummaryRow({ ...this.#talk.next(), ran }));
    const messageCount = this.#talk.messages.length;
    this.#talk.chain(rows.turnDurationRow({ ...this.#talk.next(), durationMs, messageCount }));
    const leaf = this.#talk.transcript.lastUuid ?? "";
    this.#talk.transcript.append(rows.lastPromptRow(this.#talk.rowContext(), prompt, leaf));
    const shells = backgroundTasks.length;
    const still = shells > 0 ? ` · ${shells} shell still running` : "";
    screen.add({ kind: "done", text: `Worked for ${Math.round(durationMs / 1000)}s${still}` });
  }

  /** The hook is heard first, the row is written up to 100 ms later, the menu comes after both. */
  async #finishRefused(end: Extract<TurnEnd, { kind: "refused" }>): Promise<void> {
    const { screen } = this.#options;
    const { refusal, error } = end;
    this.#isRefused = true;
    this.#talk.chain(
      rows.refusalRow({
        ...this.#talk.next(),
        refusal,
        status: error?.status ?? null,
        type: error?.type ?? null,
        requestId: error?.requestId ?? null,
      }),
    );
    await this.#hook("StopFailure", payloads.failurePayload(this.#talk.payloadContext(), refusal));
    const kind = refusal.form === "result" ? "result" : "error";
    screen.add({ kind, text: refusal.shown });
    screen.placeholder = refusal.placeholder;
    this.#offer(refusal);
  }

  #offer(refusal: Refusal): void {
    if (refusal.quota === null) return;
    const { screen, settings } = this.#options;
    const seen = this.#menusSeen;
    const { quota } = refusal;
    const offer = limitOffer({ quota, autoContinue: settings.autoContinue, now: Date.now(), seen });
    if (offer.kind === "armed") {
      const content = `Usage limit reached · continuing automatically at ${offer.until} · esc to cancel`;
      this.#talk.chain(rows.noticeRow({ ...this.#talk.next(), content }));
      screen.add({ kind: "notice", text: content });
      screen.armedUntil = offer.until;
    } else if (offer.kind === "menu") {
      seen.add(quota.resetsAt ?? 0);
      this.#menuTimer = setTimeout(() => {
        if (!this.isBusy) screen.setMenu(limitMenu(offer.until));
      }, MENU_MS);
    }
  }

  /** Before anything was said the prompt comes back into the composer, as in the client. */
  #finishInterrupted(end: Extract<TurnEnd, { kind: "interrupted" }>, prompt: string): void {
    const { screen } = this.#options;
    const { partial, messageId } = end;
    if (partial === "") {
      this.#talk.messages.pop();
      if (screen.draft.text === "") screen.setDraft({ text: prompt, pastes: [] });
      return;
    }
    const promptId = this.#talk.promptId ?? "";
    this.#talk.chain(rows.interruptRow({ ...this.#talk.next(), promptId, messageId }));
    screen.add(
      { kind: "answer", text: partial },
      { kind: "result", text: "Interrupted · What should Claude do instead?" },
    );
  }

  async #reportStart(source: "startup" | "resume" | "clear"): Promise<void> {
    const { flags, past } = this.#options;
    const how = { source, model: flags.model, answeredAt: past?.answeredAt ?? null };
    await this.#hook("SessionStart", payloads.startPayload(this.#talk.payloadContext(), how));
  }

  async #reportIdle(): Promise<void> {
    if (!this.isBusy)
      await this.#hook("Notification", payloads.idlePayload(this.#talk.payloadContext()));
  }

  #refreshStatusLine(): void {
    const { settings, screen, places, flags, version } = this.#options;
    if (settings.statusLine === null) return;
    const { sessionId, path: transcriptPath } = this.#talk.transcript;
    const facts = {
      sessionId,
      transcriptPath,
      cwd: places.cwd,
      promptId: this.#talk.promptId,
      model: flags.model,
      version,
      headers: this.#headers,
    };
    void runStatusLine(settings.statusLine, facts).then((line) => {
      screen.statusLine = line;
      screen.draw();
    });
  }

  async #hook(event: string, payload: JsonObject): Promise<HookResult[]> {
    const { settings, places } = this.#options;
    return await runHooks({ settings, event, payload, cwd: places.cwd });
  }
}
