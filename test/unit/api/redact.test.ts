import { describe, expect, it } from "vitest";
import { redactJson, redactText, snippetOf } from "../../../src/api/redact.ts";

/** The superuser's home. */
const ROOT = ["", "root"].join("/");
const home = "/home/jo.doe";

describe("redactText", () => {
  it.each<readonly [string, string, string]>([
    ["a key", "key sk-ant-oat01-abcDEF123_x-y end", "key [secret] end"],
    ["a bearer", "Authorization: Bearer abc.def-123456", "Authorization: Bearer [secret]"],
    ["a named token", 'token="abc123def"', 'token="[secret]"'],
    ["a variable", "CLAUDE_FAILOVER_TOKEN=hunter22 run", "CLAUDE_FAILOVER_TOKEN=[secret] run"],
    ["a field of JSON", '{"apiKey": "abc"}', '{"apiKey": "[secret]"}'],
    ["a header of a key", "x-api-key: abc", "x-api-key: [secret]"],
    ["a password", "password: hunter2", "password: [secret]"],
    ["a query", "http://h/x?token=abc&y=1", "http://h/x?token=[secret]&y=1"],
    ["who logs in by a URL", "https://me:pw@host/x", "https://[secret]@host/x"],
    ["a JWT", "eyJhbGciOiJI.eyJzdWIiOi.sig-x", "[secret]"],
    ["a forge's token", "ghp_abcdefgh123456", "[secret]"],
    ["a bot's token", "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc", "[secret]"],
    ["a cloud's key", "AKIAIOSFODNN7EXAMPLE", "[secret]"],
    ["a long run", "0123456789abcdef0123456789abcdef01", "[secret]"],
    [
      "a private key",
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
      "[secret]",
    ],
    ["an e-mail", "of jo.doe@work.example.org now", "of j…@w….example.org now"],
    ["the home", "in /home/jo.doe/src/api", "in ~/src/api"],
    ["the home as the client names it", "projects/-home-jo-doe-src", "projects/~-src"],
    ["another home", "in /home/amy/x and /Users/bob", "in ~/x and ~"],
    ["root's home", `${ROOT}/.claude, ${ROOT}fs`, `~/.claude, ${ROOT}fs`],
  ])("hides %s", (_what, text, expected) => {
    expect(redactText(text, { home })).toBe(expected);
  });

  it.each([
    "You've hit your limit · resets 1pm (Europe/Paris)",
    "6151b159-be8b-46b8-92ba-1889cbfdfe7a",
    "2026-11-21T08:21:09.608Z",
    "hook:rate_limit+text",
    "the 5-hour window is at 91 %",
    "/srv/projects/api",
    "CF_SWITCHOVER_NO_CANDIDATE",
  ])("leaves %s as it is", (text) => {
    expect(redactText(text, { home })).toBe(text);
  });
});

describe("redactJson", () => {
  it("cuts prompts and answers, hides what a key calls secret, and goes to every depth", () => {
    const value = {
      prompt: "Do it",
      list: [{ result: "ok", accessToken: "abc", n: 1, none: null }],
      "/home/amy": `${home}/x`,
    };
    expect(redactJson(value, { home })).toEqual({
      prompt: "[cut: 5 characters]",
      list: [{ result: "[cut: 2 characters]", accessToken: "[secret]", n: 1, none: null }],
      "~": "~/x",
    });
  });
});

describe("snippetOf", () => {
  it("is at most 200 characters, and cuts no secret in half", () => {
    const text = `${"x ".repeat(98)}sk-ant-abcdefghijklmnop`;
    expect(snippetOf(text)).toBe(`${"x ".repeat(98)}[sec`);
  });
});
