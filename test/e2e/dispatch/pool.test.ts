import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { dispatchRig } from "../../support/dispatch-rig.ts";

test("the pool grows while tasks wait in vain, and loses what it does not need", async () => {
  await using rig = await dispatchRig({ pool: { min: 1, max: 2, shrinkAfter: "100ms" } });
  rig.api.setBehaviour("*", { kind: "answer", durationMs: 1_000 });
  await rig.startDaemon();
  for (const name of ["one", "two", "three"]) rig.drop(`${name}.md`, `Do ${name}.`);
  await until("one more", async () => (await rig.tmuxSessions()).includes("w-2"));
  await rig.settled(3);
  await until(
    "the end of what is too many",
    async () => (await rig.status()).sessions.length === 1,
  );
  expect(await rig.tmuxSessions()).toEqual(["w-1"]);
  const changes = (await rig.events()).filter(({ type }) => type.startsWith("pool."));
  expect(changes[0]).toMatchObject({ type: "pool.grown", data: { sessions: ["w-2"] } });
  expect(changes.at(-1)).toMatchObject({ type: "pool.shrunk", data: { session: "w-2" } });
});
