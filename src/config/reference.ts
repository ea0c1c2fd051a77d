import * as z from "zod";
import { configSchema } from "./schema.ts";

interface Node {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** The JSON schema of the configuration file, for editors. */
export function jsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
  return { $schema, $id: "config.schema.json", title: "claude-failover", ...rest };
}

/** The file `schema/config.schema.json`. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Made from src/config/schema.ts by \`node src/config/write-reference.ts\`. Do not edit. -->

The file is YAML: \`--config FILE\`, else \`$CLAUDE_FAILOVER_CONFIG\`, else
\`$XDG_CONFIG_HOME/claude-failover/config.yaml\` (\`~/.config\` when that is unset).
\`config.example.yaml\` shows every section; this is the least that works:

\`\`\`yaml
accounts:
  - { name: work, home: ~/.claude-work }
  - { name: home, home: ~/.claude-home }
\`\`\`

- **Paths** are absolute, begin with \`~/\`, or count from the folder of the file. \`~\` alone needs
  quotes: YAML reads it as null.
- **Durations** are written with units from large to small: \`500ms\`, \`90s\`, \`5m\`, \`1h30m\`, at most
  \`24d\`.
- **Secrets** are never in the file: keys that end in \`Env\` name an environment variable.
- A key that is not listed here, a value of the wrong kind and values that contradict each other are
  refused. All problems are reported at once, each with its line.
- **Editors** complete and check the file with this first line:
  \`# yaml-language-server: $schema=<path>/schema/config.schema.json\`
`;

/** The page `docs/configuration.md`. */
export function configurationPage(): string {
  const root = jsonSchema() as Node;
  const sections = Object.entries(root.properties ?? {}).map(([name, node]) => {
    const rows = node.properties
      ? innerRows(name, node)
      : rowsOf(name, node, root.required?.includes(name) ?? false);
    return `## \`${name}\`\n\n${node.description ?? ""}\n\n${table(rows)}\n`;
  });
  return [INTRODUCTION, ...sections].join("\n");
}

/** Key, kind, default, meaning. */
type Row = readonly [string, string, string, string];

function rowsOf(key: string, node: Node, required: boolean): Row[] {
  const own: Row = [`\`${key}\``, kindOf(node), defaultOf(node, required), node.description ?? ""];
  const map = mapOf(node);
  if (map.items?.properties) return [own, ...innerRows(`${key}[]`, map.items)];
  return [own, ...innerRows(key, map)];
}

function innerRows(key: string, node: Node): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, inner]) =>
    rowsOf(`${key}.${name}`, inner, node.required?.includes(name) ?? false),
  );
}

/** The part of "a map or null" that has the keys. */
function mapOf(node: Node): Node {
  return node.anyOf?.find((choice) => choice.properties) ?? node;
}

function kindOf(node: Node): string {
  if (node.enum) return node.enum.map((word) => `\`${word}\``).join(", ");
  const { minimum, maximum } = node;
  const range = minimum !== undefined && maximum !== undefined ? `, ${minimum}–${maximum}` : "";
  return `${node.title ?? "value"}${range}`;
}

function defaultOf(node: Node, required: boolean): string {
  if (required) return "required";
  if (node.default === undefined || mapOf(node).properties) {
    return node.default === null ? "`null`" : "–";
  }
  return `\`${typeof node.default === "string" ? node.default : JSON.stringify(node.default)}\``;
}

/** Padded as the formatter pads it, so that the page passes its check. */
function table(rows: readonly Row[]): string {
  const lines: (readonly string[])[] = [["Key", "Kind", "Default", "Meaning"], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = lines;
  return [row(head), row(widths.map((width) => "-".repeat(width))), ...body.map(row)].join("\n");
}
