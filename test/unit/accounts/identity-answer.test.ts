import { describe, expect, test } from "vitest";
import {
  identityLimitation,
  parseAuthStatus,
  type Identity,
} from "../../../src/accounts/identity-answer.ts";

const alice: Identity = {
  kind: "known",
  loggedIn: true,
  email: "alice@example.test",
  orgId: "org-a",
  subscription: "max",
};

describe("the client's answer", () => {
  test("says who a home is", () => {
    const text = `{"loggedIn":true,"authMethod":"claude.ai","email":"alice@example.test",
      "orgId":"org-a","orgName":"A","subscriptionType":"max"}`;
    expect(parseAuthStatus(text)).toEqual(alice);
  });

  test("of a home that names nobody is known all the same", () => {
    const text = `{"loggedIn":true,"email":null,"orgId":null,"subscriptionType":"max"}`;
    expect(parseAuthStatus(text)).toEqual({ ...alice, email: null, orgId: null });
  });

  test("of a home without a login is logged out", () => {
    expect(parseAuthStatus(`{"loggedIn":false,"authMethod":"none"}`)).toMatchObject({
      kind: "known",
      loggedIn: false,
    });
  });

  test.each(["", "Not logged in", "null", "[]", "{}", `{"loggedIn":"yes"}`])(
    "%j is unknown, with a reason",
    (text) => {
      expect(parseAuthStatus(text)).toMatchObject({
        kind: "unknown",
        why: expect.stringContaining("claude auth status"),
      });
    },
  );
});

describe("a home's identity", () => {
  const limit = (stored: Identity | null, now: Identity): string | undefined =>
    identityLimitation({ account: "one", stored, now })?.text;

  test.each<[string, Identity | null, Identity]>([
    ["never seen before", null, alice],
    ["the same", alice, alice],
    ["the same in other letters", alice, { ...alice, email: "Alice@Example.Test" }],
    ["with another subscription", alice, { ...alice, subscription: "pro" }],
    ["that names nobody now", alice, { ...alice, email: null, orgId: null }],
    ["that named nobody before", { ...alice, email: null, orgId: null }, alice],
    ["that cannot be told now", alice, { kind: "unknown", why: "late" }],
    ["that could not be told before", { kind: "unknown", why: "late" }, alice],
  ])("%s is no limitation", (_, stored, now) => {
    expect(limit(stored, now)).toBeUndefined();
  });

  test("that changed is a limitation that names both", () => {
    expect(limit(alice, { ...alice, email: "bob@example.test" })).toBe(
      "The home of account one was alice@example.test (organisation org-a) and now answers as " +
        "bob@example.test (organisation org-a).",
    );
    expect(limit(alice, { ...alice, orgId: "org-b" })).toContain("(organisation org-b)");
  });

  test("that is logged out is a limitation", () => {
    const now = { ...alice, loggedIn: false, email: null };
    expect(identityLimitation({ account: "one", stored: alice, now })?.code).toBe("loggedOut");
  });
});
