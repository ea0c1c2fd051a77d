import { expect, test } from "vitest";
import type { SessionFacts } from "../../../src/dispatch/ports.ts";
import { waitsNow } from "../../../src/dispatch/waits.ts";
import { Workers } from "../../../src/dispatch/workers.ts";
import { configFrom } from "../../support/config-text.ts";
import { idleWorker } from "../../support/idle-worker.ts";
import { inboxRig } from "../../support/inbox-rig.ts";

test("tasks say why they do not go on, as things are when they are asked", async () => {
  const rig = inboxRig({ dispatch: "" });
  const config = configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions: { pool: { prefix: w-, cwd: /p } }
dispatch: { projects: [{ path: ${JSON.stringify(rig.project)} }], settle: 0s, cooldown: 10s }
`);
  const idle = idleWorker(rig.project);
  const waits = (facts: SessionFacts, frozen: string | null = null) => {
    const session = () => facts;
    const ports = { ...rig, config, frozen: () => frozen, sessions: () => [facts], session };
    const why = waitsNow(ports, { workers: new Workers(config, rig.store), isStarting: false });
    const codes = rig.tasks().map((task) => [task.name, why(task)?.code ?? null]);
    return Object.fromEntries(codes) as Record<string, string | null>;
  };
  rig.put("a.md", "Do it.");
  rig.put("b.md", "---\nafter: [c]\n---\nThen this.");
  rig.put("c.md", "This first.");
  await rig.scan();
  expect(waits(idle)).toEqual({ a: null, b: "after", c: null });
  expect(waits(idle, "paused")).toEqual({ a: "frozen", b: "after", c: "frozen" });
  const a = rig.store.tasks.byName(rig.project, "a");
  if (a === null) throw new Error("no task a");
  rig.queue.assign(a, "w-1", { sessionId: "s1" });
  const given = rig.store.tasks.get(a.id) ?? a;
  rig.queue.delivered(given, { promptId: "p", sessionId: "s1", at: rig.clock.now() });
  expect(waits({ ...idle, state: "working" })).toEqual({ a: null, b: "after", c: "noneFree" });
  expect(waits({ ...idle, state: "asking" }).a).toBe("session");
  rig.queue.done(given, "Done.");
  expect(waits(idle)).toEqual({ a: null, b: "after", c: "resting" });
});
