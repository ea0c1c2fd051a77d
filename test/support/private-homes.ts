import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AdoptRequest } from "../../src/accounts/adopt/survey.ts";

/** A tree as text: a file's content, a link as `-> text`, a directory as a name that ends in `/`. */
export type Tree = Readonly<Record<string, string>>;

/** Makes a tree below a directory. */
export function makeTree(root: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(root, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true, mode: 0o700 });
    if (name.endsWith("/")) continue;
    if (content.startsWith("-> ")) symlinkSync(content.slice(3), path);
    else writeFileSync(path, content, { mode: 0o600 });
  }
}

/** Two accounts whose homes are private, as a request to adopt both. */
export function twoPrivateHomes(root: string): AdoptRequest {
  const accounts = ["one", "two"].map((name) => ({ name, home: join(root, `.claude-${name}`) }));
  return {
    accounts,
    homes: accounts.map(({ home }) => home),
    slot: join(root, ".claude"),
    root,
    links: [],
  };
}

/** A bit of everything: same, longer, differing, of another kind, empty, linked. */
export const ONE: Tree = {
  ".claude-one/.credentials.json": "made up",
  ".claude-one/projects/-p/only-one.jsonl": "1\n",
  ".claude-one/projects/-p/same.jsonl": "1\n2\n",
  ".claude-one/projects/-p/grows.jsonl": "1\n",
  ".claude-one/projects/-p/shrinks.jsonl": "1\n2\n3\n",
  ".claude-one/projects/-p/differs.jsonl": "1\none\n",
  ".claude-one/projects/-p/kind": "a file",
  ".claude-one/projects/-p/link": "-> same.jsonl",
  ".claude-one/projects/-empty/": "",
  ".claude-one/file-history/s/1@v1": "old",
  ".claude-one/session-env/": "",
};

export const TWO: Tree = {
  ".claude-two/projects/-p/only-two.jsonl": "1\n",
  ".claude-two/projects/-p/same.jsonl": "1\n2\n",
  ".claude-two/projects/-p/grows.jsonl": "1\n2\n",
  ".claude-two/projects/-p/shrinks.jsonl": "1\n",
  ".claude-two/projects/-p/differs.jsonl": "1\ntwo\n",
  ".claude-two/projects/-p/kind/inside": "of a directory",
  ".claude-two/projects/-p/link": "-> elsewhere",
  ".claude-two/file-history/s/1@v1": "new",
  ".claude-two/file-history/s/1@v2": "newer",
};

/** What both become, whatever happened on the way. */
export const JOINED: Tree = {
  "-empty/": "",
  "-p/only-one.jsonl": "1\n",
  "-p/only-two.jsonl": "1\n",
  "-p/same.jsonl": "1\n2\n",
  "-p/grows.jsonl": "1\n2\n",
  "-p/shrinks.jsonl": "1\n2\n3\n",
  "-p/differs.jsonl": "1\none\n",
  "-p/differs.jsonl.conflict-two": "1\ntwo\n",
  "-p/kind": "a file",
  "-p/kind.conflict-two/inside": "of a directory",
  "-p/link": "-> same.jsonl",
  "-p/link.conflict-two": "-> elsewhere",
};

/** The first home still lies where the slot belongs; the second is a private home. */
export function makeCrashHomes(root: string): void {
  const slotted = Object.entries(ONE).map(([path, content]) => [
    path.replace(/^\.claude-one/, ".claude"),
    content,
  ]);
  makeTree(root, { ...Object.fromEntries(slotted), ...TWO });
}

/** Adopts both: the slot becomes the first account's home. */
export function crashRequest(root: string): AdoptRequest {
  const request = twoPrivateHomes(root);
  return { ...request, homes: [request.slot, ...request.homes.slice(1)] };
}
