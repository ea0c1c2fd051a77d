import { keepOwnStatusLine, ownStatusLines } from "../claude/status-line-command.ts";
import type { Config } from "../config/config.ts";
import { slotNamed } from "../config/slots.ts";
import { parseStatusLine } from "../claude/statusline.ts";
import { readingAccount } from "../policy/evidence.ts";
import type { TranscriptWatch } from "../claude/transcript-watcher.ts";
import type { WindowUsage } from "../policy/model.ts";
import type { Store } from "../store/store.ts";
import type { Core } from "./core.ts";
import { refineReset } from "./exhaust.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { Intake } from "./intake.ts";
import { reconcileTranscript } from "./reconcile.ts";
import { readRows } from "./signals.ts";

export interface ReadingsDeps {
  readonly fleet: Fleet;
  readonly intake: Pick<Intake, "answered">;
  readonly store: Store;
  /** Reads what the session's transcript gained. */
  readonly readRows: (session: FleetSession) => void;
  /** Something is known that a decision may want. */
  readonly onNews: () => void;
}

/** The operator may have set another status line, and another home may be in the slot. */
export function keepStatusLines(
  fleet: Fleet,
  { config, settingsDir }: { config: Config; settingsDir: string },
): void {
  for (const each of fleet.slots()) {
    const slot = slotNamed(config, each).path;
    const commandIn = ownStatusLines(slot);
    for (const { name, kind, cwd } of fleet.list(each))
      if (kind !== "adopted")
        keepOwnStatusLine({ session: name, cwd, commandIn, slot, settingsDir });
  }
}

/** The readings of the daemon's sessions. */
export function readingsOf(
  core: Core,
  parts: { store: Store; watch: TranscriptWatch; projectsDir: string },
): Readings {
  const { store, watch, projectsDir } = parts;
  return new Readings({
    ...core,
    store,
    onNews: () => core.controller.evaluateSoon(),
    // At start the rows are not read yet.
    readRows: (session) =>
      core.intake.answered(session.name) === null
        ? reconcileTranscript(session, { ...core, projectsDir })
        : readRows(session, watch, core),
  });
}

/** What a session's status line told last, and of whom. */
interface Shown {
  readonly numbers: string;
  readonly account: string;
}

/**
 * Takes in what status lines tell: how much of each window is used, by which account, and which
 * model a session works with. A percentage is no refusal: it never exhausts or frees an account.
 */
export class Readings {
  readonly #deps: ReadingsDeps;
  readonly #shown = new Map<string, Shown>();

  constructor(deps: ReadingsDeps) {
    this.#deps = deps;
    deps.fleet.onLeft((name) => this.#shown.delete(name));
  }

  /** One status-line payload of the session `name`, written at `at` (epoch ms). */
  take(name: string, payload: unknown, at: number): void {
    const { fleet, store, readRows } = this.#deps;
    const report = parseStatusLine(payload);
    const session = fleet.get(name);
    if (report === null || session?.live.sessionId !== report.sessionId) return;
    if (report.modelId !== null) fleet.worksWith(name, report.modelId);
    if (report.windows.length === 0) return;
    // The answer that it shows may not have been read yet.
    readRows(session);
    const account = this.#accountOf(session, report.windows, at);
    if (account === null) return;
    const news = store.transaction(() =>
      report.windows.filter((window) => this.#keep(account, window, at)),
    );
    if (news.length > 0) this.#deps.onNews();
  }

  #accountOf(session: FleetSession, windows: readonly WindowUsage[], at: number): string | null {
    const { intake, store } = this.#deps;
    const { name, live } = session;
    const answered = intake.answered(name);
    if (answered === null || answered.sessionId !== live.sessionId) return null;
    const periods = store.periods.of(session.slot).list();
    const account = readingAccount({ requestedAt: answered.requestedAt, shownAt: at, periods });
    if (account === null) return null;
    const numbers = JSON.stringify(windows);
    const before = this.#shown.get(name);
    // Still what the account before told: a sub-agent of then may be the one that was answered.
    if (before !== undefined && before.numbers === numbers && before.account !== account)
      return null;
    this.#shown.set(name, { numbers, account });
    return account;
  }

  #keep(account: string, { window, usedPercent, resetsAt }: WindowUsage, at: number): boolean {
    const { store } = this.#deps;
    if (usedPercent === null) return false;
    const isNews = store.accounts.putReading({
      account,
      window,
      usedPercent,
      resetsAt,
      readAt: at,
    });
    if (!isNews) return false;
    store.usage.add({ account, window, at, usedPercent, resetsAt });
    if (usedPercent >= 100 && resetsAt !== null)
      refineReset(store, { account, window, resetsAt, at });
    return true;
  }
}
