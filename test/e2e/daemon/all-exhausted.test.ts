import { expect, test } from "vitest";
import type { StatusJson } from "../../../src/api/contract.ts";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

function resetsOf({ accounts }: StatusJson): string[] {
  return accounts.map(({ exhaustedUntil }) => exhaustedUntil ?? "").toSorted();
}

test.concurrent(
  "with every account exhausted it waits, says until when, and goes on after the reset",
  async () => {
    await using rig = await daemonRig({ sessions: ["api"] });
    await rig.startDaemon();
    const api = fleetHand(rig, "api");
    await api.becomes("idle");
    rig.api.setBehaviour("compte1", hour(6));
    rig.api.setBehaviour("compte2", hour());
    await api.prompt("some work");
    const waiting = await until("the wait", async () => {
      const status = await rig.status();
      const [earliest = ""] = resetsOf(status);
      // A row that comes after the hook makes the reset exact, in the decision too.
      return (
        status.decision?.code === "allExhausted" &&
        status.decision.text.includes(earliest) &&
        status
      );
    });
    const resets = resetsOf(waiting);
    expect(waiting.accounts.map(({ state }) => state)).toEqual(["exhausted", "exhausted"]);
    expect(waiting.decision?.text).toContain(`the earliest reset is ${resets[0] ?? ""}`);
    expect(waiting.activeAccount).toBe("compte2");
    expect(waiting.sessions).toMatchObject([{ state: "limited" }]);
    rig.api.setBehaviour("compte1", { kind: "answer" });
    await until("the way back", async () => (await rig.status()).activeAccount === "compte1");
    await api.becomes("idle");
    await api.promptsAre(["some work", "continue", "continue"]);
    expect((await rig.history()).map(({ to, outcome }) => [to, outcome])).toEqual([
      ["compte1", "committed"],
      ["compte2", "committed"],
    ]);
  },
);

test.concurrent(
  "a single account that is exhausted is waited for, also by the next daemon, and the session goes on",
  async () => {
    await using rig = await daemonRig({ accounts: 1, sessions: ["api"] });
    const first = await rig.startDaemon();
    const api = fleetHand(rig, "api");
    await api.becomes("idle");
    rig.api.setBehaviour("compte1", hour(6));
    await api.prompt("some work");
    await until("the wait", async () => (await rig.status()).decision?.code === "allExhausted");
    first.kill("SIGKILL");
    await first.closed;
    await rig.startDaemon();
    rig.api.setBehaviour("compte1", { kind: "answer" });
    await api.promptsAre(["some work", "continue"]);
    expect(await rig.history()).toEqual([]);
  },
);
