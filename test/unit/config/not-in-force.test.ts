import { expect, test } from "vitest";
import { notInForce } from "../../../src/config/not-in-force.ts";
import { configFrom } from "../../support/config-text.ts";

const BASE = "accounts: [{ name: a, home: ~/.claude-a }]\n";

test.each([
  ["policy: { failback: { enabled: false } }", []],
  ["{}", ["policy.failback"]],
  ["policy: { failback: { enabled: false } }\napi: { listen: 127.0.0.1:0 }", []],
  ["policy: { failback: { enabled: false } }\nsessions: { strategy: relaunch }", []],
])("%s names what this version does not do yet", (text, expected) => {
  const config = configFrom(text === "{}" ? BASE : BASE + text + "\n");
  expect(notInForce(config)).toEqual(expected);
});
