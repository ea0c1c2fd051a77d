/**
 * Pure: a way from the new task back to itself, as names in order, or null. `waitsFor` are the tasks
 * the new one waits for, `waiters` those that wait for it by its name already, and `dependenciesOf`
 * what any other one waits for.
 */
export function findCycle(options: {
  readonly waitsFor: readonly number[];
  readonly waiters: ReadonlySet<number>;
  readonly dependenciesOf: (task: number) => readonly number[];
}): number[] | null {
  const { waitsFor, waiters, dependenciesOf } = options;
  const seen = new Set<number>();
  const open = waitsFor.map((task) => ({ task, way: [task] }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { task, way } = next;
    if (waiters.has(task)) return way;
    if (seen.has(task)) continue;
    seen.add(task);
    for (const each of dependenciesOf(task)) open.push({ task: each, way: [...way, each] });
  }
  return null;
}
