import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readScreen, type Screen } from "../../../src/claude/screen.ts";

const EMPTY: Screen = { composer: { kind: "empty" }, dialog: null, busy: false };
const draft = (text: string): Screen => ({ ...EMPTY, composer: { kind: "draft", text } });
const dialog = (name: Screen["dialog"]): Screen => ({
  ...EMPTY,
  composer: { kind: "none" },
  dialog: name,
});

/** What each captured screen of the real client shows, by the version that drew it. */
const CAPTURED: Readonly<Record<string, Readonly<Record<string, Screen>>>> = {
  "2.1.150": {
    fresh: EMPTY,
    draft: draft("half a thought"),
    placeholder: EMPTY,
    limitMenu: EMPTY,
    permission: dialog("permission"),
    trust: dialog("trust"),
  },
  "2.1.328": {
    fresh: EMPTY,
    draft: draft("half a thought"),
    draftLines: draft("[Pasted text #1 +4 lines]"),
    draftTwoLines: draft("first line\n  second line"),
    draftNasty: draft("first line\n  second line\n  ❯ third\n  ── box"),
    draftEmptyFirst: draft("below an empty line"),
    narrowDraft: draft(
      "please go on with the turn that was\n  cut off a moment ago, from where it\n  stopped",
    ),
    narrowCleared: draft("please go on with the turn that was"),
    slashMenu: draft("/mod"),
    placeholder: EMPTY,
    narrowPlaceholder: EMPTY,
    renamed: EMPTY,
    statusLinePrompt: EMPTY,
    fiveHourArmed: EMPTY,
    armedLowScreen: EMPTY,
    armedCancelled: EMPTY,
    limitMenuClosed: EMPTY,
    busy: { ...EMPTY, busy: true },
    busyDraft: draft("queued thought"),
    bashMode: dialog(null),
    limitMenuShortScreen: dialog("limitMenu"),
    narrowLimitMenu: dialog("limitMenu"),
    rewindMenu: dialog("rewindMenu"),
    permission: dialog("permission"),
    trust: dialog("trust"),
  },
  "2.1.329": {
    fresh: EMPTY,
    draft: draft("half a thought"),
    placeholder: EMPTY,
    limitMenu: dialog("limitMenu"),
    permission: dialog("permission"),
    trust: dialog("trust"),
  },
};

function captured(version: string): Record<string, string[]> {
  const url = new URL(`../../fixtures/screens/${version}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Record<string, string[]>;
}

describe.each(Object.keys(CAPTURED))("a screen of Claude Code %s", (version) => {
  const screens = captured(version);

  it.each(Object.keys(screens))("%s is read as what it shows", (name) => {
    expect(readScreen(screens[name] ?? [])).toEqual(CAPTURED[version]?.[name]);
  });
});

const ESC = "\u001b";
const RULE = "─".repeat(40);
/** A screen whose composer holds `lines`, below a conversation. */
const composing = (lines: readonly string[], above: readonly string[] = []): string[] => [
  ...above,
  RULE,
  ...lines,
  RULE,
  "  ? for shortcuts",
];

describe("the composer", () => {
  it.each([
    ["an ordinary space after the sign", ["❯ fix it"], "fix it"],
    ["a no-break space after the sign", ["❯\u00a0fix it"], "fix it"],
    ["a colour whose number is 2", [`❯ ${ESC}[38;5;2mfix it${ESC}[0m`], "fix it"],
    ["a background whose number is 2", [`❯ ${ESC}[48;5;2mfix it${ESC}[0m`], "fix it"],
    ["a true colour with a 2 in it", [`❯ ${ESC}[38;2;2;2;2mfix it${ESC}[0m`], "fix it"],
    ["the cursor on its last letter", [`❯ fix i${ESC}[7mt${ESC}[0m`], "fix it"],
    ["the cursor on its first letter", [`❯ ${ESC}[7mf${ESC}[0mix it`], "fix it"],
    ["a dim hint behind it", [`❯ /model ${ESC}[2m[model]${ESC}[22m`], "/model"],
    ["dim that was ended by a reset", [`❯ ${ESC}[2m${ESC}[mfix it`], "fix it"],
    ["a sign alone on its last line", ["❯ quoting a shell", "  ❯"], "quoting a shell\n  ❯"],
    ["only a sign", ["❯ ❯"], "❯"],
  ])("holds a draft with %s", (_what, lines, text) => {
    expect(readScreen(composing(lines)).composer).toEqual({ kind: "draft", text });
  });

  it.each([
    ["nothing", ["❯"]],
    ["blanks", ["❯\u00a0  "]],
    ["the cursor alone", [`❯ ${ESC}[7m ${ESC}[0m`]],
    ["a dim placeholder", [`❯ ${ESC}[2mTry "fix it"${ESC}[22m`]],
    ["a placeholder under the cursor", [`❯ ${ESC}[7mT${ESC}[0;2mry "fix it"${ESC}[0m`]],
    ["a placeholder dim and coloured at once", [`❯ ${ESC}[38;5;7;2mTry it${ESC}[0m`]],
  ])("is empty when it holds %s", (_what, lines) => {
    expect(readScreen(composing(lines)).composer).toEqual({ kind: "empty" });
  });

  it("is the last one: prompts further up are conversation", () => {
    const screen = readScreen(composing(["❯ "], ["❯ an old prompt", "● an answer"]));
    expect(screen.composer).toEqual({ kind: "empty" });
    const again = readScreen(composing(["❯ "], composing(["❯ drawn before a resize"])));
    expect(again.composer).toEqual({ kind: "empty" });
  });

  it("is not there when its upper rule is off the screen, so nothing can be taken for empty", () => {
    expect(readScreen(["❯ ", "  the end of a long draft", RULE]).composer).toEqual({
      kind: "none",
    });
  });

  it("takes what is below as draft when its lower rule is off the screen", () => {
    expect(readScreen([RULE, "❯ ", "  a long draft"]).composer.kind).toBe("draft");
  });

  it("is not there on a shell's screen or an empty one", () => {
    expect(readScreen(["❯ ls", "a  b", "❯ "]).composer).toEqual({ kind: "none" });
    expect(readScreen(["", ""])).toEqual(dialog(null));
    expect(readScreen([])).toEqual(dialog(null));
  });
});

describe("words of a dialog in the conversation", () => {
  const armed = ["    Continuing automatically at 1:17pm · Esc to cancel"];
  it.each([
    "● Do you want to proceed?",
    "● What do you want to do?",
    "● Press Enter to continue · Esc to cancel",
    "● Do you trust the files in this folder? Quick safety check",
    "  ❯ 1. Yes",
  ])("%s, above a composer, are no dialog", (words) => {
    expect(readScreen([...composing(["❯ "], [words]), ...armed])).toEqual(EMPTY);
  });

  it("a question of the model's that has the limit menu's title is not the limit menu", () => {
    const asked = [
      RULE,
      " What do you want to do?",
      " ❯ 1. Rewrite it",
      "   2. Leave it",
      " Enter to select · Esc to cancel",
    ];
    expect(readScreen(asked).dialog).toBe("otherMenu");
  });

  it("what a permission dialog is about does not make it another dialog", () => {
    const asked = ["❯ old", "● What do you want to do?", RULE, " Bash command", "   echo 1. limit"];
    const choices = [" Do you want to proceed?", " ❯ 1. Yes", "   2. No", " Esc to cancel"];
    expect(readScreen([...asked, ...choices]).dialog).toBe("permission");
  });
});
