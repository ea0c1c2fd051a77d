import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { parseTaskFile } from "../../../src/dispatch/parse-task.ts";
import { inboxRig } from "../../support/inbox-rig.ts";
import { tempDir } from "../../support/temp-dir.ts";

describe("a file", () => {
  test("that was moved in is taken at once, and is the same task at every further look", async () => {
    const rig = inboxRig();
    rig.put("a.md", "---\npriority: high\ntags: [x]\n---\nDo it.\n");
    await rig.scan();
    await rig.scan();
    expect(rig.tasks()).toMatchObject([
      { name: "a", path: "inbox/a.md", state: "queued", priority: "high", tags: ["x"] },
    ]);
  });

  test("that is being written is taken when it has stood still, whole", async () => {
    const rig = inboxRig();
    await rig.scan();
    const path = rig.path("inbox", "a.md");
    const write = (text: string): void => {
      appendFileSync(path, text);
      utimesSync(path, rig.clock.now() / 1000, rig.clock.now() / 1000);
    };
    write("Do ");
    await rig.scan(500);
    write("it ");
    await rig.scan(750);
    expect(rig.tasks()).toEqual([]);
    write("well.");
    await rig.scan(1_250);
    expect(rig.tasks()).toHaveLength(1);
    expect(rig.store.tasks.texts(rig.tasks()[0]?.id ?? 0)?.prompt).toBe("Do it well.");
  });

  test("that is changed or replaced while it waits is that task still", async () => {
    const rig = inboxRig();
    rig.put("a.md", "One.");
    await rig.scan();
    writeFileSync(rig.path("inbox", "a.md"), "---\npriority: low\n---\nTwo.");
    utimesSync(rig.path("inbox", "a.md"), rig.clock.now() / 1000, rig.clock.now() / 1000);
    await rig.scan(1_500);
    const [task] = rig.tasks();
    expect([rig.tasks().length, task?.priority]).toEqual([1, "low"]);
    expect(rig.store.tasks.texts(task?.id ?? 0)?.prompt).toBe("Two.");
    writeFileSync(rig.path("next"), "Three.");
    renameSync(rig.path("next"), rig.path("inbox", "a.md"));
    await rig.scan(1_500);
    expect(rig.tasks()).toHaveLength(1);
    expect(rig.store.tasks.texts(task?.id ?? 0)?.prompt).toBe("Three.");
  });

  test("that is taken away while it waits is not wanted any more; a gone project changes nothing", async () => {
    const rig = inboxRig();
    rig.put("a.md", "One.");
    rig.put("b.md", "Two.");
    await rig.scan();
    rmSync(rig.path("inbox", "a.md"));
    await rig.scan(3_000);
    expect(rig.tasks().map(({ name, state }) => [name, state])).toEqual([
      ["b", "queued"],
      ["a", "cancelled"],
    ]);
    renameSync(rig.project, `${rig.project}-away`);
    await rig.scan(10_000);
    expect(rig.events("inbox.unusable")).toEqual([
      { project: rig.project, text: `${rig.project} does not exist.` },
    ]);
    renameSync(`${rig.project}-away`, rig.project);
    await rig.scan(3_000);
    expect(rig.events("inbox.usable")).toEqual([{ project: rig.project }]);
    expect(rig.tasks()[0]).toMatchObject({ name: "b", state: "queued" });
    expect(rig.faults).toEqual([]);
  });
});

