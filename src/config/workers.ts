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

/** Whether a session of the pool may have this name. */
export function isWorkerName(pool: PoolConfig, name: string): boolean {
  const number = name.startsWith(pool.prefix) ? name.slice(pool.prefix.length) : "";
  const index = /^\d+$/.test(number) ? Number(number) - pool.startIndex : -1;
  return index >= 0 && index < pool.max;
}
