import { emptyDraft } from "./composer.ts";
import type { Draft } from "./composer.ts";
import { draw, drawTrust } from "./view.ts";
import type { Block, Menu } from "./view.ts";
import type { Terminal } from "./terminal.ts";

const KEPT_BLOCKS = 60;
const GLYPHS = ["·", "✢", "✳", "✶", "✻", "✽"];
const SPIN_MS = 250;
const NOTICE_MS = 4_000;

/** What is on the screen, and drawing it: at most once per turn of the event loop. */
export class ScreenState {
  readonly #terminal: Terminal;
  readonly #mode: string;
  readonly #cwd: string;
  #blocks: Block[] = [];
  #isScheduled = false;
  #glyph = 0;
  #spinner: NodeJS.Timeout | null = null;
  #noticeTimer: NodeJS.Timeout | null = null;
  #hintTimer: NodeJS.Timeout | null = null;
  #notice: string | null = null;
  #hint: string | null = null;
  #running: string | null = null;
  #draft: Draft = emptyDraft;
  #menu: Menu | null = null;
  placeholder: string | null = null;
  armedUntil: string | null = null;
  statusLine: string | null = null;
  queued: readonly string[] = [];

  constructor(terminal: Terminal, options: { cwd: string; permissionMode: string }) {
    this.#terminal = terminal;
    this.#cwd = options.cwd;
    this.#mode =
      options.permissionMode === "default"
        ? "? for shortcuts"
        : `⏵⏵ ${options.permissionMode} mode on (shift+tab to cycle)`;
  }

  get draft(): Draft {
    return this.#draft;
  }

  get menu(): Menu | null {
    return this.#menu;
  }

  setDraft(draft: Draft): void {
    this.#draft = draft;
    this.draw();
  }

  setMenu(menu: Menu | null): void {
    this.#menu = menu;
    this.draw();
  }

  add(...blocks: readonly Block[]): void {
    this.#blocks = [...this.#blocks, ...blocks].slice(-KEPT_BLOCKS);
    this.draw();
  }

  clear(): void {
    this.#blocks = [];
    this.draw();
  }

  /** The spinner and the text that arrives; null ends both. */
  setRunning(text: string | null): void {
    const wasRunning = this.#running !== null;
    this.#running = text;
    if (text !== null && !wasRunning) {
      this.#terminal.setTitle("◐ Claude Code");
      this.#spinner = setInterval(() => {
        this.#glyph = (this.#glyph + 1) % GLYPHS.length;
        this.draw();
      }, SPIN_MS);
    } else if (text === null && wasRunning) {
      if (this.#spinner !== null) clearInterval(this.#spinner);
      this.#terminal.setTitle("✳ Claude Code");
    }
    this.draw();
  }

  /** A line at the right above the composer, for a few seconds. */
  showNotice(text: string): void {
    this.#notice = text;
    if (this.#noticeTimer !== null) clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => {
      this.#notice = null;
      this.draw();
    }, NOTICE_MS).unref();
    this.draw();
  }

  /** A line in place of the mode line, for `ms`. */
  showHint(text: string, ms: number): void {
    this.#hint = text;
    if (this.#hintTimer !== null) clearTimeout(this.#hintTimer);
    this.#hintTimer = setTimeout(() => {
      this.#hint = null;
      this.draw();
    }, ms).unref();
    this.draw();
  }

  draw(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { columns, rows } = this.#terminal;
    if (this.#menu?.kind === "trust") {
      this.#terminal.show(drawTrust({ columns, cwd: this.#cwd, menu: this.#menu }));
      return;
    }
    const spinner = `${GLYPHS[this.#glyph] ?? "·"} Thinking…`;
    this.#terminal.show(
      draw({
        columns,
        rows,
        blocks: this.#blocks,
        running: this.#running === null ? null : { text: this.#running, spinner },
        queued: this.queued,
        draft: this.#draft.text,
        placeholder: this.queued.length > 0 ? "Press up to edit queued messages" : this.placeholder,
        menu: this.#menu,
        notice: this.#notice,
        armedUntil: this.armedUntil,
        statusLine: this.statusLine,
        mode: this.#mode,
        hint: this.#hint,
      }),
    );
  }
}
