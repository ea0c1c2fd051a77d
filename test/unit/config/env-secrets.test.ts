import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { secretOf, withoutSecrets } from "../../../src/config/secrets.ts";
import { configFrom } from "../../support/config-text.ts";
import { tempDir } from "../../support/temp-dir.ts";

describe("a secret", () => {
  test("comes from its variable, or from the file that <name>_FILE names", () => {
    const file = join(tempDir(), "token");
    writeFileSync(file, "from-the-file\n");
    expect(secretOf("T", { T: "own", T_FILE: file })).toBe("own");
    expect(secretOf("T", { T: "", T_FILE: file })).toBe("from-the-file");
    expect(secretOf("T", { T_FILE: `${file}.not` })).toBeNull();
    expect(secretOf("T", {})).toBeNull();
  });

  test("is kept from the sessions, whichever way it comes", () => {
    const config = configFrom(`
accounts: [{ name: a, home: ~/.claude-a }]
api: { tokenEnv: API }
notify:
  webhook: [{ urlEnv: HOOK, tokenEnv: HOOK_TOKEN }]
  telegram: { tokenEnv: BOT, chatId: 1 }
  email: { smtpUrlEnv: SMTP, from: a@x.example, to: [b@x.example] }
`);
    const secret = ["API", "HOOK", "HOOK_TOKEN", "BOT", "SMTP"];
    const env = Object.fromEntries(
      [...secret, ...secret.map((name) => `${name}_FILE`), "PATH"].map((name) => [name, "x"]),
    );
    expect(withoutSecrets(config, env)).toEqual({ PATH: "x" });
  });
});
