import { basename } from "node:path";
import { isMap, isSeq, parseDocument, stringify } from "yaml";
import type { Mode, ProposedAccount } from "./model.ts";

export interface WantedConfig {
  /** HOME, absolute: paths below it are written with `~`. */
  readonly home: string;
  readonly slot: string;
  readonly accounts: readonly ProposedAccount[];
  readonly mode: Mode;
  /** The folder of a session, absolute; null for none. */
  readonly session: string | null;
}

/** Pure: a first configuration, with what may be changed said in comments. */
export function configText(wanted: WantedConfig): string {
  const { home, slot, accounts, mode, session } = wanted;
  const path = (absolute: string): string => scalar(withTilde(absolute, home));
  return [
    "# The configuration of claude-failover. Every key: docs/configuration.md.",
    "# It is read when the daemon starts.",
    "",
    "# The accounts to move between; the first one is preferred. A home is what",
    "# the client takes as its config directory. email: an account that answers",
    "# as somebody else may not take over.",
    "accounts:",
    ...accounts.flatMap((account) => accountText(account, home)),
    "",
    "# The link that every session uses as its config directory.",
    `slot: ${path(slot)}`,
    "",
    "policy:",
    "  # auto moves at a limit; confirm asks first; notify only tells.",
    `  mode: ${mode}`,
    "",
    "sessions:",
    "  # Your own sessions; nothing is ever dispatched to them.",
    ...(session === null
      ? ["  dedicated: []", "  #  - { name: api, cwd: ~/src/api }"]
      : [
          "  dedicated:",
          `    - name: ${scalar(sessionName(session))}`,
          `      cwd: ${path(session)}`,
        ]),
    "  # Interchangeable sessions, which tasks are dispatched to.",
    "  # pool: { prefix: ccl-auto-, startIndex: 1, min: 1, max: 3, cwd: ~/src }",
    "",
  ].join("\n");
}

function accountText({ name, home: path, email }: ProposedAccount, home: string): string[] {
  return [
    `  - name: ${scalar(name)}`,
    `    home: ${scalar(withTilde(path, home))}`,
    ...(email === null ? [] : [`    email: ${scalar(email)}`]),
  ];
}

/** A session's name from its folder: what tmux allows in one. */
export function sessionName(folder: string): string {
  const name = basename(folder)
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  return name === "" ? "session" : name;
}

/**
 * Pure: the text with one more account at the end of its list; comments and order stay. What is no
 * list of accounts is left as it is, for the check of the whole to name.
 */
export function addAccount(text: string, account: ProposedAccount, home: string): string {
  const document = parseDocument(text);
  if (!isMap(document.contents)) return text;
  const entry = { name: account.name, home: withTilde(account.home, home) };
  const list = document.get("accounts");
  if (isSeq(list)) list.add(document.createNode(entry));
  else document.set("accounts", [entry]);
  return document.toString({ lineWidth: 0 });
}

function withTilde(path: string, home: string): string {
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** A text as YAML reads it back, in quotes where it must be. `~` alone would be null. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}
