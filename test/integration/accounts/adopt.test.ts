import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { applyAdopt, type AdoptOutcome } from "../../../src/accounts/adopt/apply.ts";
import { commitAdopt } from "../../../src/accounts/adopt/commit.ts";
import { surveyAdopt, type AdoptRequest } from "../../../src/accounts/adopt/survey.ts";
import { undoAdopt } from "../../../src/accounts/adopt/undo.ts";
import { systemClock as clock } from "../../../src/clock.ts";
import { processStart } from "../../../src/accounts/proc.ts";
import { JOINED, makeTree, ONE, TWO, twoPrivateHomes } from "../../support/private-homes.ts";
import { snapshot } from "../../support/snapshot.ts";
import { tempDir } from "../../support/temp-dir.ts";

const options = { clock, batchSize: 3 };

function done(outcome: AdoptOutcome): Extract<AdoptOutcome, { kind: "done" }> {
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}

async function both(): Promise<{ root: string; request: AdoptRequest; before: object }> {
  const root = tempDir();
  makeTree(root, { ...ONE, ...TWO });
  return { root, request: twoPrivateHomes(root), before: await snapshot(root) };
}

/** What the snapshot of a tree made by `makeTree` is. */
async function expected(tree: Record<string, string>): Promise<Record<string, string>> {
  const root = tempDir();
  makeTree(root, tree);
  return await snapshot(root);
}

describe("adopting two private homes", () => {
  test("joins them by path and content and loses nothing", async () => {
    const { root, request } = await both();
    const outcome = done(await applyAdopt(request, options));
    const target = join(root, ".claude-projects-shared");
    expect(await snapshot(target)).toEqual(await expected(JOINED));
    expect(statSync(target).mode & 0o777).toBe(0o700);
    for (const home of request.homes) {
      expect(readlinkSync(join(home, "projects"))).toBe(target);
      expect(readlinkSync(join(home, "session-env"))).toBe(
        join(root, ".claude-session-env-shared"),
      );
    }
    const conflicts = outcome.results.flatMap(({ result }) => result.conflictPaths);
    expect(conflicts.toSorted()).toEqual([
      join(root, ".claude-file-history-shared/s/1@v1.conflict-two"),
      join(target, "-p/differs.jsonl.conflict-two"),
      join(target, "-p/kind.conflict-two"),
      join(target, "-p/link.conflict-two"),
    ]);
    expect(outcome.problems).toEqual([]);
    expect(readFileSync(join(request.homes[0]!, ".credentials.json"), "utf8")).toBe("made up");
  });

  test("keeps the originals until they are committed", async () => {
    const { root, request } = await both();
    const { backups, directory } = done(await applyAdopt(request, options));
    expect(readFileSync(join(backups[1]!, "projects/-p/differs.jsonl"), "utf8")).toBe("1\ntwo\n");
    const shared = await snapshot(join(root, ".claude-projects-shared"));
    expect(await commitAdopt(root)).toMatchObject({ kind: "committed" });
    expect(await snapshot(join(root, ".claude-projects-shared"))).toEqual(shared);
    expect(
      [...backups, directory].filter((path) => lstatSync(path, { throwIfNoEntry: false })),
    ).toEqual([]);
    expect(await undoAdopt(root, options)).toEqual({ kind: "nothing" });
  });

  test("undone, everything is back as it was", async () => {
    const { root, request, before } = await both();
    await applyAdopt(request, options);
    expect(await undoAdopt(root, options)).toMatchObject({ kind: "undone", kept: 0 });
    expect(await snapshot(root)).toEqual(before);
  });

  test("a second time there is nothing to adopt", async () => {
    const { request } = await both();
    await applyAdopt(request, options);
    expect(await applyAdopt(request, options)).toMatchObject({
      kind: "refused",
      problems: [{ code: "nothingToAdopt" }],
    });
  });

  test("one after the other comes to the same", async () => {
    const { root, request } = await both();
    for (const home of request.homes) {
      await applyAdopt({ ...request, homes: [home] }, options);
      await clock.sleep(2);
    }
    const shared = await snapshot(join(root, ".claude-projects-shared"));
    expect(shared).toEqual(await expected(JOINED));
    await undoAdopt(root, options);
    await undoAdopt(root, options);
    expect(await undoAdopt(root, options)).toEqual({ kind: "nothing" });
    expect(readdirSync(root).toSorted()).toEqual([".claude-one", ".claude-two"]);
  });

  test("the plan counts it and changes nothing", async () => {
    const { root, request, before } = await both();
    const plan = await surveyAdopt(request);
    expect(plan.problems).toEqual([]);
    const two = plan.counts.find(({ pair }) => pair.label === "two" && pair.link === "projects");
    expect(two).toMatchObject({ files: 7, directories: 3, place: 2, present: 2, longer: 1 });
    expect(two).toMatchObject({ conflicts: 3, way: "link", copyBytes: 0 });
    expect(two?.conflictPaths).toContain("projects/-p/differs.jsonl");
    expect(await snapshot(root)).toEqual(before);
  });
});

