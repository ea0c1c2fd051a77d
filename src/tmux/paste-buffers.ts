import type { TmuxClient } from "./client.ts";
import { withPasteFile } from "./paste-file.ts";
import { escapeFormat } from "./quote.ts";

interface Held {
  /** The buffer's name, once tmux has read the text. */
  readonly loaded: Promise<string>;
  users: number;
}

/**
 * Texts on their way to panes, each in one buffer of tmux's however many panes it goes to at the same
 * time: reading one in takes tmux a round of its loop, in which it looks at every window it has.
 */
export class PasteBuffers {
  readonly #client: Pick<TmuxClient, "command">;
  readonly #dir: string;
  readonly #held = new Map<string, Held>();

  /** `dir`: an existing directory of mode 0700. */
  constructor(client: Pick<TmuxClient, "command">, dir: string) {
    this.#client = client;
    this.#dir = dir;
  }

  /** Lets `work` have the name of a buffer with the text; it is gone when nobody uses it any more. */
  async use<T>(text: string, work: (name: string) => Promise<T>): Promise<T> {
    const held = this.#held.get(text) ?? { loaded: this.#load(text), users: 0 };
    this.#held.set(text, held);
    held.users++;
    try {
      return await work(await held.loaded);
    } finally {
      held.users--;
      if (held.users === 0) this.#drop(text, held);
    }
  }

  async #load(text: string): Promise<string> {
    return withPasteFile(this.#dir, text, async ({ path, name }) => {
      await this.#client.command(["load-buffer", "-b", name, escapeFormat(path)]);
      return name;
    });
  }

  /** Nobody waits for it: what is asked of tmux next comes after it. */
  #drop(text: string, { loaded }: Held): void {
    this.#held.delete(text);
    loaded
      .then(async (name) => this.#client.command(["delete-buffer", "-b", name]))
      .catch(() => undefined);
  }
}
