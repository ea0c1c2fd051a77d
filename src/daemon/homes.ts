import { lstatSync } from "node:fs";
import { join } from "node:path";
import { ensureAll, validateAll, type SharedReport } from "../accounts/shared-links.ts";
import { homesError, problemText } from "../accounts/shared-problems.ts";
import type { Config } from "../config/config.ts";
import type { HomeLook } from "./observe.ts";

/** Changes nothing. Throws CF_ACCOUNT_HOMES with every problem of every home. */
export async function requireHomes(config: Config): Promise<void> {
  refuseProblems(validateAll(sharedHomes(config)));
}

/** Makes what is missing of every home. Throws as requireHomes does, and makes nothing then. */
export async function prepareHomes(config: Config): Promise<SharedReport> {
  return refuseProblems(await ensureAll(sharedHomes(config)));
}

function refuseProblems(report: SharedReport): SharedReport {
  if (report.problems.length > 0) throw homesError(report.problems);
  return report;
}

/** What was seen of every home when it was looked at last. */
export class HomesSeen {
  #now: ReadonlyMap<string, HomeLook> = new Map();
  readonly #config: Config;
  readonly #identityOf: (account: string) => string | null;

  constructor(config: Config, identityOf: (account: string) => string | null) {
    this.#config = config;
    this.#identityOf = identityOf;
  }

  get now(): ReadonlyMap<string, HomeLook> {
    return this.#now;
  }

  async look(): Promise<void> {
    this.#now = await lookAtHomes(this.#config, this.#identityOf);
  }
}

/** Looks at every home: its login by `lstat` alone, and the first thing wrong with its links. */
export async function lookAtHomes(
  config: Config,
  identityProblem: (account: string) => string | null,
): Promise<ReadonlyMap<string, HomeLook>> {
  const { problems } = validateAll(sharedHomes(config));
  return new Map(
    config.accounts.map(({ name, home }) => {
      const problem = problems.find((each) => each.account === name);
      const linkProblem = problem === undefined ? null : problemText(problem);
      const look = { loggedIn: hasLogin(home), linkProblem };
      return [name, { ...look, identityProblem: identityProblem(name) }];
    }),
  );
}

/** Whether a home holds a login; the file is never opened (invariant 2). */
export function hasLogin(home: string): boolean {
  try {
    return lstatSync(join(home, ".credentials.json")).size > 0;
  } catch {
    return false;
  }
}

function sharedHomes(config: Config): Parameters<typeof validateAll>[0] {
  const { root, links } = config.shared;
  return { accounts: config.accounts, root, links };
}
