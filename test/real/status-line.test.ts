import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../support/agent-session.ts";
import { daemonRig } from "../support/daemon-rig.ts";
import { fleetHand } from "../support/daemon-session.ts";

const CLIENTS = [
  { name: "the pinned client", command: process.env["CF_TEST_CLAUDE"] },
  { name: "a client half a year older", command: process.env["CF_TEST_CLAUDE_OLD"] },
];

describe.each(CLIENTS)("$name", ({ command }) => {
  test.skipIf(command === undefined)(
    "shows the operator's own status line, and tells how much is used of whom, and what is paid for",
    async () => {
      await using rig = await daemonRig({ sessions: ["api"], config: { claude: { command } } });
      const [first] = rig.box.accounts;
      const own = (text: string): void =>
        writeFileSync(
          join(first?.home ?? "", "settings.json"),
          JSON.stringify({
            statusLine: {
              type: "command",
              command: `IFS= read -r all; case "$all" in *'"session_id"'*) echo "${text}";; esac`,
              padding: 3,
            },
          }),
        );
      own("MINE");
      const reset = Math.floor(Date.now() / 1000) + 7_200;
      const utilization = {
        fiveHour: { usedPercent: 42, resetsAt: reset },
        sevenDay: { usedPercent: 7, resetsAt: reset + 86_400 },
      };
      rig.api.setBehaviour("compte1", { kind: "answer", utilization });
      rig.api.setBehaviour("compte2", {
        kind: "answer",
        utilization: { fiveHour: { usedPercent: 11, resetsAt: reset + 600 } },
      });
      await rig.startDaemon();
      const api = fleetHand(rig, "api");
      await api.becomes("idle");
      await api.prompt("hello");
      await api.becomes("idle");
      // The blanks of its padding, and two that the client itself puts before its lines.
      await api.shows(/^ {5}MINE/m);
      const usedOf = async (account: string): Promise<object> => {
        const { accounts } = await rig.status();
        const windows = accounts.find(({ name }) => name === account)?.windows ?? [];
        return Object.fromEntries(windows.map((each) => [each.window, each.usedPercent]));
      };
      await until("the percentages", async () => "weekly" in (await usedOf("compte1")));
      expect(await usedOf("compte1")).toEqual({ fiveHour: 42, weekly: 7 });
      expect((await rig.status()).sessions[0]?.model).toMatch(/^claude-/);

      // What the session shows still is the first account's, until it is answered under the other.
      await rig.post("switchover", { account: "compte2" });
      await api.write("half");
      expect(await usedOf("compte2")).toEqual({});
      await api.keys("Enter");
      await until("the other's", async () => "fiveHour" in (await usedOf("compte2")));
      expect(await usedOf("compte2")).toEqual({ fiveHour: 11 });
      expect(await usedOf("compte1")).toEqual({ fiveHour: 42, weekly: 7 });

      // Neither row nor hook says that credits are used from now on, only the screen.
      const unified = "anthropic-ratelimit-unified";
      const headers = {
        [`${unified}-status`]: "rejected",
        [`${unified}-reset`]: String(reset),
        [`${unified}-representative-claim`]: "five_hour",
        [`${unified}-overage-status`]: "allowed",
        [`${unified}-overage-in-use`]: "true",
      };
      rig.api.setBehaviour("compte2", { kind: "answer", headers });
      await api.becomes("idle");
      await api.prompt("more");
      const paid = await until("the paid usage", async () =>
        (await rig.events()).find(({ type }) => type === "account.paidUsage"),
      );
      expect(paid.data).toMatchObject({ account: "compte2" });
    },
  );
});
