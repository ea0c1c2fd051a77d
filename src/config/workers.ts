import type { PoolConfig } from "./config.ts";

/** The sessions of the pool are counted by their index, from 0; their names go on from `startIndex`. */
export function workerName({ prefix, startIndex }: PoolConfig, index: number): string {
  return `${prefix}${startIndex + index}`;
}

/** The indexes that are kept: the pool's least number, and those of `extra` that it may have. */
export function workerIndexes({ min, max }: PoolConfig, extra: readonly number[]): number[] {
  const least = Array.from({ length: min }, (_, index) => index);
  return [...least, ...extra.filter((index) => index >= min && index < max)];
}

/** The number in the name of a session that the pool may have; null for every other name. */
export function workerNumber(pool: PoolConfig, name: string): number | null {
  const number = name.startsWith(pool.prefix) ? Number(name.slice(pool.prefix.length)) : Number.NaN;
  const index = number - pool.startIndex;
  return index >= 0 && index < pool.max && name === workerName(pool, index) ? number : null;
}
