import fc from "fast-check";
import { expect, test } from "vitest";
import { nudgeText } from "../../../src/sessions/nudge-text.ts";

const bash = { name: "Bash", input: "make deploy", isOpen: true };

test("names the tool in the middle of which the client was ended, and asks to look first", () => {
  expect(nudgeText({ tool: bash }, "continue")).toBe(
    "continue — your client was ended while the tool Bash (make deploy) ran: check what it did before you run it again.",
  );
});

test.each([
  ["the beginning of a long input", "x".repeat(300), `Bash (${"x".repeat(200)}…)`],
  ["the tool alone where it was called with nothing", " \n", "Bash"],
])("names %s", (_name, input, what) => {
  expect(nudgeText({ tool: { ...bash, input } }, "continue")).toContain(`the tool ${what} ran:`);
});

test.each([
  ["without a checkpoint", null],
  ["without a tool", { tool: null }],
  ["with a tool that gave its result", { tool: { ...bash, isOpen: false } }],
])("is the configured text %s", (_name, checkpoint) => {
  expect(nudgeText(checkpoint, "go on")).toBe("go on");
});

test(
  "is one line that begins as configured, whatever the tool was called with",
  { timeout: 30_000 },
  () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, input) => {
        const text = nudgeText({ tool: { name, input, isOpen: true } }, "continue");
        expect(text).toMatch(/^continue — [^\x00-\x1f\x7f-\x9f]*$/);
      }),
    );
  },
);
