/** One thing in the conversation as it is shown. */
export interface Block {
  readonly kind: "prompt" | "answer" | "result" | "error" | "notice" | "done" | "tool" | "plain";
  readonly text: string;
}

/** A menu that takes the keys instead of the composer. */
export interface Menu {
  readonly kind: "limit" | "rewind" | "trust";
  readonly title: readonly string[];
  readonly options: readonly string[];
  readonly selected: number;
  readonly footer: string;
}

/** Everything the screen is drawn from. */
export interface View {
  readonly columns: number;
  readonly rows: number;
  readonly blocks: readonly Block[];
  /** What the model has said so far in the running turn; null when none runs. */
  readonly running: { readonly text: string; readonly spinner: string } | null;
  readonly queued: readonly string[];
  readonly draft: string;
  readonly placeholder: string | null;
  readonly menu: Menu | null;
  /** One line right above the composer, at the right. */
  readonly notice: string | null;
  /** Set while the client would continue by itself: the two lines below the composer. */
  readonly armedUntil: string | null;
  readonly statusLine: string | null;
  readonly mode: string;
  /** Replaces the mode line while set. */
  readonly hint: string | null;
}

export interface Frame {
  readonly lines: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number };
}

const RESET = "\u001b[0m";
const DIM = "\u001b[38;5;246m";
const RULE = "─";
const MENU_RULE = "▔";

/** Draws the whole screen, with escape sequences. Pure. */
export function draw(view: View): Frame {
  const bottom = view.menu === null ? composer(view) : menu(view, view.menu);
  const height = Math.max(1, view.rows - bottom.lines.length);
  const running = runningLines(view);
  const shown = [...said(view, height - running.length), ...running].slice(-height);
  const filler = Array.from({ length: height - shown.length }, () => "");
  return {
    lines: [...shown, ...filler, ...bottom.lines],
    cursor: { row: height + bottom.cursor.row, column: bottom.cursor.column },
  };
}

/** The last lines of the conversation, at least `height` of them if there are so many. */
function said({ blocks, columns }: View, height: number): string[] {
  let lines: string[] = [];
  for (let index = blocks.length - 1; index >= 0 && lines.length < height; index--) {
    const block = blocks[index];
    if (block !== undefined) lines = [...blockLines(block, columns), "", ...lines];
  }
  return lines;
}

/** The trust question, drawn from the top of an ordinary screen. */
export function drawTrust(view: { columns: number; cwd: string; menu: Menu }): Frame {
  const { menu: asked } = view;
  const lines = [
    RULE.repeat(view.columns),
    ...asked.title.map((line) => (line === "" ? "" : ` ${line}`)),
    ...asked.options.map((option, index) => ` ${index === asked.selected ? "❯" : " "} ${option}`),
    "",
    ` ${DIM}${asked.footer}${RESET}`,
  ];
  const row = 1 + asked.title.length + asked.selected;
  return { lines, cursor: { row, column: 1 } };
}

function composer(view: View): Frame {
  const text = view.draft === "" ? placeholderText(view.placeholder) : null;
  const typed = view.draft.split("\n").flatMap((line) => hardWrap(line, view.columns - 3));
  const lines = [
    ...(view.notice === null ? [] : [`${DIM}${view.notice.padStart(view.columns)}${RESET}`]),
    rule(RULE, view.columns),
  ];
  const first = lines.length;
  // The composer's sign is followed by a no-break space, that of an earlier prompt by a plain one.
  lines.push(`❯\u00a0${text ?? typed[0] ?? ""}`);
  if (text === null) lines.push(...typed.slice(1).map((line) => `  ${line}`));
  const last = lines.length - 1;
  lines.push(rule(RULE, view.columns), ...footer(view));
  const typedWidth = Array.from(typed.at(-1) ?? "").length;
  const cursor = text === null ? { row: last, column: 2 + typedWidth } : { row: first, column: 2 };
  return { lines, cursor };
}

function placeholderText(placeholder: string | null): string {
  if (placeholder === null) return `\u001b[7m ${RESET}`;
  return `\u001b[7m${placeholder.charAt(0)}\u001b[0;2m${placeholder.slice(1)}${RESET}`;
}

function footer(view: View): string[] {
  const lines: string[] = [];
  if (view.armedUntil !== null) {
    lines.push(`  ⚠ Usage limit reached · limit resets ${view.armedUntil}`);
    lines.push(`    Continuing automatically at ${view.armedUntil} · Esc to cancel`);
  }
  if (view.statusLine !== null) lines.push(`  ${DIM}${view.statusLine}${RESET}`);
  const interrupt = view.running !== null && view.draft === "" ? " · esc to interrupt" : "";
  lines.push(`  ${DIM}${view.hint ?? `${view.mode}${interrupt}`}${RESET}`);
  return lines;
}

function menu(view: View, open: Menu): Frame {
  const lines = [
    rule(MENU_RULE, view.columns),
    ...open.title.map((line) => `  ${line}`),
    "",
    ...open.options.map(
      (option, index) =>
        `  ${index === open.selected ? "❯" : " "} ${numbered(open, index)}${option}`,
    ),
    "",
    `  ${DIM}${open.footer}${RESET}`,
  ];
  return { lines, cursor: { row: 2 + open.title.length + open.selected, column: 2 } };
}

function numbered(open: Menu, index: number): string {
  return open.kind === "limit" ? `${index + 1}. ` : "";
}

function blockLines(block: Block, columns: number): string[] {
  const [first, rest] = margins[block.kind];
  const lines = block.text.split("\n").flatMap((line) => wordWrap(line, columns - 2 - rest.length));
  const style = block.kind === "prompt" ? "\u001b[48;5;237m" : "";
  return lines.map((line, index) => `${style}${index === 0 ? first : rest}${line}${RESET}`);
}

const margins: Readonly<Record<Block["kind"], readonly [string, string]>> = {
  prompt: ["❯ ", "  "],
  answer: ["● ", "  "],
  result: ["  ⎿  ", "     "],
  error: ["● ", "  "],
  notice: ["● ", "  "],
  done: ["✻ ", "  "],
  tool: ["  ", "  "],
  plain: ["", ""],
};

function runningLines(view: View): string[] {
  if (view.running === null) return [];
  const said =
    view.running.text === ""
      ? []
      : [...blockLines({ kind: "answer", text: view.running.text }, view.columns), ""];
  const queued = view.queued.flatMap((text) => [
    ...blockLines({ kind: "prompt", text }, view.columns),
    `${DIM}  ⎿  Queued${RESET}`,
  ]);
  return [...said, ...queued, view.running.spinner, ""];
}

function rule(character: string, columns: number): string {
  return `\u001b[38;5;244m${character.repeat(columns)}${RESET}`;
}

/** Cuts a line into pieces of at most `width` characters; an empty line stays one. */
function hardWrap(line: string, width: number): string[] {
  const characters = Array.from(line);
  const count = Math.max(1, Math.ceil(characters.length / width));
  return Array.from({ length: count }, (_, index) =>
    characters.slice(index * width, (index + 1) * width).join(""),
  );
}

/** The same, at spaces where there are any. */
export function wordWrap(line: string, width: number): string[] {
  const characters = Array.from(line);
  const lines: string[] = [];
  let from = 0;
  while (characters.length - from > width) {
    const space = characters.lastIndexOf(" ", from + width);
    if (space <= from) break;
    lines.push(characters.slice(from, space).join(""));
    from = space + 1;
  }
  return [...lines, ...hardWrap(characters.slice(from).join(""), width)];
}
