import { expect, it } from "vitest";
import {
  emptyDraft,
  eraseCharacter,
  eraseLine,
  expand,
  pasteText,
  typeText,
} from "../../../../src/drill/stand-in/composer.ts";

it("submits what was typed, without blanks around it", () => {
  expect(expand(typeText(emptyDraft, " two words "))).toBe("two words");
});

it("shows a short paste as it is", () => {
  expect(pasteText(emptyDraft, "a\nb\nc")).toEqual({ text: "a\nb\nc", pastes: [] });
});

it.each([
  ["four lines", "a\nb\nc\nd", "[Pasted text #1 +3 lines]"],
  ["801 characters", "x".repeat(801), "[Pasted text #1]"],
])("shows a paste of %s as a reference", (_title, text, shown) => {
  expect(pasteText(emptyDraft, text).text).toBe(shown);
});

it("submits every pasted block in its place, between marks", () => {
  const two = pasteText(pasteText(typeText(emptyDraft, "see "), "a\nb\nc\nd"), "$&\n2\n3\n4");
  const sent = expand(two).replaceAll(/id="[0-9a-f]{4}"/g, "ID");
  expect(sent).toBe(
    "see \n\n<pasted_content ID>\na\nb\nc\nd\n</pasted_content ID>\n" +
      "\n\n<pasted_content ID>\n$&\n2\n3\n4\n</pasted_content ID>\n",
  );
});

it("erases a character, a line, and then the line break", () => {
  const draft = typeText(emptyDraft, "one\ntwo🙂");
  expect(eraseCharacter(draft).text).toBe("one\ntwo");
  expect(eraseLine(draft).text).toBe("one\n");
  expect(eraseLine(eraseLine(draft)).text).toBe("one");
  expect(eraseLine(emptyDraft).text).toBe("");
});
