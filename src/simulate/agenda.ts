/** What is due when: a binary heap by time; what was put in first comes first at the same time. */
export class Agenda<T> {
  readonly #entries: { readonly at: number; readonly order: number; readonly what: T }[] = [];
  #order = 0;

  /** When the next entry is due, Infinity for an empty agenda. */
  get nextAt(): number {
    return this.#entries[0]?.at ?? Infinity;
  }

  add(at: number, what: T): void {
    const entries = this.#entries;
    entries.push({ at, order: this.#order++, what });
    let index = entries.length - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#isBefore(index, above)) return;
      this.#swap(index, above);
      index = above;
    }
  }

  /** Takes the next entry out. */
  take(): { readonly at: number; readonly what: T } | undefined {
    const entries = this.#entries;
    const [first] = entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return first;
    entries[0] = last;
    let index = 0;
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let least = this.#isBefore(left, index) ? left : index;
      if (this.#isBefore(right, least)) least = right;
      if (least === index) return first;
      this.#swap(index, least);
      index = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#entries[one], this.#entries[other]];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#entries[one], this.#entries[other]];
    if (a === undefined || b === undefined) return;
    this.#entries[one] = b;
    this.#entries[other] = a;
  }
}