describe("what is no task", () => {
  const cases: readonly (readonly [string, (rig: ReturnType<typeof inboxRig>) => void, string])[] =
    [
      [
        "wrong.md",
        (rig) => rig.put("wrong.md", "---\npriority: urgent\n---\nx"),
        "Its front matter is wrong: line 2: priority is",
      ],
      [
        "big.md",
        (rig) => rig.put("big.md", Buffer.alloc(10 * 1024 * 1024, "x")),
        "It is 10.0 MiB long",
      ],
      [
        "vast.md",
        (rig) => {
          rig.put("vast.md", "");
          truncateSync(rig.path("inbox", "vast.md"), 2 ** 40);
        },
        "It is 1048576.0 MiB long",
      ],
      [
        "binary.md",
        (rig) => rig.put("binary.md", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff)),
        "It is no text",
      ],
      ["empty.md", (rig) => rig.put("empty.md", ""), "It has no prompt"],
      [
        "out.md",
        (rig) => rig.put("out.md", "---\ncwd: ../elsewhere\n---\nx"),
        "Its cwd leads out of the project.",
      ],
      [
        "can.md",
        (rig) => rig.put("can.md", "---\ncapabilities: [gpus]\n---\nx"),
        "No session of the pool has the capability gpus. Did you mean gpu?",
      ],
      [
        "self.md",
        (rig) => rig.put("self.md", "---\nafter: [self]\n---\nx"),
        "It waits for itself (self).",
      ],
      [
        "on.md",
        (rig) => rig.put("on.md", "---\nafter: [99]\n---\nx"),
        "There is no task 99 that it could wait for.",
      ],
      [
        "link.md",
        (rig) => {
          const secret = join(tempDir(), "secret");
          writeFileSync(secret, "not to be read");
          symlinkSync(secret, rig.path("inbox", "link.md"));
        },
        "It is a link",
      ],
      [
        "x.md",
        (rig) => mkdirSync(rig.path("inbox", "x.md", "inner"), { recursive: true }),
        "It is a folder, not a file.",
      ],
      [
        "pipe.md",
        (rig) => execFileSync("mkfifo", [rig.path("inbox", "pipe.md")]),
        "It is no regular file.",
      ],
    ];

  test.each(cases)("%s is rejected with one sentence, and is not lost", async (name, make, why) => {
    const rig = inboxRig();
    await rig.scan();
    make(rig);
    await rig.scan(6_000);
    expect(rig.tasks()).toEqual([]);
    expect(rig.folder("inbox")).toEqual([]);
    expect(rig.folder("rejected")).toEqual([name, `${name}.why`]);
    expect(rig.read(`rejected/${name}.why`)).toMatch(/^[^\n]+\n$/);
    expect(rig.read(`rejected/${name}.why`).startsWith(why)).toBe(true);
    expect(rig.events("task.rejected")).toHaveLength(1);
    expect(rig.faults).toEqual([]);
  });

  test("under a name that was rejected before replaces nothing", async () => {
    const rig = inboxRig();
    for (const text of ["/one", "/two"]) {
      rig.put("a.md", text);
      await rig.scan();
    }
    mkdirSync(rig.path("inbox", "a.md"));
    await rig.scan();
    expect(rig.folder("rejected").filter((name) => !name.endsWith(".why"))).toEqual([
      "a.md",
      "a~2.md",
      "a~3.md",
    ]);
    expect([rig.read("rejected/a.md"), rig.read("rejected/a~2.md")]).toEqual(["/one", "/two"]);
  });

  test("is given time where it may still be written to", async () => {
    const rig = inboxRig();
    await rig.scan();
    const path = rig.path("inbox", "a.md");
    writeFileSync(path, "---\ntitle: x\n");
    utimesSync(path, rig.clock.now() / 1000, rig.clock.now() / 1000);
    await rig.scan(3_000);
    expect(rig.folder("inbox")).toEqual(["a.md"]);
    appendFileSync(path, "---\nDo it.\n");
    utimesSync(path, rig.clock.now() / 1000, rig.clock.now() / 1000);
    await rig.scan(2_000);
    expect(rig.tasks()).toMatchObject([{ title: "x" }]);
  });
});

test("names with line ends, quotes, shell characters and much length go the whole way", async () => {
  const rig = inboxRig();
  const names = [
    "a\nb.md",
    "$(touch x) `id`;'\".md",
    "-rf *.md",
    "ünï 漢.md",
    `${"n".repeat(190)}.md`,
  ];
  for (const name of names) rig.put(name, "Do it.");
  rig.put(`${"n".repeat(240)}.md`, "Do it.");
  await rig.scan();
  expect(
    rig
      .tasks()
      .map(({ name }) => `${name}.md`)
      .toSorted(),
  ).toEqual(names.toSorted());
  expect(rig.folder("rejected")).toEqual([`${"n".repeat(40)}.md`, `${"n".repeat(40)}.md.why`]);
  for (const task of rig.tasks()) {
    rig.queue.assign(task, `w-${task.id}`, {});
    expect(rig.keep().size).toBe(0);
  }
  expect(rig.folder("inbox")).toEqual(names.map((name) => `${name}.dispatched`).toSorted());
  for (const task of rig.tasks()) {
    const now = rig.store.tasks.get(task.id) ?? task;
    rig.queue.delivered(now, { promptId: "p", sessionId: "s", at: rig.clock.now() });
    rig.queue.done(rig.store.tasks.get(task.id) ?? now, "Done.\n---\nreally: yes");
  }
  rig.keep();
  expect(rig.folder("done")).toEqual(names.toSorted());
  expect(rig.folder("inbox")).toEqual([]);
});

test("a queue folder that leads out of the project is not followed", async () => {
  const rig = inboxRig();
  const outside = tempDir();
  mkdirSync(join(outside, "inbox"));
  writeFileSync(join(outside, "inbox", "a.md"), "x");
  symlinkSync(outside, join(rig.project, ".agent-queue"));
  await rig.scan(3_000);
  expect(rig.tasks()).toEqual([]);
  expect(rig.events("inbox.unusable")).toEqual([
    {
      project: rig.project,
      text: `${join(rig.project, ".agent-queue")} is a link that leads out of the project.`,
    },
  ]);
});

