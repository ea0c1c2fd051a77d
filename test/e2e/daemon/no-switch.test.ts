import { readlinkSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Behaviour } from "../../../src/drill/messages-api-behaviour.ts";
import { until } from "../../support/agent-session.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand, type FleetHand } from "../../support/daemon-session.ts";

const LIMIT = "You've hit your limit · resets 1pm (UTC)";

let rig: DaemonRig;
let api: FleetHand;
/** Everything that was typed so far. */
const typed: string[] = [];

beforeAll(async () => {
  const policy = { cooldown: "0s", failback: { enabled: false }, accountTrouble: "stay" };
  rig = await daemonRig({ sessions: ["api"], config: { policy } });
  await rig.startDaemon();
  api = fleetHand(rig, "api");
  await api.becomes("idle");
});

afterAll(async () => rig[Symbol.asyncDispose]());

/** Words of a limit where only a person or the model said them. */
const words: Record<string, { behaviour: Behaviour; prompt: string }> = {
  "in an answer of the model": {
    behaviour: { kind: "answer", text: `The client says "${LIMIT}" then.\n\n${LIMIT}` },
    prompt: "what does it say?",
  },
  "in a prompt": { behaviour: { kind: "answer" }, prompt: LIMIT },
  "in what a command printed": {
    behaviour: {
      kind: "answer",
      text: LIMIT,
      tool: {
        name: "Bash",
        input: { command: `echo "${LIMIT}"; echo "API Error: 429 rate_limit"` },
      },
    },
    prompt: "run it",
  },
};

test.each(Object.entries(words))(
  "the words of a limit %s are no limit",
  async (_, { behaviour, prompt }) => {
    rig.api.setBehaviour("compte1", behaviour);
    await api.prompt(prompt);
    await api.becomes("idle");
    await api.shows(/hit your limit/);
    await expectNoSwitch(prompt);
    expect((await rig.status()).decision?.code).toBe("healthy");
  },
);

/** What the Messages API does with the prompt, and the decision that it must lead to. */
const refusals: Record<string, { behaviour: Behaviour; class: string; decision: string }> = {
  "a busy server": { behaviour: { kind: "busy" }, class: "serverBusy", decision: "backOff" },
  "an overloaded server": {
    behaviour: { kind: "overload" },
    class: "overload",
    decision: "backOff",
  },
  "a server that fails": { behaviour: { kind: "error" }, class: "overload", decision: "backOff" },
  "a limit of a model that no session is on": {
    behaviour: {
      kind: "limit",
      type: "seven_day_sonnet",
      resetsAt: 4_000_000_000,
      overageStatus: null,
    },
    class: "usageLimit",
    decision: "modelOnly",
  },
  "a refused login": { behaviour: { kind: "auth" }, class: "auth", decision: "accountTrouble" },
  "an empty balance": {
    behaviour: { kind: "credit" },
    class: "billing",
    decision: "accountTrouble",
  },
};

test.each(Object.entries(refusals))(
  "%s is no reason to switch, and is told as what it is",
  async (_, { behaviour, class: refusal, decision }) => {
    const before = (await rig.events()).length;
    rig.api.setBehaviour("compte1", behaviour);
    await api.prompt("some work");
    const told = await until("the refusal", async () =>
      (await rig.events()).slice(before).find(({ type }) => type === "refusal"),
    );
    expect(told.data).toMatchObject({ session: "api", class: refusal, account: "compte1" });
    await until(decision, async () => (await rig.status()).decision?.code === decision);
    await expectNoSwitch("some work");
  },
);

/** The session answers another prompt under the same account, and nobody else typed anything. */
async function expectNoSwitch(prompt: string): Promise<void> {
  rig.api.setBehaviour("compte1", { kind: "answer" });
  const next = `are you there after ${typed.length}?`;
  await api.prompt(next);
  typed.push(prompt, next);
  await api.promptsAre(typed);
  await api.becomes("idle");
  const { activeAccount, lastSwitchover } = await rig.status();
  expect({ activeAccount, lastSwitchover }).toEqual({
    activeAccount: "compte1",
    lastSwitchover: null,
  });
  expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[0]?.home);
  expect(new Set(rig.api.requests.map(({ account }) => account))).toEqual(new Set(["compte1"]));
}
