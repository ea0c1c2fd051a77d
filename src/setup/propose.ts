import { basename, dirname, join } from "node:path";
import { shellWord } from "../claude/shell-quote.ts";
import { addAccount, configText, type WantedConfig } from "./config-text.ts";
import type {
  Change,
  FoundHome,
  NextStep,
  ProposedAccount,
  Proposal,
  Surroundings,
  Wishes,
} from "./model.ts";

/** Pure: what is to be done so that the fleet can run, or why it cannot be done. */
export function propose(found: Surroundings, wishes: Wishes): Proposal {
  const existing = found.config.text;
  const accounts = accountsOf(found, wishes);
  const written =
    existing === null
      ? newConfig(found, wishes, accounts)
      : changedConfig(existing, found, accounts);
  const adopts =
    wishes.adopt && found.users.length === 0 && !found.daemonRuns && needsAdopting(found);
  const problems = [
    ...problemsOf(found, wishes, accounts),
    ...(adopts ? slotProblems(found, accounts) : []),
  ];
  const changes: Change[] = [
    ...written,
    ...missingHomes(found, accounts),
    ...(adopts ? [...relinking(found), adoption(found, accounts)] : []),
    ...(wishes.service ? [SERVICE] : []),
  ];
  return { accounts, changes, next: nextSteps({ found, wishes, accounts, adopts }), problems };
}

const SERVICE: Change = {
  do: "installService",
  text: "Install and start the user service, so that it runs after every login and restart.",
};

/** The accounts as they will be: configured ones, homes that were found, and a new one. */
export function accountsOf(
  found: Surroundings,
  wishes: Pick<Wishes, "homes" | "names" | "add">,
): ProposedAccount[] {
  const configured = found.config.accounts.map((account) => {
    const from = account.home === found.slot.becomes ? found.slot.path : null;
    const home = found.homes.find(({ path }) => path === (from ?? account.home));
    return { ...account, from, email: emailOf(home), loggedIn: home?.loggedIn ?? false };
  });
  const taken = new Set(configured.map(({ name }) => name));
  // With a configuration, only what is asked for is added to it.
  const homes = found.config.text === null ? wantedHomes(found, wishes) : [];
  const fresh = homes.map((home) => foundAccount(home, found, { wishes, taken }));
  const added = wishes.add === null ? [] : [newAccount(wishes.add, found)];
  return [...configured, ...fresh, ...added];
}

function wantedHomes({ homes }: Surroundings, wishes: Pick<Wishes, "homes">): FoundHome[] {
  return homes.filter(
    ({ path, inSlot, loggedIn }) => wishes.homes?.includes(path) ?? (inSlot || loggedIn),
  );
}

function foundAccount(
  home: FoundHome,
  found: Surroundings,
  at: { wishes: Pick<Wishes, "names">; taken: Set<string> },
): ProposedAccount {
  // The slot itself becomes a link; the folder that is there now moves beside it.
  const isSlot = home.path === found.slot.path;
  const isTaken = (wanted: string): boolean =>
    at.taken.has(wanted) ||
    (isSlot && found.homes.some(({ path }) => path === homeFor(wanted, found)));
  const name = at.wishes.names[home.path] ?? freeName(nameOf(home, found), isTaken);
  at.taken.add(name);
  const path = isSlot ? homeFor(name, found) : home.path;
  const from = isSlot ? home.path : null;
  return { name, home: path, from, email: emailOf(home), loggedIn: home.loggedIn };
}

function newAccount(name: string, found: Surroundings): ProposedAccount {
  return { name, home: homeFor(name, found), from: null, email: null, loggedIn: false };
}

function homeFor(name: string, { slot }: Surroundings): string {
  return join(dirname(slot.path), `.claude-${name}`);
}

function emailOf(home: FoundHome | undefined): string | null {
  return home?.who.kind === "known" ? home.who.email : null;
}

/** The name a home suggests: its own ending, else the beginning of its e-mail address. */
function nameOf(home: FoundHome, { slot }: Surroundings): string {
  const ending = /^\.?claude[-_.]?(.+)$/.exec(basename(home.path))?.[1];
  const local = emailOf(home)?.split("@")[0];
  const wanted =
    home.path === slot.path ? (local ?? "main") : (ending ?? local ?? basename(home.path));
  return accountName(wanted);
}

/** The nearest text that may be an account's name. */
export function accountName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  return name === "" ? "main" : name;
}

function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    const name = `${wanted.slice(0, 28)}-${number}`;
    if (!isTaken(name)) return name;
  }
}

function problemsOf(
  { tmux, client, slot, config }: Surroundings,
  wishes: Wishes,
  accounts: readonly ProposedAccount[],
): Proposal["problems"] {
  const tools = [tmux, client].flatMap((tool) =>
    tool.kind === "missing" ? [{ text: tool.message, hint: tool.hint }] : [],
  );
  const other =
    slot.kind === "other"
      ? [{ text: `${slot.path} is neither a folder nor a link.`, hint: "Move it away." }]
      : [];
  const names = accounts.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const repeated =
    twice === undefined
      ? []
      : [{ text: `Two accounts are called ${twice}.`, hint: "Give one another name." }];
  const wrong = wishes.add !== null && accountName(wishes.add) !== wishes.add;
  const named = wrong
    ? [
        {
          text: `${wishes.add ?? ""} cannot be an account's name.`,
          hint: "Use up to 32 of a-z, 0-9 and -.",
        },
      ]
    : [];
  const none =
    accounts.length === 0
      ? [
          {
            text: "There is no account yet.",
            hint: "Name the first one with --add, like --add main.",
          },
        ]
      : [];
  return config.text === null
    ? [...tools, ...other, ...named, ...repeated, ...none]
    : [...tools, ...named, ...repeated];
}

