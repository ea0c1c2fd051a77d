import { lstatSync, readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errnoOf } from "../errors.ts";

/** The kernel gives up after as many. */
const MOST = 40;

/**
 * How many links are followed from a path to what it ends at, counting the path itself; folders on
 * the way that are links do not count. 0 for something that is no link, null for a link that ends
 * nowhere.
 */
export function countHops(path: string): number | null {
  let at = path;
  for (let hops = 0; hops <= MOST; hops += 1) {
    try {
      if (!lstatSync(at).isSymbolicLink()) return hops;
      at = resolve(dirname(at), readlinkSync(at));
    } catch (thrown) {
      if (errnoOf(thrown) === undefined) throw thrown;
      return null;
    }
  }
  return null;
}
