import { FailoverError } from "../errors.ts";

/**
 * One argument as tmux's command parser reads it back unchanged, on one line. Spaces, quotes, `;`,
 * `$`, `~`, braces, `#`, leading `-`, control characters and any Unicode survive. Formats are not
 * the parser's: where a command expands its argument, pass it through `escapeFormat` first.
 *
 * Throws CF_TMUX_ARGUMENT for a NUL, which no command can take.
 */
export function quoteArgument(text: string): string {
  if (text.includes("\0")) {
    throw new FailoverError("CF_TMUX_ARGUMENT", "An argument for tmux contains a NUL character.");
  }
  if (PLAIN.test(text)) return text;
  return `'${text.replaceAll(SPECIAL_RUN, (run) => `'"${escapeRun(run)}"'`)}'`;
}

/** A whole command as one part of a control-mode line. */
export function quoteCommand(args: readonly string[]): string {
  return args.map(quoteArgument).join(" ");
}

/**
 * Text that a tmux format expands to unchanged. tmux halves `##`, but leaves a run of `#` before
 * `[` alone because that is a style.
 */
export function escapeFormat(text: string): string {
  return text.replaceAll(/#+(\[?)/g, (run, bracket: string) =>
    bracket === "" ? run.repeat(2) : run,
  );
}

const PLAIN = /^[A-Za-z0-9_@:.,/+-]+$/;
/** What cannot stand between single quotes: the quote itself, and controls that end the line. */
const SPECIAL_RUN = /['\u0001-\u001f\u007f]+/g;

function escapeRun(run: string): string {
  return run.replaceAll(/[^']/g, (control) => {
    const code = control.charCodeAt(0).toString(8).padStart(3, "0");
    return `\\${code}`;
  });
}
