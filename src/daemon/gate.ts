/** Lets `most` pieces of work run at a time, in the order in which they came. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #pause: () => Promise<void>;

  /** `pause` is waited for by whoever had to wait, before it begins. */
  constructor(most: number, pause: () => Promise<void>) {
    this.#free = most;
    this.#pause = pause;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    const mustWait = this.#free === 0;
    if (mustWait) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      if (mustWait) await this.#pause();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
