import type { Verdict } from "../policy/strategy.ts";
import { CERTIFIED } from "./certified-versions.ts";

/** What is known of a version of the client. */
export interface Certification {
  /** Null where no drill has said anything. */
  readonly verdict: Verdict | null;
  /** What did not hold. */
  readonly why: string | null;
}

/** By the drill on this machine (`drilled`), else by those done before this program was released. Pure. */
export function certificationOf(version: string, drilled: Certification | null): Certification {
  if (drilled !== null) return { verdict: drilled.verdict, why: drilled.why };
  return { verdict: CERTIFIED[version] ?? null, why: null };
}

const WORDS: Readonly<Record<Verdict, string>> = {
  hot: "hot certified",
  relaunch: "relaunch only",
  broken: "broken",
};

/** `hot certified`, `relaunch only: …`, `broken: …`, `not certified`: in words. Pure. */
export function certificationText({ verdict, why }: Certification): string {
  const words = verdict === null ? "not certified" : WORDS[verdict];
  return why === null ? words : `${words}: ${why}`;
}
