/** What tmux says about one pane. Ids are pinned: they never name another pane, window or session. */
export interface PaneRow {
  readonly sessionName: string;
  /** `$` and a number. */
  readonly sessionId: string;
  /** `@` and a number. */
  readonly windowId: string;
  /** `%` and a number. */
  readonly paneId: string;
  /** The process tmux started in the pane; of a dead pane, the last one. */
  readonly panePid: number;
  readonly tty: string;
  /**
   * The program ended and the pane is kept (`remain-on-exit`). How it ended may be known a moment
   * later: until then `deadStatus` and `deadSignal` are both null.
   */
  readonly dead: boolean;
  /** Exit status, null while alive or when a signal ended it. */
  readonly deadStatus: number | null;
  /** Signal number, null while alive or when it exited; always null before tmux 3.3. */
  readonly deadSignal: number | null;
  /** In copy mode or another mode that swallows keys. */
  readonly inMode: boolean;
  readonly cursorX: number;
  readonly cursorY: number;
  readonly width: number;
  readonly height: number;
  /** Name of the program in the foreground. */
  readonly command: string;
  readonly cwd: string;
  /** Epoch milliseconds: of our last start or respawn, else of the session's creation. */
  readonly startedAt: number;
  /** The user options asked for, by name; unset ones are absent. */
  readonly options: Readonly<Record<string, string>>;
}

/** Epoch milliseconds of the last start, kept by us on the pane: tmux does not tell. */
export const STARTED_OPTION = "@cf_started_at";
/** Marks a pane as ours; its value is the session's configured name. */
export const SESSION_OPTION = "@cf_session";

const VARIABLES = [
  "session_name",
  "session_id",
  "window_id",
  "pane_id",
  "pane_pid",
  "pane_tty",
  "pane_dead",
  "pane_dead_status",
  "pane_dead_signal",
  "pane_in_mode",
  "cursor_x",
  "cursor_y",
  "pane_width",
  "pane_height",
  "pane_current_command",
  "pane_current_path",
  "session_created",
  STARTED_OPTION,
] as const;
type Variable = (typeof VARIABLES)[number];

const END_OF_ROW = "|";
const ROW_END = ` ${END_OF_ROW}`;
const PLACES = new Map(VARIABLES.map((name, index) => [name, index]));

/**
 * The format for `list-panes -F`. Every value goes through tmux's `q:`, which puts a backslash
 * before each space, `|` and backslash, so a bare space can only be our separator and a bare `|`
 * only the end of a row. Control characters would not do: tmux 3.4 and newer print them escaped.
 */
export function paneFormat(options: readonly string[]): string {
  const fields = [...VARIABLES, ...options].map((name) => `#{q:${name}}`);
  return [...fields, END_OF_ROW].join(" ");
}

/** Reads the lines that `list-panes -F paneFormat(options)` printed. Rows it cannot read are left out. */
export function parsePanes(lines: readonly string[], options: readonly string[]): PaneRow[] {
  return rowsOf(lines)
    .filter((fields) => fields.length === VARIABLES.length + options.length)
    .map((fields) => toRow(fields, options));
}

/** Rows of unescaped fields. Most are one line in which no blank is part of a value. */
function rowsOf(lines: readonly string[]): string[][] {
  const rows: string[][] = [];
  let odd: string[] = [];
  for (const line of lines) {
    const isWhole = line.endsWith(ROW_END);
    if (isWhole && odd.length === 0 && !/\\[\\ ]/.test(line)) {
      rows.push(line.slice(0, -ROW_END.length).replaceAll("\\", "").split(" "));
      continue;
    }
    odd.push(line);
    if (!isWhole) continue;
    rows.push(...splitRows(odd.join("\n")));
    odd = [];
  }
  return rows;
}

/** Any rows. A line break inside a value (a path) belongs to the value. */
function splitRows(text: string): string[][] {
  const rows: string[][] = [];
  let fields: string[] = [];
  let field = "";
  for (const [token] of text.matchAll(/\\[^]|[^\\ |$]+|[^]/g)) {
    if (token === " ") {
      fields.push(field);
      field = "";
    } else if (token === END_OF_ROW) {
      rows.push(fields);
      fields = [];
    } else if (token === "$") {
      // Only tmux 3.4 leaves one bare: it printed a second backslash before `\$`.
      field = `${field.slice(0, -1)}$`;
    } else if (token.length === 2 && token.startsWith("\\")) {
      field += token.slice(1);
    } else {
      field += fields.length === 0 && field === "" ? token.replace(/^\n/, "") : token;
    }
  }
  return rows;
}

function toRow(fields: readonly string[], options: readonly string[]): PaneRow {
  const text = (name: Variable): string => fields[PLACES.get(name) ?? -1] ?? "";
  const number = (name: Variable): number => Number(text(name));
  const numberOrNull = (name: Variable): number | null => (text(name) === "" ? null : number(name));
  return {
    sessionName: text("session_name"),
    sessionId: text("session_id"),
    windowId: text("window_id"),
    paneId: text("pane_id"),
    panePid: number("pane_pid"),
    tty: text("pane_tty"),
    dead: text("pane_dead") === "1",
    deadStatus: numberOrNull("pane_dead_status"),
    deadSignal: numberOrNull("pane_dead_signal"),
    inMode: number("pane_in_mode") > 0,
    cursorX: number("cursor_x"),
    cursorY: number("cursor_y"),
    width: number("pane_width"),
    height: number("pane_height"),
    command: text("pane_current_command"),
    cwd: text("pane_current_path"),
    startedAt: numberOrNull(STARTED_OPTION) ?? number("session_created") * 1000,
    options: namedOptions(fields.slice(VARIABLES.length), options),
  };
}

function namedOptions(values: readonly string[], names: readonly string[]): Record<string, string> {
  const set = names.map((name, index): [string, string] => [name, values[index] ?? ""]);
  return Object.fromEntries(set.filter(([, value]) => value !== ""));
}
