import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { inboxRig } from "../../support/inbox-rig.ts";
import { passTime } from "../../support/pass-time.ts";

test("a file that goes while others are taken in is no fault", async () => {
  const rig = inboxRig();
  for (let each = 1; each <= 30; each++) rig.put(`t${each}.md`, `Do no. ${each}.`);
  const scan = rig.inbox.scan();
  const last = rig
    .folder("inbox")
    .find((name) => !rig.tasks().some((task) => `${task.name}.md` === name));
  rmSync(rig.path("inbox", last ?? ""));
  await passTime(rig.clock, scan);
  expect(rig.tasks()).toHaveLength(29);
  expect(rig.faults).toEqual([]);
});

test("a look that took long is followed by a rest, however often another is asked for", async () => {
  const rig = inboxRig();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let each = 1; each <= 26; each++) rig.put(`t${each}.md`, `Do no. ${each}.`);
  const scan = rig.inbox.scan();
  void rig.inbox.scan();
  rig.put("new.md", "Do it.");
  rig.clock.advance(100);
  await settle();
  expect(rig.tasks()).toHaveLength(26);
  rig.clock.advance(399);
  await settle();
  expect(rig.tasks()).toHaveLength(26);
  await passTime(rig.clock, scan, { stepMs: 1 });
  expect(rig.tasks()).toHaveLength(27);
});

test("a task that a session is given while the inbox is looked at is not cancelled for its file", async () => {
  const rig = inboxRig();
  rig.put("a.md", "Do it.");
  await rig.scan();
  rmSync(rig.path("inbox", "a.md"));
  await rig.scan();
  for (let each = 1; each <= 26; each++) rig.put(`t${each}.md`, `Do no. ${each}.`);
  rig.clock.advance(3_000);
  const scan = rig.inbox.scan();
  const [task] = rig.tasks().filter(({ name }) => name === "a");
  if (task !== undefined) rig.queue.assign(task, "w-1", { sessionId: "s1" });
  await passTime(rig.clock, scan);
  expect(rig.store.tasks.get(task?.id ?? 0)?.state).toBe("assigned");
});
