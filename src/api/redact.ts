/** What is known of the machine beforehand, so that it is found wherever it stands. */
export interface RedactOptions {
  /** The operator's home folder. */
  readonly home?: string | undefined;
}

const SECRET = "[secret]";

/** Whole things of which every part is secret, by their own shape. Each replaces the whole match. */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
  /\b(?:sk|pk|rk)[-_][\w-]{8,}/g,
  /\b(?:gh[a-z]_|github_pat_|glpat-|npm_|hf_|xox[a-z]-|xapp-)[\w-]{8,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\bAIza[\w-]{20,}/g,
  /\b\d{6,12}:[\w-]{30,}/g,
];

/** A word that says "secret" and what follows it: the word stays. */
const NAMED: readonly RegExp[] = [
  /\b((?:bearer|basic)\s+)[\w.~+/=:-]{6,}/gi,
  /((?:api[-_ ]?key|access[-_ ]?key|[-_]key|token|secret|passw(?:or)?d|cookie|authorization)["']?\s*[:=]\s*["']?)(?!\[secret\]|(?:bearer|basic)\s)[^\s"'&,;}\])]+/gi,
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+(?=@)/gi,
];

/** A run this long of letters and digits is a key, a digest or a token; a uuid has dashes. */
const LONG = /(?<![\w+/=])(?=[\w+/=]*\d)(?=[\w+/=]*[A-Za-z])[A-Za-z0-9+_=]{32,}/g;
const EMAIL = /([\w.%+-])[\w.%+-]*@([\w-])[\w-]*((?:\.[\w-]+)*\.[A-Za-z]{2,})/g;
const ANY_HOME =
  /(?<![\w.~-])\/(?:home|Users)\/(?!…)[^/\s"'`,;:)\]}]+|(?<![\w.~/-])\/root(?![\w.-])/g;
/** A folder as the client names it after its path, with dashes. */
const DASHED_HOME = /(?<![\w.-])-(?:home|Users)-(?!…)[^-/\s"'`,;:)\]}]+|(?<![\w.-])-root(?=-)/g;

/**
 * Pure: a text without secrets, with e-mail addresses cut to their first letters and home folders as
 * `~`. Redacting what is redacted changes nothing.
 */
export function redactText(text: string, { home }: RedactOptions = {}): string {
  let out = text;
  for (const shape of SHAPES) out = out.replace(shape, SECRET);
  for (const named of NAMED) out = out.replace(named, `$1${SECRET}`);
  out = out.replace(LONG, SECRET);
  out = out.replace(EMAIL, "$1…@$2…$3");
  if (home !== undefined && home.length > 1) {
    out = out.replaceAll(home, "~").replaceAll(home.replaceAll(/[^A-Za-z0-9]/g, "-"), "~");
  }
  return out.replace(ANY_HOME, "~").replace(DASHED_HOME, "~");
}

/** What a person or the client wrote in a conversation: how long it was is all that is told. */
const CONVERSATION =
  /^(?:prompt|result|answer|draft|body|last_?assistant_?message|tool_?input|tool_?response)$/i;
const SECRET_KEY =
  /^(?:.*(?:token|secret|passw(?:or)?d|api_?key|authorization|cookie|credential)s?)$/i;
/** Characters of one text. */
const LONGEST = 2_000;

/** Pure: the same for JSON, at every depth. Prompts and answers are cut to their length. */
export function redactJson(value: unknown, options: RedactOptions = {}): unknown {
  if (typeof value === "string") return shortened(redactText(value, options));
  if (Array.isArray(value)) return value.map((each) => redactJson(each, options));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [
      redactText(key, options),
      redactField(key, each, options),
    ]),
  );
}

function redactField(key: string, value: unknown, options: RedactOptions): unknown {
  if (typeof value === "string" && SECRET_KEY.test(key)) return SECRET;
  if (typeof value === "string" && CONVERSATION.test(key)) return cut(value);
  return redactJson(value, options);
}

function cut(text: string): string {
  return /^\[cut: \d+ characters\]$/.test(text) ? text : `[cut: ${text.length} characters]`;
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Characters of the client's own words that are ever shown. */
const SNIPPET = 200;

/** Pure: at most 200 characters of a refusal's words, redacted before they are cut. */
export function snippetOf(text: string, options: RedactOptions = {}): string {
  return redactText(text, options).slice(0, SNIPPET);
}