describe("undoing after sessions went on", () => {
  test("keeps what was written since, in the home or where it is", async () => {
    const root = tempDir();
    makeTree(root, ONE);
    const request = { ...twoPrivateHomes(root), homes: [join(root, ".claude-one")] };
    await applyAdopt(request, options);
    const project = join(root, ".claude-one/projects/-p");
    appendFileSync(join(project, "only-one.jsonl"), "2\n");
    writeFileSync(join(project, "new.jsonl"), "new\n");
    unlinkSync(join(project, "same.jsonl"));
    writeFileSync(join(project, "same.jsonl"), "rewritten\n");
    const outcome = await undoAdopt(root, options);
    const shared = join(root, ".claude-projects-shared/-p");
    expect(outcome).toMatchObject({ kind: "undone" });
    expect(outcome.kind === "undone" && outcome.keptPaths).toContain(join(shared, "same.jsonl"));
    expect(readFileSync(join(project, "only-one.jsonl"), "utf8")).toBe("1\n2\n");
    expect(readFileSync(join(project, "same.jsonl"), "utf8")).toBe("1\n2\n");
    expect(readdirSync(shared).toSorted()).toEqual(["new.jsonl", "same.jsonl"]);
  });
});

test("undoing names a shared folder that it made and that was written into since", async () => {
  const root = tempDir();
  makeTree(root, ONE);
  const request = { ...twoPrivateHomes(root), homes: [join(root, ".claude-one")] };
  rmSync(join(root, ".claude-one/session-env"), { recursive: true, force: true });
  await applyAdopt(request, options);
  const shared = join(root, ".claude-session-env-shared");
  writeFileSync(join(shared, "since"), "");
  const outcome = await undoAdopt(root, options);
  expect(outcome).toMatchObject({ kind: "undone", kept: 1, keptPaths: [shared] });
  expect(readdirSync(shared)).toEqual(["since"]);
});

describe("adopting into a tree that is shared already", () => {
  test("leaves what is there, and gives back what it had to replace", async () => {
    const root = tempDir();
    makeTree(root, ONE);
    makeTree(join(root, ".claude-projects-shared/-p"), {
      "only-one.jsonl": "1\n",
      "same.jsonl": "other\n",
      "shrinks.jsonl": "1\n2\n",
    });
    const before = await snapshot(root);
    const request = { ...twoPrivateHomes(root), homes: [join(root, ".claude-one")] };
    await applyAdopt(request, options);
    const shared = join(root, ".claude-projects-shared/-p");
    const read = (name: string): string => readFileSync(join(shared, name), "utf8");
    expect(read("same.jsonl")).toBe("other\n");
    expect(read("same.jsonl.conflict-one")).toBe("1\n2\n");
    expect(read("shrinks.jsonl")).toBe("1\n2\n3\n");
    await undoAdopt(root, options);
    expect(await snapshot(root)).toEqual(before);
  });
});

