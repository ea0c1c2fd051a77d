import { readdirSync, readFileSync } from "node:fs";
import type { LimitTextKind } from "../../src/claude/limit-text.ts";
import type { LimitWindow, RefusalClass } from "../../src/policy/model.ts";

/** One case of `test/fixtures/refusals/`: what the client wrote, and what it has to be read as. */
export interface RefusalCase {
  readonly id: string;
  /** `captured: …`, `reported: …` or `invented`. */
  readonly origin: string;
  readonly channel: "row" | "hook" | "pane" | "screen";
  /** When it was written, RFC 3339. */
  readonly at: string;
  /** A transcript row, a hook payload, the text of a pane, or the lines of a screen. */
  readonly input: unknown;
  readonly expected: {
    /** Null: not a refusal of the session's own. */
    readonly class: RefusalClass | null;
    readonly window: LimitWindow | null;
    readonly resetsAt: string | null;
    /** The client shows the same whether it was refused or not: only its row tells. */
    readonly ambiguous?: true;
    /** Only for text of a pane. */
    readonly textKind?: LimitTextKind | null;
  };
}

const FOLDER = new URL("../fixtures/refusals/", import.meta.url);

/** All cases, by the name of their file. */
export function refusalCorpus(): Map<string, RefusalCase[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  return new Map(
    files.toSorted().map((name) => {
      const text = readFileSync(new URL(name, FOLDER), "utf8");
      return [name, JSON.parse(text) as RefusalCase[]] as const;
    }),
  );
}