test("two tasks with the same content are one, and the second file says so", async () => {
  const rig = inboxRig();
  rig.put("a.md", "---\ndedupe: true\n---\nSame.");
  await rig.scan();
  rig.put("b.md", "---\ndedupe: true\n---\nSame.\n");
  await rig.scan();
  expect(rig.tasks()).toHaveLength(1);
  expect(rig.read("rejected/b.md.why")).toBe("Task 1, which is queued, is the same one.\n");
});

test("tasks wait for files that come later, and a cycle is refused", async () => {
  const rig = inboxRig();
  rig.put("deploy.md", "---\nafter: [build]\n---\nDeploy.");
  await rig.scan();
  expect(rig.tasks()[0]?.waiting).toBe("after");
  rig.put("build.md", "---\nafter: [deploy]\n---\nBuild.");
  await rig.scan();
  expect(rig.read("rejected/build.md.why")).toBe("It waits for itself, by way of task 1.\n");
  rig.put("build.md", "Build.");
  await rig.scan();
  const build = rig.store.tasks.byName(rig.project, "build");
  if (build === null) throw new Error("no build");
  rig.queue.assign(build, "w-1", {});
  rig.queue.delivered({ ...build, session: "w-1" }, { promptId: null, sessionId: "s", at: 1 });
  expect(rig.store.tasks.get(1)?.waiting).toBe("after");
  rig.queue.done({ ...build, session: "w-1" }, "Built.");
  expect(rig.store.tasks.get(1)?.waiting).toBeNull();
});

test("many files are taken in together, and one that cannot be does not keep out the others", async () => {
  const rig = inboxRig();
  for (let each = 100; each < 160; each++) rig.put(`t${each}.md`, "Do it.");
  rig.put("t130.md", "/no");
  const add = rig.queue.add.bind(rig.queue);
  rig.queue.add = (incoming) => {
    if (incoming.file?.name === "t140") throw new Error("not now");
    return add(incoming);
  };
  await rig.scan();
  expect(rig.tasks()).toHaveLength(58);
  expect(rig.folder("rejected")).toEqual(["t130.md", "t130.md.why"]);
  expect(rig.folder("inbox")).toContain("t140.md");
  expect(rig.faults).toHaveLength(1);
  rig.queue.add = add;
  await rig.scan(6_000);
  expect(rig.tasks().map(({ name }) => name)).toContain("t140");
  expect(rig.tasks()).toHaveLength(59);
});

test("tasks that are asked for together are in one commit, and each is told its own", async () => {
  const rig = inboxRig();
  const { queue, store, project } = rig;
  const spec = (prompt: string, dedupe: string | null) => {
    const parsed = parseTaskFile(Buffer.from(prompt));
    if (!parsed.ok) throw new Error(parsed.why);
    return { ...parsed.task, dedupe };
  };
  const add = async (prompt: string, dedupe: string | null, file: string | null = null) =>
    store.together(() =>
      queue.add({
        project,
        spec: { ...spec(prompt, dedupe), capabilities: file === null ? [] : [file] },
        front: "",
        file: null,
      }),
    );
  const all = Promise.all([
    add("a", null),
    add("b", "key:1"),
    add("c", "key:1"),
    add("d", null, "no"),
  ]);
  expect(rig.tasks()).toEqual([]);
  expect(await all).toMatchObject([
    { kind: "queued", id: 1 },
    { kind: "queued", id: 2 },
    { kind: "known", id: 2 },
    { kind: "refused" },
  ]);
  expect(rig.tasks()).toHaveLength(2);
  const full = fullDisk(store.path, "too long");
  const failed = Promise.allSettled([add("e", null), add("too long", null), add("f", null)]);
  const fault = { reason: { message: `${store.path} could not be used: full.` } };
  expect(await failed).toMatchObject([fault, fault, fault]);
  expect(rig.tasks()).toHaveLength(2);
  full.end();
});

test("a file that was changed when the disk was full is that task as it says now, later", async () => {
  const rig = inboxRig();
  rig.put("a.md", "One.");
  await rig.scan();
  rig.put("a.md", "Two.");
  utimesSync(rig.path("inbox", "a.md"), rig.clock.now() / 1000, rig.clock.now() / 1000);
  rig.put("b.md", "too long");
  const full = fullDisk(rig.store.path, "too long");
  await rig.scan(1_500);
  expect(rig.faults).not.toEqual([]);
  full.end();
  await rig.scan(6_000);
  const prompts = rig.tasks().map(({ id }) => rig.store.tasks.texts(id)?.prompt);
  expect(prompts.toSorted()).toEqual(["Two.", "too long"]);
});

/** What SQLite meets on a full disk with the task of that prompt: all of the transaction is undone. */
function fullDisk(path: string, prompt: string): { end: () => void } {
  const run = (sql: string): void => {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  };
  run(`CREATE TRIGGER full BEFORE INSERT ON tasks WHEN NEW.prompt = '${prompt}'
    BEGIN SELECT RAISE(ROLLBACK, 'full'); END`);
  return { end: () => run("DROP TRIGGER full") };
}
