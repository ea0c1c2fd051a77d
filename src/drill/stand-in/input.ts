import { emptyDraft, eraseCharacter, eraseLine, pasteText, typeText } from "./composer.ts";
import { KeyParser } from "./keys.ts";
import type { Key } from "./keys.ts";
import { moveSelection, rewindMenu } from "./menus.ts";
import type { ScreenState } from "./screen-state.ts";
import type { Session } from "./session.ts";

/** How long the client waits for the second half of an Escape sequence (measured, 2.1.328). */
const ESCAPE_MS = 50;
const TWICE_MS = 800;

/** Gives the keys to whoever has them: the menu, the running turn, or the composer. */
export class Input {
  readonly #session: Session;
  readonly #screen: ScreenState;
  readonly #parser = new KeyParser();
  #escapeTimer: NodeJS.Timeout | null = null;
  #lastEscapeAt = -Infinity;
  #lastInterruptAt = -Infinity;

  constructor(session: Session, screen: ScreenState) {
    this.#session = session;
    this.#screen = screen;
  }

  feed(chunk: string): void {
    if (this.#escapeTimer !== null) clearTimeout(this.#escapeTimer);
    this.#escapeTimer = null;
    for (const key of this.#parser.feed(chunk)) this.#press(key);
    if (!this.#parser.isPending) return;
    this.#escapeTimer = setTimeout(() => {
      for (const key of this.#parser.flush()) this.#press(key);
    }, ESCAPE_MS);
  }

  #press(key: Key): void {
    if (this.#screen.menu === null) this.#pressInComposer(key);
    else this.#pressInMenu(key);
  }

  /** A menu swallows text; Enter chooses, Escape closes. Nothing that is chosen does anything. */
  #pressInMenu(key: Key): void {
    const { menu } = this.#screen;
    if (menu === null) return;
    if (key.kind === "up") this.#screen.setMenu(moveSelection(menu, -1));
    else if (key.kind === "down") this.#screen.setMenu(moveSelection(menu, 1));
    else if (key.kind === "enter" || key.kind === "escape" || key.kind === "interrupt") {
      this.#screen.setMenu(null);
    }
  }

  #pressInComposer(key: Key): void {
    const screen = this.#screen;
    switch (key.kind) {
      case "text":
        screen.setDraft(typeText(screen.draft, key.text));
        break;
      case "paste":
        screen.setDraft(pasteText(screen.draft, key.text));
        break;
      case "enter":
        this.#session.submit();
        break;
      case "backspace":
        screen.setDraft(eraseCharacter(screen.draft));
        break;
      case "clearLine":
        screen.setDraft(eraseLine(screen.draft));
        break;
      case "escape":
        this.#escape();
        break;
      case "interrupt":
        this.#controlC();
        break;
      case "endOfFile":
        if (screen.draft.text === "") this.#askTwice("Ctrl-D");
        break;
      case "up":
      case "down":
      case "other":
        break;
    }
  }

  #escape(): void {
    const screen = this.#screen;
    if (this.#session.isBusy) {
      this.#session.interrupt();
      return;
    }
    if (screen.armedUntil !== null) {
      this.#session.cancelAutoContinue();
      return;
    }
    const isSecond = performance.now() - this.#lastEscapeAt < TWICE_MS;
    this.#lastEscapeAt = isSecond ? -Infinity : performance.now();
    if (screen.draft.text !== "") {
      if (isSecond) screen.setDraft(emptyDraft);
      else screen.showHint("Esc again to clear", TWICE_MS);
    } else if (isSecond) {
      screen.setMenu(rewindMenu(this.#session.prompts));
    }
  }

  #controlC(): void {
    const screen = this.#screen;
    if (this.#session.isBusy) this.#session.interrupt();
    else if (screen.draft.text !== "") screen.setDraft(emptyDraft);
    else this.#askTwice("Ctrl-C");
  }

  #askTwice(name: string): void {
    if (performance.now() - this.#lastInterruptAt < TWICE_MS) {
      this.#session.onExit();
      return;
    }
    this.#lastInterruptAt = performance.now();
    this.#screen.showHint(`Press ${name} again to exit`, TWICE_MS);
  }
}
