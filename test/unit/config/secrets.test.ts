import { describe, expect, test } from "vitest";
import { problemsIn } from "../../support/config-text.ts";

/** Two lines, so that what a test adds begins in line 3. */
const ACCOUNT = "accounts:\n  - { name: a, home: ~/.claude-a }\n";

const SECRET_NAME =
  "write the name of an environment variable (A-Z, 0-9, _) that holds the secret, never the secret";

type Row = readonly [text: string, ...problems: string[]];

describe("a secret written into the file is refused and not repeated", () => {
  const telegram = (token: string) =>
    `${ACCOUNT}notify:\n  telegram: { tokenEnv: ${token}, chatId: "1" }\n`;
  const refusal = `4:25: notify.telegram.tokenEnv is a text that does not fit; ${SECRET_NAME}`;
  test.each<Row>([
    [telegram("123456:ABC-DEF"), refusal],
    [telegram("A".repeat(65)), refusal],
    [telegram("ghp_abcDEF123"), refusal],
    [telegram("123456"), `4:25: notify.telegram.tokenEnv is no text; ${SECRET_NAME}`],
    [
      `${ACCOUNT}api: { tokenEnv: s3cret! }\n`,
      `3:18: api.tokenEnv is a text that does not fit; ${SECRET_NAME}`,
    ],
    [
      `${ACCOUNT}notify: { telegram: "123:ABC" }\n`,
      "3:21: notify.telegram is a text that does not fit; write tokenEnv and chatId below it, or null",
    ],
    [
      `${ACCOUNT}notify: { email: smtp://me:pw@host }\n`,
      "3:18: notify.email is a text that does not fit; write smtpUrlEnv, from and to below it, or null",
    ],
    [
      `${ACCOUNT}notify:\n  email: { smtpUrlEnv: smtp://me:pw@host, from: smtp://me, to: [] }\n`,
      `4:24: notify.email.smtpUrlEnv is a text that does not fit; ${SECRET_NAME}`,
      "4:49: notify.email.from is a text that does not fit; write an address like me@example.org",
      "4:64: notify.email.to is an empty list; name at least one receiver",
    ],
    [
      `${ACCOUNT}notify:\n  webhook: [{ url: hooks.example.org/T0/s3cret, events: [failver] }]\n`,
      "4:20: notify.webhook[0].url is a text that does not fit; write an address that begins with https:// or http://",
      '4:58: notify.webhook[0].events[0] is "failver"; did you mean failover?',
    ],
    [
      `${ACCOUNT}slot: ~${"s3cret".repeat(9)}\n`,
      "3:7: slot is a text of 55 characters; write the path out; only ~/ at its beginning is expanded",
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

test("what a terminal would obey is escaped", () => {
  const [problem] = problemsIn(`${ACCOUNT}log: { level: "\\e[2J\u202e\u009b" }\n`);
  expect(problem).toContain('log.level is "\\u001b[2J\\u202e\\u009b"');
});
