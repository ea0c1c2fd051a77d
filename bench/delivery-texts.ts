const WORDS = [
  "look",
  "größer",
  "漢字",
  "🦊",
  "👩‍👩‍👧",
  "עברית",
  "e\u0301",
  "a;b;",
  "$HOME",
  "'quoted'",
  "`tick`",
  "#{pane_id}",
  "<b>",
  "\\n",
  "%1",
  "~",
  "C-c",
  "\u00a0x",
] as const;

/** Numbers in [0, 1) that are the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** A text nobody else is sent: mostly one line, some of many lines, a few of 100 KB; or of 1 MB. */
export function madeUpText(index: number, random: () => number, isLongest: boolean): string {
  const kind = random();
  const bytes = kind < 0.7 ? 20 + random() * 180 : kind < 0.95 ? random() * 8_000 : 60_000;
  const size = isLongest ? 1_000_000 : bytes;
  let text = `Text ${index}:`;
  while (text.length < size) {
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? "";
    const gap = random() < 0.1 && size > 200 ? "\n" : " ";
    text += gap + (size > 50_000 ? `${word} `.repeat(40).trim() : word);
  }
  return `${text}.`;
}
