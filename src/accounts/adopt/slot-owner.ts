import { entryAt } from "../entry.ts";
import { walkTree } from "./walk.ts";

/** Whether a folder can take this home's place: nothing lies there, or an empty directory. */
export function isFree(home: string): boolean {
  const { kind } = entryAt(home);
  return kind === "missing" || (kind === "directory" && isEmpty(home));
}

/**
 * The accounts, preferred one first, but before all others the one whose home a plain folder in the
 * slot is: the one that an uninstall made that folder of, as long as its home has not come back.
 *
 * @param left that home, or null
 */
export function slotOwnerFirst<T extends { readonly home: string; readonly priority: number }>(
  accounts: readonly T[],
  left: string | null,
): T[] {
  const owner = left !== null && isFree(left) ? left : null;
  return accounts.toSorted(
    (one, other) =>
      Number(other.home === owner) - Number(one.home === owner) || one.priority - other.priority,
  );
}

function isEmpty(path: string): boolean {
  // The root itself is the first entry of the walk.
  const walk = walkTree(path);
  walk.next();
  const second = walk.next();
  walk.return();
  return second.done === true;
}
