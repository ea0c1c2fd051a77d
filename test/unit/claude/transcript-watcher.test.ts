import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { watchTranscripts } from "../../../src/claude/transcript-watcher.ts";
import type { FailoverError } from "../../../src/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { transcriptLine } from "../../support/transcript-line.ts";

const name = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}.jsonl`;

function add(path: string, ...texts: string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, texts.map((text) => transcriptLine(text)).join(""));
}

/** A watch over `projectsDir`, and what it told: `[path, text]`, and errors. */
function follow(projectsDir: string, from?: (path: string) => "start" | "end") {
  const told: Array<readonly [path: string, text: string]> = [];
  const errors: FailoverError[] = [];
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const watch = watchTranscripts({
    projectsDir,
    signal: abort.signal,
    onError: (error) => errors.push(error),
    onRows: (path, rows) => {
      for (const row of rows) told.push([path, row.kind === "prompt" ? row.text : row.kind]);
    },
    ...(from && { from }),
  });
  return { watch, told, errors, stop: () => abort.abort() };
}

/** What was told, once it is as much as that. */
async function whenTold<T>(told: T[], count: number): Promise<T[]> {
  const isThere = () => expect(told.length).toBeGreaterThanOrEqual(count);
  await vi.waitFor(isThere, { timeout: 2000, interval: 5 });
  return told;
}

describe("watched transcripts", () => {
  it("tell what is appended, and nothing of what was there before", async () => {
    const projects = tempDir();
    const path = join(projects, "-a", name(1));
    add(path, "old");
    const { told } = follow(projects);
    add(path, "new");
    expect(await whenTold(told, 1)).toEqual([[path, "new"]]);
    add(path, "newer", "newest");
    expect(await whenTold(told, 3)).toEqual([
      [path, "new"],
      [path, "newer"],
      [path, "newest"],
    ]);
  });

  it("are read from the start where asked for", async () => {
    const projects = tempDir();
    const whole = join(projects, "-a", name(1));
    add(whole, "old");
    add(join(projects, "-a", name(2)), "not asked for");
    const { told } = follow(projects, (path) => (path === whole ? "start" : "end"));
    expect(await whenTold(told, 1)).toEqual([[whole, "old"]]);
  });

  it("are read whole when they appear later, in a project known or new", async () => {
    const projects = tempDir();
    mkdirSync(join(projects, "-a"));
    const { told } = follow(projects);
    const known = join(projects, "-a", name(1));
    add(known, "first");
    expect(await whenTold(told, 1)).toEqual([[known, "first"]]);
    const fresh = join(projects, "-b", name(2));
    add(fresh, "second");
    expect(await whenTold(told, 2)).toEqual([
      [known, "first"],
      [fresh, "second"],
    ]);
    add(fresh, "third");
    expect(await whenTold(told, 3)).toEqual([
      [known, "first"],
      [fresh, "second"],
      [fresh, "third"],
    ]);
  });

  it("lose nothing while projects and files come up as fast as they can", async () => {
    const projects = tempDir();
    const { told } = follow(projects);
    const paths = Array.from({ length: 20 }, (_none, index) =>
      join(projects, `-p${index}`, name(index % 10)),
    );
    for (const path of paths) add(path, "one");
    for (const path of paths) add(path, "two");
    expect(await whenTold(told, 40)).toHaveLength(40);
    for (const path of paths)
      expect(told.filter(([at]) => at === path).map(([, text]) => text)).toEqual(["one", "two"]);
  });

  it("are followed into a project that was removed and made again", async () => {
    const projects = tempDir();
    const path = join(projects, "-a", name(1));
    add(path, "old");
    const { told } = follow(projects);
    rmSync(dirname(path), { recursive: true });
    add(path, "again");
    expect(await whenTold(told, 1)).toEqual([[path, "again"]]);
    add(path, "and on");
    expect(await whenTold(told, 2)).toEqual([
      [path, "again"],
      [path, "and on"],
    ]);
  });

  it("are not those of sub-agents, and no other files", async () => {
    const projects = tempDir();
    mkdirSync(join(projects, "-a", "00000000-0000-4000-8000-000000000001", "subagents"), {
      recursive: true,
    });
    const { told } = follow(projects);
    add(join(projects, "-a", "agent-1.jsonl"), "helper");
    add(
      join(projects, "-a", "00000000-0000-4000-8000-000000000001", "subagents", name(3)),
      "helper",
    );
    add(join(projects, name(4)), "no project");
    const path = join(projects, "-a", name(1));
    add(path, "own");
    expect(await whenTold(told, 1)).toEqual([[path, "own"]]);
  });

  it("are followed through a projects directory that is a link", async () => {
    const root = tempDir();
    mkdirSync(join(root, "shared"));
    symlinkSync("shared", join(root, "projects"));
    const { told } = follow(join(root, "projects"));
    add(join(root, "shared", "-a", name(1)), "here");
    expect(await whenTold(told, 1)).toEqual([[join(root, "projects", "-a", name(1)), "here"]]);
  });

  it("are left alone once the signal is given", async () => {
    const projects = tempDir();
    const path = join(projects, "-a", name(1));
    add(path, "old");
    const witness = follow(projects);
    const { told, watch, stop } = follow(projects);
    stop();
    add(path, "new");
    watch.rescan();
    expect(await whenTold(witness.told, 1)).toEqual([[path, "new"]]);
    expect(watch.poke(path)).toEqual([]);
    expect(told).toEqual([]);
  });
});

describe("a poke", () => {
  it("gives new rows at once, through any account's home, and nobody gets them again", async () => {
    const projects = tempDir();
    const path = join(projects, "-a", name(1));
    add(path, "old");
    const { told, watch } = follow(projects);
    add(path, "poked");
    const rows = watch.poke(`/home/op/slots/w1/projects/-a/${name(1)}`);
    expect(rows.map((row) => row.kind === "prompt" && row.text)).toEqual(["poked"]);
    expect(watch.poke(path)).toEqual([]);
    add(path, "watched");
    expect(await whenTold(told, 1)).toEqual([[path, "watched"]]);
  });

  it("finds a transcript no event told of yet, and nothing where there is none", () => {
    const projects = tempDir();
    const { watch } = follow(projects);
    const path = join(projects, "-new", name(1));
    add(path, "first");
    expect(watch.poke(path)).toHaveLength(1);
    expect(watch.poke(join(projects, "-new", name(2)))).toEqual([]);
    expect(watch.poke("/etc/passwd")).toEqual([]);
    expect(watch.poke("")).toEqual([]);
  });
});

describe("a rescan", () => {
  it("finds what no event told: a projects directory that was replaced", async () => {
    const root = tempDir();
    const projects = join(root, "projects");
    const path = join(projects, "-a", name(1));
    add(path, "old");
    const { told, watch } = follow(projects);
    renameSync(projects, `${projects}.away`);
    add(path, "other");
    watch.rescan();
    expect(await whenTold(told, 1)).toEqual([[path, "other"]]);
    add(path, "and on");
    expect(await whenTold(told, 2)).toEqual([
      [path, "other"],
      [path, "and on"],
    ]);
  });
});

describe("trouble", () => {
  it("with one transcript is told, and the others go on", async () => {
    const projects = tempDir();
    mkdirSync(join(projects, "-a", name(1)), { recursive: true });
    const { told, errors } = follow(projects);
    const path = join(projects, "-a", name(2));
    add(path, "fine");
    expect(await whenTold(told, 1)).toEqual([[path, "fine"]]);
    expect(errors[0]).toMatchObject({ code: "CF_CLIENT_TRANSCRIPTS" });
  });

  it("with one project is told, and the others go on", async () => {
    const projects = tempDir();
    symlinkSync("-loop", join(projects, "-loop"));
    const { told, errors } = follow(projects);
    const path = join(projects, "-a", name(2));
    add(path, "fine");
    expect(await whenTold(told, 1)).toEqual([[path, "fine"]]);
    expect(errors[0]).toMatchObject({ code: "CF_CLIENT_TRANSCRIPTS" });
  });

  it("with the projects directory at the start is an error", () => {
    const root = tempDir();
    expect(() => follow(join(root, "missing"))).toThrowError(
      expect.objectContaining({ code: "CF_CLIENT_TRANSCRIPTS" }),
    );
  });
});
