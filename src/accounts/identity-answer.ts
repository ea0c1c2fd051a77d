/** Who an account home belongs to, as far as the client can tell. */
export type Identity =
  | {
      readonly kind: "known";
      readonly loggedIn: boolean;
      /** Null where the home does not say: its `.claude.json` names no account. */
      readonly email: string | null;
      readonly orgId: string | null;
      /** The client's word, e.g. `max`, `pro`, `team`. */
      readonly subscription: string | null;
    }
  | { readonly kind: "unknown"; readonly why: string };

/** Reads what `claude auth status --json` printed (client facts 9). */
export function parseAuthStatus(text: string): Identity {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { kind: "unknown", why: "claude auth status did not answer with JSON" };
  }
  if (typeof answer !== "object" || answer === null || !("loggedIn" in answer)) {
    return { kind: "unknown", why: "claude auth status did not say whether it is logged in" };
  }
  const fields: Record<string, unknown> = { ...answer };
  if (typeof fields["loggedIn"] !== "boolean") {
    return { kind: "unknown", why: "claude auth status did not say whether it is logged in" };
  }
  return {
    kind: "known",
    loggedIn: fields["loggedIn"],
    email: textOf(fields["email"]),
    orgId: textOf(fields["orgId"]),
    subscription: textOf(fields["subscriptionType"]),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Why an account may not take over because of who it is. */
export interface IdentityLimitation {
  readonly code: "identityChanged" | "loggedOut";
  readonly text: string;
}

/**
 * Compares who a home is now with who it was when last stored. Only what both sides know can differ:
 * an answer without an e-mail is no change.
 */
export function identityLimitation(options: {
  account: string;
  stored: Identity | null;
  now: Identity;
}): IdentityLimitation | null {
  const { account, stored, now } = options;
  if (now.kind === "unknown") return null;
  if (!now.loggedIn) {
    const text = `Account ${account} is logged out; log in with its home as CLAUDE_CONFIG_DIR.`;
    return { code: "loggedOut", text };
  }
  if (stored === null || stored.kind === "unknown" || !stored.loggedIn) return null;
  const changed = differs(stored.email, now.email) || differs(stored.orgId, now.orgId);
  if (!changed) return null;
  return {
    code: "identityChanged",
    text: `The home of account ${account} was ${nameOf(stored)} and now answers as ${nameOf(now)}.`,
  };
}

function differs(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before.toLowerCase() !== now.toLowerCase();
}

function nameOf(identity: { email: string | null; orgId: string | null }): string {
  const organisation = identity.orgId === null ? "" : ` (organisation ${identity.orgId})`;
  return `${identity.email ?? "an account without a name"}${organisation}`;
}
