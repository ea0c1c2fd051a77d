import { expect, test } from "vitest";
import { follow } from "../../../src/api/client.ts";
import type { EventJson } from "../../../src/api/contract.ts";
import { hour } from "../../support/daemon-limit.ts";
import type { Running } from "../../support/daemon-process.ts";
import { dispatchRig, type DispatchRig } from "../../support/dispatch-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

/** After which event, and at its how-manieth time since the daemon's start, it is killed. */
const DEATHS: readonly (readonly [string, number])[] = [
  ["task.queued", 5],
  ["task.assigned", 2],
  ["task.delivered", 2],
  ["task.done", 1],
  ["refusal", 1],
  ["switchover.started", 1],
  ["session.continued", 1],
  ["task.assigned", 1],
  ["task.delivered", 1],
];
const TASKS = 24;

test("every prompt is in one transcript once, whatever is killed", async () => {
  await using rig = await dispatchRig({
    accounts: 3,
    sessions: ["mine"],
    pool: { min: 3, max: 3 },
  });
  rig.api.setBehaviour("*", { kind: "answer", durationMs: 300 });
  let daemon = await rig.startDaemon();
  await fleetHand(rig, "mine").becomes("idle");
  for (let each = 1; each <= TASKS; each++)
    rig.drop(
      `t${each}.md`,
      `---\npriority: ${each % 3 === 0 ? "high" : "low"}\n---\nTask no. ${each} of all.\n`,
    );
  let since = 0;
  for (const [type, count] of DEATHS) {
    const dead = killAt(rig, daemon, { type, count, since });
    if (type === "refusal") rig.api.setBehaviour("compte1", hour());
    since = await dead;
    await daemon.closed;
    daemon = await rig.startDaemon();
  }
  const tasks = await rig.settled(TASKS, ["done", "failed", "cancelled"]);
  expect(tasks.filter(({ state }) => state !== "done")).toEqual([]);
  await rig.wrote("Task no. 24");
  const prompts = rig.prompts();
  const mine = (await rig.status()).sessions.find(({ name }) => name === "mine")?.sessionId;
  expect(prompts.filter(({ sessionId }) => sessionId === mine)).toEqual([]);
  const texts = prompts.map(({ text }) => text).filter((text) => text !== "continue");
  const wanted = Array.from({ length: TASKS }, (_, index) => `Task no. ${index + 1} of all.`);
  expect(texts.toSorted()).toEqual(wanted.toSorted());
  expect(rig.folder("done")).toHaveLength(TASKS);
  expect([rig.folder("inbox"), rig.folder("failed"), rig.folder("rejected")]).toEqual([[], [], []]);
  for (const task of tasks) {
    const taken = prompts.find(({ text }) => text === `Task no. ${task.name?.slice(1)} of all.`);
    expect(taken?.sessionId).toBe(task.sessionId);
  }
});

/** Kills the daemon at the so-manieth event of a type after `since`; resolves with its number. */
async function killAt(
  rig: DispatchRig,
  daemon: Running,
  { type, count, since }: { type: string; count: number; since: number },
): Promise<number> {
  const path = `/v1/events?follow=1&since=${since}`;
  let left = count;
  for await (const event of follow<EventJson>({ socket: rig.places.socket, path })) {
    if (event.type === type) left -= 1;
    if (left > 0) continue;
    daemon.kill("SIGKILL");
    return event.seq;
  }
  throw new Error(`no ${type}`);
}
