/** One policy's row: its values in the order of the panels. */
export interface Row {
  readonly name: string;
  readonly kind: "default" | "ours" | "peer" | "trial";
  readonly cells: readonly {
    readonly blocked: number;
    readonly cutOff: number;
    readonly switches: number;
  }[];
}

const COLOURS: Readonly<Record<Row["kind"], string>> = {
  default: "#0b4f9e",
  ours: "#5b9bd5",
  peer: "#a9b2bb",
  trial: "#2f9e6e",
};
const LEGEND: Readonly<Record<Row["kind"], string>> = {
  default: "ours, the default",
  ours: "ours, other settings",
  peer: "other tools, as they publish it",
  trial: "what-if: another tool's rule, other thresholds",
};

const PANEL = { width: 560, names: 190, figures: 112, row: 24, head: 62 };
const MARGIN = 24;

/** A panel a scenario: how long sessions were blocked, the same policies in the same order. */
export function chart(title: string, panels: readonly string[], rows: readonly Row[]): string {
  const height = PANEL.head + rows.length * PANEL.row + 20;
  const size = {
    width: 2 * PANEL.width + 3 * MARGIN,
    height: 112 + Math.ceil(panels.length / 2) * (height + MARGIN),
  };
  const drawn = panels.map((name, index) => {
    const x = MARGIN + (index % 2) * (PANEL.width + MARGIN);
    const y = 100 + Math.floor(index / 2) * (height + MARGIN);
    return `<g transform="translate(${x} ${y})">${panel(name, index, rows)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" font-family="system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="13" fill="#1f2328">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${MARGIN}" y="38" font-size="20" font-weight="600">${escaped(title)}</text>
${legend()}
${drawn.join("\n")}
</svg>
`;
}

function legend(): string {
  let x = MARGIN;
  const kinds = Object.keys(LEGEND) as Row["kind"][];
  return kinds
    .map((kind) => {
      const at = x;
      x += 34 + LEGEND[kind].length * 7.4;
      return `<rect x="${at}" y="58" width="14" height="14" rx="2" fill="${COLOURS[kind]}"/><text x="${at + 20}" y="70">${escaped(LEGEND[kind])}</text>`;
    })
    .join("");
}

function panel(name: string, index: number, rows: readonly Row[]): string {
  const most = Math.max(...rows.map(({ cells }) => cells[index]?.blocked ?? 0), 1e-9);
  const room = PANEL.width - PANEL.names - PANEL.figures - 50;
  const heads = [
    `<text y="18" font-size="15" font-weight="600">${escaped(name)}</text>`,
    `<text x="${PANEL.names}" y="44" fill="#59636e">blocked, session-minutes a week</text>`,
    `<text x="${PANEL.width - 62}" y="44" text-anchor="end" fill="#59636e">cut off</text>`,
    `<text x="${PANEL.width}" y="44" text-anchor="end" fill="#59636e">switches</text>`,
  ];
  const bars = rows.map((row, place) => {
    const cell = row.cells[index] ?? { blocked: 0, cutOff: 0, switches: 0 };
    const y = PANEL.head + place * PANEL.row;
    const width = Math.max(1, (cell.blocked / most) * room);
    const weight = row.kind === "default" ? ' font-weight="600"' : "";
    return [
      `<text x="${PANEL.names - 10}" y="${y + 13}" text-anchor="end"${weight}>${escaped(row.name)}</text>`,
      `<rect x="${PANEL.names}" y="${y}" width="${width.toFixed(1)}" height="17" rx="2" fill="${COLOURS[row.kind]}"/>`,
      `<text x="${(PANEL.names + width + 6).toFixed(1)}" y="${y + 13}"${weight}>${told(cell.blocked)}</text>`,
      `<text x="${PANEL.width - 62}" y="${y + 13}" text-anchor="end">${told(cell.cutOff)}</text>`,
      `<text x="${PANEL.width}" y="${y + 13}" text-anchor="end">${told(cell.switches)}</text>`,
    ].join("");
  });
  return [...heads, ...bars].join("\n");
}

function told(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