describe("entries of every kind", () => {
  test("hard-linked, linked out of the tree, sockets and files of the home", async () => {
    const root = tempDir();
    makeTree(root, {
      ".claude-one/projects/a": "a",
      ".claude-one/projects/out": "-> ../outside",
      ".claude-one/projects/deep/in": "-> ../a",
      ".claude-one/history.jsonl": "1\n",
      ".claude-one/settings.json": `{"a":1}`,
      ".claude-history.jsonl-shared": "0\n",
    });
    const home = join(root, ".claude-one");
    linkSync(join(home, "projects/a"), join(home, "projects/b"));
    const server = createServer().listen(join(home, "projects/socket"));
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const before = await snapshot(root);
    const links = ["history.jsonl", "settings.json"];
    const request = { ...twoPrivateHomes(root), homes: [home], links };
    const outcome = done(await applyAdopt(request, { ...options, assumeUnused: true }));
    const shared = join(root, ".claude-projects-shared");
    expect(readlinkSync(join(shared, "out"))).toBe(join(home, "outside"));
    expect(readlinkSync(join(shared, "deep/in"))).toBe("../a");
    expect(outcome.results.map(({ result }) => result.left)).toContain(1);
    expect(readFileSync(join(root, ".claude-history.jsonl-shared"), "utf8")).toBe("0\n");
    const aside = `${root}/.claude-history.jsonl-shared.conflict-one`;
    expect(readFileSync(aside, "utf8")).toBe("1\n");
    expect(readFileSync(join(home, "settings.json"), "utf8")).toBe(`{"a":1}`);
    await undoAdopt(root, { ...options, assumeUnused: true });
    expect(await snapshot(root)).toEqual(before);
  });

  const shm = statSync("/dev/shm", { throwIfNoEntry: false });
  test.skipIf(shm === undefined || shm.dev === statSync("/tmp").dev)(
    "are copied, with their times, to another disk",
    async () => {
      const root = tempDir();
      const other = join("/dev/shm", `cf-test-${process.pid}`);
      onTestFinished(() => rmSync(other, { recursive: true, force: true }));
      makeTree(root, { ...ONE, ...TWO });
      const before = await snapshot(root);
      const request = { ...twoPrivateHomes(root), root: other };
      const plan = await surveyAdopt(request);
      expect(plan.counts[0]).toMatchObject({ way: "copy" });
      expect(plan.counts.some(({ copyBytes }) => copyBytes > 0)).toBe(true);
      done(await applyAdopt(request, options));
      expect(await snapshot(join(other, ".claude-projects-shared"))).toEqual(
        await expected(JOINED),
      );
      const copied = statSync(join(other, ".claude-projects-shared/-p/only-one.jsonl"));
      const backup = readdirSync(join(root, ".claude-one")).find((name) => name.includes("adopt"));
      const original = statSync(join(root, `.claude-one/${backup}/projects/-p/only-one.jsonl`));
      expect(Math.abs(copied.mtimeMs - original.mtimeMs)).toBeLessThan(1);
      await undoAdopt(other, options);
      expect(await snapshot(root)).toEqual(before);
      expect(readdirSync(other)).toEqual([]);
    },
  );
});

