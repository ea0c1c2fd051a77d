import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import {
  ORG_POLICY_LIMIT_PREFIXES,
  USAGE_LIMIT_ERROR_PREFIXES,
  USAGE_TRANSITION_PREFIXES,
  USAGE_WARNING_PREFIXES,
} from "../../src/claude/limit-vocabulary.ts";

const folder = process.env["CF_TEST_AGENT_SDK"];

const LISTS = {
  USAGE_LIMIT_ERROR_PREFIXES,
  USAGE_WARNING_PREFIXES,
  USAGE_TRANSITION_PREFIXES,
  ORG_POLICY_LIMIT_PREFIXES,
};

test.skipIf(folder === undefined).each(Object.entries(LISTS))(
  "%s is what the vendor's newest package says",
  async (name, ours) => {
    const sdk = pathToFileURL(join(folder ?? "", "sdk.mjs")).href;
    const theirs = (await import(sdk)) as Readonly<Record<string, readonly string[] | undefined>>;
    expect(ours).toEqual(theirs[name]);
  },
);
