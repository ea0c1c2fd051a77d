import { join, isAbsolute } from "node:path";
import { FailoverError } from "../errors.ts";

/** The links every account home must have: without them a conversation splits (client facts 5). */
export const DEFAULT_SHARED_LINKS = ["session-env", "file-history", "projects"] as const;

/** What a link points to. A file is made with `seed`; without one it must be there already. */
export type SharedKind =
  { readonly kind: "directory" } | { readonly kind: "file"; readonly seed: string | null };

/** Files of a home that may be shared, with the smallest content the client accepts. */
const FILE_SEEDS: Readonly<Record<string, string>> = {
  "history.jsonl": "",
  "CLAUDE.md": "",
  "settings.json": "{}\n",
  "keybindings.json": "{}\n",
};

/** Endings that say "file" for a name we do not know; its content is the operator's to give. */
const FILE_ENDING = /\.(json|jsonl|md|txt|toml|yaml|yml|sh)$/i;

/** Where a shared link points: `<root>/.claude-<link>-shared`, absolute. */
export function sharedTarget(root: string, link: string): string {
  if (!isAbsolute(root)) {
    throw new FailoverError("CF_ACCOUNT_SHARED_ROOT", `The shared root ${root} is not absolute.`, {
      details: { root },
    });
  }
  return join(root, `.claude-${link}-shared`);
}

/** The required links and the configured ones, each once, required ones first. */
export function effectiveLinks(links: readonly string[]): readonly string[] {
  return [...new Set([...DEFAULT_SHARED_LINKS, ...links])];
}

/**
 * Whether a shared link's target is a directory or a file, by its name. `settings.json` and
 * `keybindings.json` are seeded with `{}` because an empty file is not JSON; a file the table does
 * not know has no seed, so its target must exist before it can be linked.
 */
export function sharedKind(link: string): SharedKind {
  if (Object.hasOwn(FILE_SEEDS, link)) return { kind: "file", seed: FILE_SEEDS[link] ?? null };
  return FILE_ENDING.test(link) ? { kind: "file", seed: null } : { kind: "directory" };
}

const REFUSED: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /[/\\\0]|^\.{0,2}$/, why: "it is not the name of one entry of a home" },
  { pattern: /credential|oauth|token/i, why: "a login belongs to one account" },
  { pattern: /^\.claude\.json/i, why: "it says who the account is" },
  { pattern: /^backups$/i, why: "it keeps copies of .claude.json, which says who the account is" },
  { pattern: /cache|^statsig$/i, why: "a cache belongs to one account" },
  {
    pattern: /^(policy-limits|remote-settings)\.json$/i,
    why: "the vendor sets it for one account",
  },
  { pattern: /\.lock$/i, why: "a lock guards one home" },
  { pattern: /^\./, why: "hidden entries belong to one account" },
  { pattern: /[^\x20-\x7e]|^\s|\s$/, why: "it has characters that cannot be a link's name" },
];

/** Why a name may not be a shared link, as half a sentence, or null when it may. */
export function refusedLink(link: string): string | null {
  return REFUSED.find(({ pattern }) => pattern.test(link))?.why ?? null;
}