describe("a slot that is still a directory", () => {
  function oldStyle(): { root: string; request: AdoptRequest } {
    const root = tempDir();
    makeTree(root, {
      ".claude/.credentials.json": "made up",
      ".claude/projects/-p/a.jsonl": "1\n",
      ".claude/todos/x": "todo",
    });
    return { root, request: { ...twoPrivateHomes(root), homes: [join(root, ".claude")] } };
  }

  test.each(["missing", "empty"])("becomes the first account's %s home", async (state) => {
    const { root, request } = oldStyle();
    if (state === "empty") mkdirSync(join(root, ".claude-one"), { mode: 0o700 });
    const before = await snapshot(root);
    const plan = await surveyAdopt(request);
    expect(plan.slotMove).toMatchObject({ slot: join(root, ".claude") });
    expect(plan.counts).toMatchObject([{ files: 1 }]);
    expect(await snapshot(root)).toEqual(before);
    done(await applyAdopt(request, options));
    expect(readlinkSync(join(root, ".claude"))).toBe(join(root, ".claude-one"));
    expect(readFileSync(join(root, ".claude/projects/-p/a.jsonl"), "utf8")).toBe("1\n");
    expect(readFileSync(join(root, ".claude/todos/x"), "utf8")).toBe("todo");
    expect(readFileSync(join(root, ".claude-one/.credentials.json"), "utf8")).toBe("made up");
    expect(readlinkSync(join(root, ".claude-one/file-history"))).toMatch(/file-history-shared$/);
    await undoAdopt(root, options);
    expect(await snapshot(root)).toEqual(before);
  });

  test("is refused when the account's home holds something too", async () => {
    const { root, request } = oldStyle();
    makeTree(root, { ".claude-one/settings.json": "{}" });
    const before = await snapshot(root);
    expect(await applyAdopt(request, options)).toMatchObject({
      kind: "refused",
      problems: [{ code: "slotAndHome" }],
    });
    expect(await snapshot(root)).toEqual(before);
  });

  test("is refused when a relative link in it would break", async () => {
    const { root, request } = oldStyle();
    symlinkSync("../dotfiles/settings.json", join(root, ".claude/settings.json"));
    const accounts = [{ name: "one", home: join(root, "accounts/deep/one") }];
    expect(await applyAdopt({ ...request, accounts }, options)).toMatchObject({
      problems: [{ code: "slotRelativeLink" }],
    });
  });

  test("that was flipped since is not put back over another account", async () => {
    const { root, request } = oldStyle();
    await applyAdopt(request, options);
    unlinkSync(join(root, ".claude"));
    symlinkSync(join(root, ".claude-two"), join(root, ".claude"));
    const before = await snapshot(root);
    expect(await undoAdopt(root, options)).toMatchObject({
      kind: "refused",
      problems: [{ code: "changed", path: join(root, ".claude") }],
    });
    expect(await snapshot(root)).toEqual(before);
  });
});

describe("nothing is touched", () => {
  test("when a link leads elsewhere, a target is a file, or there is no home", async () => {
    const { root, request } = await both();
    rmSync(join(root, ".claude-one/session-env"), { recursive: true });
    symlinkSync("/elsewhere", join(root, ".claude-one/session-env"));
    writeFileSync(join(root, ".claude-file-history-shared"), "mine");
    const before = await snapshot(root);
    const homes = [...request.homes, join(root, "nowhere")];
    const outcome = await applyAdopt({ ...request, homes }, options);
    expect(outcome.kind === "refused" && outcome.problems.map(({ code }) => code)).toEqual([
      "linkElsewhere",
      "targetUnusable",
      "targetUnusable",
      "homeUnusable",
    ]);
    expect(await snapshot(root)).toEqual(before);
  });

  type User = [string, (home: string) => { env?: NodeJS.ProcessEnv; cwd?: string; run: string }];
  const IDLE = "echo ready; exec sleep 60";
  const users: User[] = [
    ["works in it", (home) => ({ cwd: join(home, "projects"), run: IDLE })],
    [
      "has a file of it open",
      (home) => ({ run: `exec 9<${home}/projects/-p/same.jsonl; ${IDLE}` }),
    ],
    ["has it as config directory", (home) => ({ env: { CLAUDE_CONFIG_DIR: home }, run: IDLE })],
  ];
  test.each(users)("while a process %s", async (_, start) => {
    const { root, request } = await both();
    const { env, cwd, run } = start(request.homes[0]!);
    const child = spawn("/bin/sh", ["-c", run], {
      cwd: cwd ?? "/",
      env: { PATH: "/usr/bin:/bin", ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    const before = await snapshot(root);
    const outcome = await applyAdopt(request, options);
    expect(outcome).toMatchObject({ kind: "refused", problems: [{ code: "inUse" }] });
    expect(outcome.kind === "refused" && outcome.problems[0]?.text).toContain(
      `process ${child.pid} (`,
    );
    expect(await snapshot(root)).toEqual(before);
  });

  test("while a registered session lives, and not because of one that is dead", async () => {
    const { root, request } = await both();
    const child = spawn("/bin/sleep", ["60"], { cwd: "/", env: {}, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const register = (procStart: string): void => {
      makeTree(root, {
        [`.claude-one/sessions/${child.pid}.json`]: JSON.stringify({ pid: child.pid, procStart }),
      });
    };
    register(processStart(child.pid!)!);
    expect(await applyAdopt(request, options)).toMatchObject({ kind: "refused" });
    register("1");
    expect(await applyAdopt(request, options)).toMatchObject({ kind: "done" });
  });
});
