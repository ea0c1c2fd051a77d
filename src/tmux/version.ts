/** A tmux version as far as it can be compared; null parts come from builds without a number. */
export interface TmuxVersion {
  /** As tmux says it, without the leading `tmux `. */
  readonly text: string;
  /** `[3, 3]` for 3.3a; null for `master` and OpenBSD's own, which are taken as newest. */
  readonly number: readonly [major: number, minor: number] | null;
}

/** Reads the answer of `tmux -V` (`tmux 3.3a`, `tmux next-3.7`, `tmux openbsd-7.6`, `tmux master`). */
export function parseVersion(output: string): TmuxVersion {
  const text = output.trim().replace(/^tmux /, "");
  const match = /^(?:next-)?(\d+)\.(\d+)/.exec(text);
  if (match === null) return { text, number: null };
  return { text, number: [Number(match[1]), Number(match[2])] };
}

/** Whether the version is `major.minor` or newer. */
export function isAtLeast(version: TmuxVersion, major: number, minor: number): boolean {
  if (version.number === null) return true;
  const [ownMajor, ownMinor] = version.number;
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
