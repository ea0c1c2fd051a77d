/** What the operator, or tmux for them, pressed. */
export type Key =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }
  | {
      readonly kind:
        | "enter"
        | "escape"
        | "backspace"
        | "clearLine"
        | "interrupt"
        | "endOfFile"
        | "up"
        | "down"
        | "other";
    };

const PASTE_START = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const CONTROL: Readonly<Record<string, Exclude<Key["kind"], "text" | "paste">>> = {
  "\r": "enter",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0015": "clearLine",
  "\u0003": "interrupt",
  "\u0004": "endOfFile",
};
const HALF_SEQUENCE = /^\u001b(?:\[[0-9;?<]*|O)$/u;
const ESCAPE_SEQUENCE = /^\u001b(?:\[[0-9;?<]*[A-Za-z~]|O[A-Z]|[^\u001b])/u;

/**
 * Turns terminal input in raw mode into keys, across chunks. An Escape and the character after it
 * are one key (Alt), as long as no `flush` came between them: the client waits 50 ms for the second
 * half (measured, 2.1.328), so an Escape followed at once by text eats the first letter.
 */
export class KeyParser {
  #rest = "";
  #paste: string | null = null;

  /** Whether an Escape waits for what may follow it. A paste waits for its end, however late. */
  get isPending(): boolean {
    return this.#rest !== "" && this.#paste === null;
  }

  feed(chunk: string): Key[] {
    const keys: Key[] = [];
    this.#rest += chunk;
    for (;;) {
      const key = this.#paste === null ? this.#next() : this.#nextOfPaste();
      if (key === null) return keys;
      if (key !== "more") keys.push(key);
    }
  }

  /** Nothing followed: what waits was an Escape. */
  flush(): Key[] {
    if (!this.isPending) return [];
    this.#rest = "";
    return [{ kind: "escape" }];
  }

  #next(): Key | "more" | null {
    const rest = this.#rest;
    if (rest === "") return null;
    if (rest.startsWith(PASTE_START)) {
      this.#rest = rest.slice(PASTE_START.length);
      this.#paste = "";
      return "more";
    }
    if (rest.startsWith("\u001b\u001b")) return this.#take("\u001b", { kind: "escape" });
    if (rest.startsWith("\u001b")) return this.#nextEscape(rest);
    const control = CONTROL[rest.charAt(0)];
    if (control !== undefined) return this.#take(rest.charAt(0), { kind: control });
    if (rest.charAt(0) < " " && rest.charAt(0) !== "\n" && rest.charAt(0) !== "\t") {
      return this.#take(rest.charAt(0), { kind: "other" });
    }
    const [text = ""] = /^[^\u0000-\u0008\u000b-\u001f\u007f]+/u.exec(rest) ?? [];
    return this.#take(text, { kind: "text", text });
  }

  #nextEscape(rest: string): Key | null {
    const [sequence] = ESCAPE_SEQUENCE.exec(rest) ?? [];
    if (sequence === undefined || HALF_SEQUENCE.test(rest)) return null;
    if (sequence === "\u001b[A") return this.#take(sequence, { kind: "up" });
    if (sequence === "\u001b[B") return this.#take(sequence, { kind: "down" });
    return this.#take(sequence, { kind: "other" });
  }

  #nextOfPaste(): Key | null {
    const end = this.#rest.indexOf(PASTE_END);
    if (end < 0) return null;
    const text = this.#rest.slice(0, end).replace(/\r\n?/g, "\n");
    this.#rest = this.#rest.slice(end + PASTE_END.length);
    this.#paste = null;
    return { kind: "paste", text };
  }

  #take<K extends Key>(text: string, key: K): K {
    this.#rest = this.#rest.slice(text.length);
    return key;
  }
}
