import * as fc from "fast-check";
import { expect, test } from "vitest";
import { redactJson, redactText } from "../../src/api/redact.ts";

const home = "/home/jo.doe";
const word = fc.stringMatching(/^[a-zA-Z0-9]{20,40}$/);
const secret = fc.oneof(
  word.map((each) => ({ text: `sk-ant-${each}`, hidden: each })),
  word.map((each) => ({ text: `Bearer ${each}`, hidden: each })),
  word.map((each) => ({ text: `MY_TOKEN=${each}`, hidden: each })),
  word.map((each) => ({ text: `"password":"${each}"`, hidden: each })),
  word.map((each) => ({ text: `https://u:${each}@host/`, hidden: each })),
  word.map((each) => ({ text: `${each}@mail.example`, hidden: each })),
  fc.constant({ text: `${home}/x`, hidden: "jo.doe" }),
);
const around = fc.stringMatching(/^[a-z .,\n"'(){}]{0,40}$/);

test("whatever stands around a secret, nothing of it is left", () => {
  fc.assert(
    fc.property(around, secret, around, (before, { text, hidden }, after) => {
      expect(redactText(`${before} ${text} ${after}`, { home })).not.toContain(hidden);
    }),
  );
});

test("redacting what is redacted changes nothing", () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.oneof(
          secret.map((each) => each.text),
          around,
          fc.string(),
        ),
      )
      .map((all) => all.join(" ")),
  );
  fc.assert(
    fc.property(text, (each) => {
      const once = redactText(each, { home });
      expect(redactText(once, { home })).toBe(once);
    }),
    { numRuns: 1_000 },
  );
});

test("JSON keeps its shape, and no planted secret survives at any depth", () => {
  fc.assert(
    fc.property(fc.jsonValue(), secret, (value, { text, hidden }) => {
      const told = redactJson({ value, deep: [{ text }] }, { home });
      expect(JSON.stringify((told as { deep: unknown }).deep)).not.toContain(hidden);
      expect(Array.isArray((told as { value: unknown }).value)).toBe(Array.isArray(value));
    }),
  );
});
