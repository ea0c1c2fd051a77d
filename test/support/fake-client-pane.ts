import type { Panes } from "../../src/tmux/panes.ts";

/** A menu that takes the keys instead of the composer. */
export type FakeMenu = "limit" | "rewind" | "permission";

const MENUS: Readonly<Record<FakeMenu, readonly string[]>> = {
  limit: [
    "▔▔▔▔▔▔▔▔▔▔",
    "  What do you want to do?",
    "  ❯ 1. Stop and wait for limit to reset",
    "  Enter to confirm · Esc to cancel",
  ],
  rewind: ["▔▔▔▔▔▔▔▔▔▔", "  Rewind", "  ❯ (current)", "  Enter to continue · Esc to cancel"],
  permission: ["──────────", " Do you want to proceed?", " ❯ 1. Yes", " Esc to cancel"],
};

/** A client in a pane, as far as the nudge sees one: a composer, menus, and what was done to it. */
export class FakeClientPane implements Pick<Panes, "capture" | "pasteText" | "sendKeys"> {
  /** Every paste and key, in order. */
  readonly log: string[] = [];
  composer = "";
  menu: FakeMenu | null = null;
  /** Columns after which the composer's text is wrapped. */
  width = 80;
  /** False while nothing is drawn, as during a start. */
  isDrawn = true;
  /** A turn runs. */
  isBusy = false;
  /** While stopped it reads nothing; what is sent waits in its terminal. */
  isStopped = false;
  readonly #unread: (() => void)[] = [];
  /** Called with what Enter submitted. */
  onSubmit: (text: string) => void = () => undefined;
  /** Called before each look at the screen. */
  beforeLook: () => void = () => undefined;
  /** Called when the text is in the composer. */
  afterPaste: () => void = () => undefined;

  async capture(): Promise<string[]> {
    this.beforeLook();
    if (!this.isDrawn) return Promise.resolve([""]);
    const conversation = ["❯ an old prompt", "  ⎿  You've hit your limit"];
    const bottom = this.menu === null ? this.#composerLines() : MENUS[this.menu];
    return Promise.resolve([...conversation, ...bottom, ""]);
  }

  async pasteText(_paneId: string, text: string): Promise<void> {
    this.log.push(`paste ${text}`);
    this.#read(() => {
      if (this.menu === null) this.composer += text;
      this.afterPaste();
    });
    return Promise.resolve();
  }

  async sendKeys(_paneId: string, keys: readonly string[]): Promise<void> {
    this.log.push(...keys);
    this.#read(() => {
      for (const key of keys) this.#press(key);
    });
    return Promise.resolve();
  }

  /** It goes on, and reads what waits. */
  goOn(): void {
    this.isStopped = false;
    for (const read of this.#unread.splice(0)) read();
  }

  #read(work: () => void): void {
    if (this.isStopped) this.#unread.push(work);
    else work();
  }

  #press(key: string): void {
    // A menu takes the keys: Enter chooses, Escape closes, and the composer is as it was.
    if (this.menu !== null) this.menu = null;
    else if (key === "C-u") this.composer = this.composer.slice(0, -this.#lastLine().length);
    else if (key === "Enter" && this.composer !== "") {
      const text = this.composer;
      this.composer = "";
      this.onSubmit(text);
    }
  }

  #wrapped(): string[] {
    return this.composer.match(new RegExp(`.{1,${this.width}}`, "g")) ?? [""];
  }

  #lastLine(): string {
    return this.#wrapped().at(-1) ?? "";
  }

  #composerLines(): string[] {
    const lines = this.#wrapped().map((part, index) => `${index === 0 ? "❯\u00a0" : "  "}${part}`);
    return [
      "──────────",
      ...lines,
      "──────────",
      this.isBusy ? "  esc to interrupt" : "  ? for shortcuts",
    ];
  }
}
