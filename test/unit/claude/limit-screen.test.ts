import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  limitOnScreen,
  LIMIT_PATTERN,
  paidNoticeOnScreen,
  PAID_PATTERN,
} from "../../../src/claude/limit-screen.ts";
import {
  USAGE_LIMIT_ERROR_PREFIXES,
  USAGE_TRANSITION_PREFIXES,
} from "../../../src/claude/limit-vocabulary.ts";
import { refusalCorpus } from "../../support/refusal-corpus.ts";

const FOLDER = new URL("../../fixtures/screens/", import.meta.url);

/** Captured screens whose last word is a limit. */
const LIMITED = /^(?:fiveHourArmed|limitMenu\w*|narrowLimitMenu|armed\w+)$/;

const screens = readdirSync(FOLDER).flatMap((file) => {
  const all = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Record<string, string[]>;
  return Object.entries(all).map(([name, lines]) => ({ file, name, lines }));
});

const LIMIT = "You've hit your weekly limit · resets Nov 24, 11:30am (UTC)";
const RULE = "─".repeat(60);
const COMPOSER = ["", RULE, "❯ ", RULE, "  ? for shortcuts"];

describe("the limit on a screen", () => {
  it.each(screens)(
    "is found where $file $name ends with one, and nowhere else",
    ({ name, lines }) => {
      const found = limitOnScreen(lines);
      if (LIMITED.test(name)) expect(found).toMatch(/^You've hit your limit · resets /);
      else expect(found).toBeNull();
    },
  );

  it.each([
    ["the client's own", ["❯ go on", `  ⎿  ${LIMIT}`]],
    [
      "the client's own, with what it offers",
      ["❯ go on", `  ⎿  ${LIMIT}`, "     /upgrade for more"],
    ],
    ["in a narrow pane", ["❯ go on", "  ⎿  You've hit your weekly limit", "     · resets Nov 24,"]],
    ["with a curly apostrophe", ["❯ go on", `  ⎿  ${LIMIT.replace("'", "’")}`]],
    ["after a tool's output", ["● Bash(ls)", "  ⎿  a", "     b", "", `  ⎿  ${LIMIT}`]],
    ["with how long the turn took", ["❯ go on", `  ⎿  ${LIMIT}`, "", "✻ Cooked for 1s"]],
  ])("is found %s", (_title, lines) => {
    expect(limitOnScreen([...lines, ...COMPOSER])).toMatch(/^You.ve hit your weekly limit/);
  });

  it.each([
    ["as an answer", [`● ${LIMIT}`]],
    ["within an answer", ["● The client says:", "", `  ${LIMIT}`]],
    ["as a prompt", [`❯ ${LIMIT}`]],
    ["printed by a tool", [`● Bash(echo "x")`, `  ⎿  ${LIMIT}`]],
    [
      "printed by a tool, with an answer below",
      ["● Bash(a)", `  ⎿  ${LIMIT}`, "", "● That is it."],
    ],
    ["printed by the operator's shell", ["! cat x", `  ⎿  ${LIMIT}`]],
    ["named by a command of the client", ["❯ /rename x", `  ⎿  ${LIMIT}`]],
    ["in a diff", ["● Update(a.ts)", `  ⎿  12 + const a = "${LIMIT}";`]],
    ["before a later prompt", ["❯ go on", `  ⎿  ${LIMIT}`, "", "❯ again", "", "● Done."]],
    ["while a turn runs", [`  ⎿  ${LIMIT}`, "✻ Computing… (esc to interrupt)"]],
    ["in a draft", ["● Hello.", "", RULE, `❯ ${LIMIT}`, RULE]],
    ["as a warning", ["❯ go on", "  ⎿  You've used 93% of your weekly limit · resets 3am"]],
    ["of a busy server", ["❯ go on", "  ⎿  Server is temporarily limiting requests"]],
    ["on no screen at all", []],
  ])("is not found %s", (_title, lines) => {
    expect(limitOnScreen([...lines, ...COMPOSER])).toBeNull();
  });

  it("is told by none of the corpus's texts of a pane, except the limits that the client shows", () => {
    const panes = [...refusalCorpus().values()].flat().filter(({ channel }) => channel === "pane");
    const found = panes.filter(({ input }) => limitOnScreen(String(input).split("\n")) !== null);
    expect(found.map(({ id }) => id)).toEqual([
      "pane/gutter",
      "capture/screen/five_hour",
      "capture/screen/seven_day_opus",
    ]);
  });
});

describe("the notice that an account is paid for", () => {
  const captured = [...refusalCorpus().values()]
    .flat()
    .filter(({ channel }) => channel === "screen");

  it.each(captured)("is found in $id where the server said so, and nowhere else", (each) => {
    const found = paidNoticeOnScreen(each.input as string[]);
    // It stays over the answer that follows.
    if (/\/(?:paid|warned)\//.test(each.id))
      expect(found).toMatch(/^(?:You're now|Now) using usage credits/);
    else expect(found).toBeNull();
  });

  it.each([
    ["as an answer", ["● You're now using usage credits", "", "✻ Baked for 0s"]],
    ["as an answer's last line", ["● It says:", "  Now using usage credits", "✻ Baked for 0s"]],
    ["at the left", ["● Hello.", "Now using credits"]],
    ["as a draft", []],
  ])("is not found %s", (title, lines) => {
    const draft = title === "as a draft" ? "Now using credits" : "";
    expect(
      paidNoticeOnScreen([...lines, RULE, `❯ ${draft}`, RULE, "  ? for shortcuts"]),
    ).toBeNull();
  });
});

describe("what tmux looks for", () => {
  const pattern = new RegExp(`${LIMIT_PATTERN}|${PAID_PATTERN}`, "i");

  it.each([...USAGE_LIMIT_ERROR_PREFIXES, ...USAGE_TRANSITION_PREFIXES])(
    "is in “%s”, whatever its apostrophe",
    (words) => {
      expect(words).toMatch(pattern);
      expect(words.replaceAll("'", "’")).toMatch(pattern);
    },
  );
});
