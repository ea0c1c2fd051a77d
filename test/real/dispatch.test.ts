import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isSamePrompt } from "../../src/claude/prompt-text.ts";
import { until } from "../support/agent-session.ts";
import { hour } from "../support/daemon-limit.ts";
import { dispatchRig } from "../support/dispatch-rig.ts";

const CLIENTS = [
  { name: "the pinned client", command: process.env["CF_TEST_CLAUDE"] },
  { name: "a client half a year older", command: process.env["CF_TEST_CLAUDE_OLD"] },
];

describe.each(CLIENTS)("$name", ({ command }) => {
  test.skipIf(command === undefined)(
    "does what is dropped into an inbox, once each, and it comes out of done/ with its result",
    async () => {
      await using rig = await dispatchRig({
        config: { claude: { command } },
        pool: { min: 1, max: 1 },
      });
      mkdirSync(join(rig.project, "packages/api"), { recursive: true });
      rig.api.setBehaviour("*", {
        kind: "answer",
        text: ({ promptText }) => `Answer to ${(promptText ?? "").slice(0, 20)}`,
      });
      await rig.startDaemon();
      const long =
        `Read this.\n${"A line of a long text: é ü 漢字 🦊 \ttab.\n".repeat(2_000)}`.trim();
      const prompts = {
        command: "Look at /etc and at !this.",
        heading: "# A heading first\n\n- one\n- two",
        long,
        elsewhere: "Look around here.",
      };
      rig.drop("heading.md", `---\ntitle: Heading\n---\n${prompts.heading}\n`);
      rig.drop("command.md", prompts.command);
      rig.drop("long.md", prompts.long);
      rig.drop("elsewhere.md", `---\ncwd: packages/api\nmodel: haiku\n---\n${prompts.elsewhere}\n`);
      const tasks = await rig.settled(4, ["done", "failed"]);
      const shown = Object.fromEntries(
        tasks.map(({ name, state, reason }) => [name, [state, reason]]),
      );
      expect(shown).toEqual({
        command: ["done", null],
        heading: ["done", null],
        long: ["done", null],
        elsewhere: ["done", null],
      });
      const [, front = ""] = rig.read("done/heading.md").split(/^---$/m);
      expect(parse(front)).toMatchObject({
        title: "Heading",
        state: "done",
        result: expect.stringMatching(/^Answer to/),
        sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      // Rows are flushed after the hooks.
      const told = (prompt: string) =>
        rig.prompts().filter(({ text }) => isSamePrompt(text, prompt));
      for (const [name, prompt] of Object.entries(prompts))
        await until(`the row of ${name}`, () => told(prompt).length > 0);
      const texts = rig.prompts().map(({ text }) => text);
      for (const prompt of Object.values(prompts))
        expect(texts.filter((text) => isSamePrompt(text, prompt))).toHaveLength(1);
      expect(texts).toHaveLength(4);
      const elsewhere = rig.api.requests.find((each) => each.promptText === prompts.elsewhere);
      expect(elsewhere?.model).toMatch(/haiku/);

      // A limit in the middle of a task: it goes on in its own session under the other account.
      rig.api.setBehaviour("compte1", hour());
      const waited = await rig.call([
        "dispatch",
        "--project",
        "proj",
        "--prompt",
        "Go on.",
        "--wait",
      ]);
      expect(waited).toMatchObject({ status: 0, stdout: "Answer to continue\n" });
      expect((await rig.status()).activeAccount).toBe("compte2");
      await rig.wrote("continue");
      expect(rig.prompts().filter(({ text }) => text === "Go on.")).toHaveLength(1);
    },
  );
});
