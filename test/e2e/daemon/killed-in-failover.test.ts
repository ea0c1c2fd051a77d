import { readdirSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { follow } from "../../../src/api/client.ts";
import type { EventJson } from "../../../src/api/contract.ts";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import type { Running } from "../../support/daemon-process.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand, type FleetHand } from "../../support/daemon-session.ts";

/** Events at which the daemon is killed; the first is the moment in which the API refuses. */
const moments = [
  "the refused request",
  "refusal",
  "decision",
  "switchover.started",
  "session.continued",
  "switchover.committed",
] as const;

let rig: DaemonRig;
let api: FleetHand;
let daemon: Running;
const typed: string[] = [];

beforeAll(async () => {
  rig = await daemonRig({ accounts: moments.length + 1, sessions: ["api"] });
  daemon = await rig.startDaemon();
  api = fleetHand(rig, "api");
  await api.becomes("idle");
});

afterAll(async () => rig[Symbol.asyncDispose]());

test.each(moments)(
  "killed at %s of a failover, the next daemon finishes or undoes it, and nothing is lost or said twice",
  async (moment) => {
    const from = (await rig.status()).activeAccount ?? "";
    const seen = (await rig.events()).length;
    const killed = moment === moments[0] ? killAtRefusal() : killAtEvent(moment, seen);
    rig.api.setBehaviour(from, hour());
    const text = `work before ${moment}`;
    await api.prompt(text);
    await killed;
    await daemon.closed;
    daemon = await rig.startDaemon();
    typed.push(text, "continue");
    await api.promptsAre(typed);
    await api.becomes("idle");
    await until("the end of every switchover", async () =>
      (await rig.history()).every(({ outcome }) => outcome !== null),
    );
    const { activeAccount, held } = await rig.status();
    expect([activeAccount === from, held]).toEqual([false, null]);
    expect(readlinkSync(rig.box.slot)).toBe(
      rig.box.accounts.find(({ name }) => name === activeAccount)?.home,
    );
    expect(rig.api.requests.at(-1)).toMatchObject({
      account: activeAccount,
      promptText: "continue",
    });
    expect(await api.transcripts()).toBe(1);
    const outcomes = (await rig.history()).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "held")).toEqual([]);
    expect(readdirSync(rig.box.home).filter((name) => name.includes("cf-flip"))).toEqual([]);
  },
);

/** Kills the daemon before the client has read that it was refused. */
async function killAtRefusal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = rig.api.onRequest(({ behaviour }) => {
    if (behaviour !== "limit") return;
    daemon.kill("SIGKILL");
    resolve();
  });
  await promise;
  stop();
}

async function killAtEvent(type: string, since: number): Promise<void> {
  const path = `/v1/events?follow=1&since=${since}`;
  const isIt = (event: EventJson): boolean =>
    event.type === type &&
    (type !== "decision" || (event.data as { kind?: string }).kind === "failover");
  for await (const event of follow<EventJson>({ socket: rig.places.socket, path })) {
    if (!isIt(event)) continue;
    daemon.kill("SIGKILL");
    return;
  }
}