/** A plain folder can only be moved where it belongs. */
function slotProblems(
  { slot, config }: Surroundings,
  accounts: readonly ProposedAccount[],
): Proposal["problems"] {
  if (config.text === null || slot.kind !== "directory") return [];
  if (accounts.some(({ from }) => from !== null)) return [];
  return [
    {
      text: `${slot.path} is a folder, and it cannot be told which account's home it is.`,
      hint: "Move it to the home of its account, or elsewhere if it is none's, and call init again.",
    },
  ];
}

function newConfig(
  found: Surroundings,
  wishes: Wishes,
  accounts: readonly ProposedAccount[],
): Change[] {
  if (accounts.length === 0) return [];
  const { home, slot, config } = found;
  const wanted: WantedConfig = {
    home,
    slot: slot.path,
    accounts,
    mode: wishes.mode,
    session: wishes.session,
  };
  return [
    {
      do: "writeConfig",
      path: config.file,
      content: configText(wanted),
      replaces: false,
      text: `Write the configuration ${config.file}.`,
    },
  ];
}

/** A configuration that is there is only added to; its comments stay. */
function changedConfig(
  text: string,
  found: Surroundings,
  accounts: readonly ProposedAccount[],
): Change[] {
  const known = new Set(found.config.accounts.map(({ name }) => name));
  const fresh = accounts.filter(({ name }) => !known.has(name));
  if (fresh.length === 0) return [];
  const content = fresh.reduce((so, account) => addAccount(so, account, found.home), text);
  const names = fresh.map(({ name }) => name).join(", ");
  return [
    {
      do: "writeConfig",
      path: found.config.file,
      content,
      replaces: true,
      text: `Add ${names} to the configuration ${found.config.file}; the file as it is now is kept beside it.`,
    },
  ];
}

function needsAdopting({ slot, homes, config }: Surroundings): boolean {
  const isOurs = (path: string): boolean =>
    config.text === null || config.accounts.some(({ home }) => home === path);
  return (
    slot.kind === "directory" || homes.some((home) => isOurs(home.path) && home.private.length > 0)
  );
}

function adoption({ slot }: Surroundings, accounts: readonly ProposedAccount[]): Change {
  const owner = accounts.find(({ from }) => from !== null);
  const moved =
    owner === undefined ? "" : `Move ${slot.path} to ${owner.home} and put a link in its place; `;
  const text = `${moved}bring the conversations of all accounts into shared folders. The originals are kept until claude-failover adopt --commit; claude-failover adopt --undo takes it back.`;
  return { do: "adopt", text: text.slice(0, 1).toUpperCase() + text.slice(1) };
}

/** Before what an uninstall put into one folder is shared again, what leads there must lead to the shared. */
function relinking({ homes }: Surroundings): Change[] {
  return homes
    .flatMap(({ stale }) => stale)
    .map(({ path, to }) => ({ do: "relink", path, to, text: `Let ${path} lead to ${to}.` }));
}

function missingHomes(found: Surroundings, accounts: readonly ProposedAccount[]): Change[] {
  const there = new Set(found.homes.map(({ path }) => path));
  return accounts
    .filter(({ home, from }) => from === null && !there.has(home))
    .map(({ name, home }) => ({
      do: "makeDirectory",
      path: home,
      text: `Make ${home} (0700), the home of ${name}.`,
    }));
}

export const REHEARSE = "claude-failover demo";

/** What logs an account in, in its home. */
export function loginCommand(home: string): string {
  return `CLAUDE_CONFIG_DIR=${shellWord(home)} claude auth login`;
}

function nextSteps(at: {
  found: Surroundings;
  wishes: Wishes;
  accounts: readonly ProposedAccount[];
  adopts: boolean;
}): NextStep[] {
  const { found, wishes, accounts, adopts } = at;
  const later =
    !adopts && needsAdopting(found)
      ? [
          {
            text:
              found.users.length > 0 || found.daemonRuns
                ? "End the sessions that run, then make shared what is private:"
                : "Make shared what is private:",
            // adopt leaves links alone that lead elsewhere, as those that an uninstall left do.
            command: relinking(found).length > 0 ? "claude-failover init" : "claude-failover adopt",
          },
        ]
      : [];
  const logins = accounts
    .filter(({ loggedIn }) => !loggedIn)
    .map(({ name, home }) => ({
      text: `Log in to ${name}:`,
      command: loginCommand(home),
    }));
  const another =
    accounts.length === 1
      ? [
          {
            text: "Make a home for one more account; with one alone there is nowhere to move:",
            command: "claude-failover init --add second",
          },
        ]
      : [];
  const start = found.daemonRuns
    ? {
        text: "Restart the daemon, so that it takes the configuration up:",
        command: "claude-failover run",
      }
    : { text: "Start the daemon:", command: "claude-failover run" };
  return [
    ...later,
    ...logins,
    ...another,
    { text: "Rehearse a failover in a sandbox, without your accounts:", command: REHEARSE },
    ...(wishes.service ? [] : [start]),
    { text: "Watch it:", command: "claude-failover top" },
  ];
}
