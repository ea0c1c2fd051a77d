import { ACCOUNTS_ERRORS } from "./errors/accounts.ts";
import { API_ERRORS } from "./errors/api.ts";
import { CLIENT_ERRORS } from "./errors/client.ts";
import { CLI_ERRORS } from "./errors/cli.ts";
import { CONFIG_ERRORS } from "./errors/config.ts";
import { DAEMON_ERRORS } from "./errors/daemon.ts";
import { DISPATCH_ERRORS } from "./errors/dispatch.ts";
import { DRILL_ERRORS } from "./errors/drill.ts";
import { INTERNAL_ERRORS } from "./errors/internal.ts";
import { SESSIONS_ERRORS } from "./errors/sessions.ts";
import { SETUP_ERRORS } from "./errors/setup.ts";
import { SIMULATE_ERRORS } from "./errors/simulate.ts";
import { SLOT_ERRORS } from "./errors/slot.ts";
import { STORE_ERRORS } from "./errors/store.ts";
import { POLICY_ERRORS } from "./errors/policy.ts";
import { SWITCHOVER_ERRORS } from "./errors/switchover.ts";
import { TMUX_ERRORS } from "./errors/tmux.ts";
import type { CatalogueEntry, ExitStatus, Recovery } from "./errors/entry.ts";

export { EXIT, type ExitStatus, type Recovery } from "./errors/entry.ts";

/**
 * Every error the product can report, one file of `errors/` per area. `docs/errors.md` explains each
 * one; a test compares the two in both directions.
 */
export const CATALOGUE = {
  ...CONFIG_ERRORS,
  ...CLI_ERRORS,
  ...ACCOUNTS_ERRORS,
  ...STORE_ERRORS,
  ...CLIENT_ERRORS,
  ...POLICY_ERRORS,
  ...SWITCHOVER_ERRORS,
  ...SLOT_ERRORS,
  ...DAEMON_ERRORS,
  ...API_ERRORS,
  ...TMUX_ERRORS,
  ...SESSIONS_ERRORS,
  ...DISPATCH_ERRORS,
  ...DRILL_ERRORS,
  ...SETUP_ERRORS,
  ...SIMULATE_ERRORS,
  ...INTERNAL_ERRORS,
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(CATALOGUE, code);
}

/** Scalars that name what an error is about: paths, names, numbers. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface FailoverErrorOptions {
  hint?: string;
  details?: ErrorDetails;
  cause?: unknown;
}

/** The one error shape: a stable code, one sentence of what happened, and what to do next. */
export class FailoverError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: FailoverErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "FailoverError";
    this.code = code;
    this.hint = options.hint ?? CATALOGUE[code].hint;
    this.details = options.details ?? {};
  }

  get recovery(): Recovery {
    return CATALOGUE[this.code].recovery;
  }

  /** What the daemon refuses ends a call as it would have ended without one. */
  get exitStatus(): ExitStatus {
    const { code } = this.details;
    const isKnown = this.code === "CF_DAEMON_ERROR" && isErrorCode(code);
    return CATALOGUE[isKnown ? code : this.code].exit;
  }
}

/** Any thrown thing as a FailoverError; an unknown one becomes CF_INTERNAL with the original as cause. */
export function asFailoverError(thrown: unknown): FailoverError {
  if (thrown instanceof FailoverError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FailoverError("CF_INTERNAL", message, { cause: thrown });
}

/** The errno code (`ENOENT`, …) of a thrown system error, or undefined. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
