// An inbox on a disk that is read only or fills up while tasks run: `bad-disk.ts readOnly|full <project>
// <state folder>`. Prints what was told and what lies where, as JSON.
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../../src/clock.ts";
import { parseConfig } from "../../../../src/config/parse.ts";
import { Inbox } from "../../../../src/dispatch/inbox.ts";
import { keepFiles } from "../../../../src/dispatch/keep-files.ts";
import { TaskQueue } from "../../../../src/dispatch/queue.ts";
import { openStore } from "../../../../src/store/store.ts";

const [mode = "", project = "", stateDir = ""] = process.argv.slice(2);
const outcome = parseConfig({
  text: JSON.stringify({
    accounts: [{ name: "a", home: join(stateDir, "a") }],
    sessions: { pool: { cwd: project } },
    dispatch: { projects: [{ path: project }] },
  }),
  file: join(stateDir, "config.yaml"),
  home: stateDir,
  realPath: (path) => path,
});
if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
const clock = systemClock;
const store = openStore(join(stateDir, "state.db"), clock);
const queue = new TaskQueue({ config: outcome.config, store, clock, random: () => 0 });
const stop = new AbortController();
const faults: string[] = [];
const inbox = new Inbox({
  project,
  queue,
  store,
  clock,
  signal: stop.signal,
  onTask: () => undefined,
  onFault: (_what, thrown) => void faults.push(String(thrown)),
});
const folder = (name: string): string => join(project, ".agent-queue", name);
const problems: string[] = [];

await inbox.scan();
if (mode === "full") await fillUp();
else await inbox.scan();
stop.abort();
const told = ["inbox.unusable", "task.rejected"];
console.log(
  JSON.stringify({
    problems,
    faults,
    told: store.events
      .since(0, 1_000)
      .filter(({ type }) => told.includes(type))
      .map(({ data }) => data),
    folders: Object.fromEntries(
      ["inbox", "done", "rejected"].map((name) => [name, readdirSync(folder(name)).toSorted()]),
    ),
    done: mode === "full" ? readFileSync(join(folder("done"), "a.md"), "utf8").length : 0,
  }),
);
store.close();

async function fillUp(): Promise<void> {
  writeFileSync(join(folder("inbox"), "a.md"), "Do it.");
  writeFileSync(join(folder("inbox"), ".b"), "/not-a-prompt");
  // Written long ago, so that nobody waits for more of it.
  for (const name of ["a.md", ".b"]) utimesSync(join(folder("inbox"), name), 1, 1);
  await untilTrue(async () => {
    await inbox.scan();
    return store.tasks.get(1) !== null;
  });
  const task = store.tasks.get(1);
  if (task === null) throw new Error("no task");
  queue.assign(task, "ccl-auto-1", { sessionId: "s" });
  keep();
  fill(join(project, "more"));
  queue.delivered(task, { promptId: "p", sessionId: "s", at: clock.now() });
  queue.done({ ...task, session: "ccl-auto-1" }, "result ".repeat(20_000));
  keep();
  renameSync(join(folder("inbox"), ".b"), join(folder("inbox"), "b.md"));
  await untilTrue(async () => {
    await inbox.scan();
    return readdirSync(folder("rejected")).length > 0;
  });
  for (const name of ["more", "full"]) rmSync(join(project, name));
  keep();
}

function keep(): void {
  problems.push(...keepFiles(store).values());
}

function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096));
  } catch {
    closeSync(file);
  }
}

async function untilTrue(is: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await is())) {
    if (performance.now() > end) throw new Error("it did not come");
    await clock.sleep(50);
  }
}
