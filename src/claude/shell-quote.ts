/** The text as one word of `sh`. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The text as one word of `sh` for people to read: in quotes only where it must be. */
export function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : shellQuote(text);
}
