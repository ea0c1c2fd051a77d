/** What the stand-in was asked to do. */
export type Invocation =
  | { readonly kind: "version" }
  | { readonly kind: "authStatus" }
  | { readonly kind: "session"; readonly flags: SessionFlags };

export interface SessionFlags {
  readonly sessionId: string | null;
  readonly resume: string | null;
  /** A settings file, or settings as JSON. */
  readonly settings: string | null;
  readonly model: string;
  readonly permissionMode: string;
  /** Milliseconds for which the first request holds the refresh locks. */
  readonly refreshMs: number | null;
  /** A first prompt, given as an argument. */
  readonly prompt: string | null;
}

const WITH_VALUE = new Set([
  "--session-id",
  "--resume",
  "-r",
  "--settings",
  "--model",
  "--permission-mode",
  "--add-dir",
  "--allowedTools",
  "--allowed-tools",
  "--disallowedTools",
  "--append-system-prompt",
  "--mcp-config",
  "--stand-in-refresh",
]);

/** Reads an argument list. Flags it does not know are taken as switches and ignored. */
export function parseFlags(argv: readonly string[]): Invocation {
  if (argv.includes("--version") || argv.includes("-v")) return { kind: "version" };
  if (argv[0] === "auth" && argv[1] === "status") return { kind: "authStatus" };
  const values = new Map<string, string>();
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    const [name, inline] = splitInline(word);
    if (!WITH_VALUE.has(name)) {
      if (!word.startsWith("-")) words.push(word);
      continue;
    }
    values.set(name, inline ?? argv[++index] ?? "");
  }
  return { kind: "session", flags: sessionFlags(values, words) };
}

function sessionFlags(values: ReadonlyMap<string, string>, words: readonly string[]): SessionFlags {
  const refresh = values.get("--stand-in-refresh");
  return {
    sessionId: values.get("--session-id") ?? null,
    resume: values.get("--resume") ?? values.get("-r") ?? null,
    settings: values.get("--settings") ?? null,
    model: values.get("--model") ?? "claude-opus-5-5",
    permissionMode: values.get("--permission-mode") ?? "auto",
    refreshMs: refresh === undefined ? null : Number(refresh),
    prompt: words[0] ?? null,
  };
}

function splitInline(word: string): [string, string?] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
