/** Random numbers that are the same for the same seed, everywhere. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [least, most). */
  between(least: number, most: number): number;
  /** Above 0, with this mean: how long until something happens that may happen at any time. */
  waiting(mean: number): number;
  /** Above 0, mostly near `middle`, now and then many times as much. */
  skewed(middle: number, spread: number): number;
}

/** mulberry32: 32 bits of state are plenty for a simulation. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    waiting: (mean) => -Math.log(1 - next()) * mean,
    skewed: (middle, spread) => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return middle * Math.exp(spread * normal);
    },
  };
}
