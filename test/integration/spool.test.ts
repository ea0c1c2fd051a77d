import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  utimesSync,
  watch as watchFolder,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sessionSettings } from "../../src/claude/launch.ts";
import { turnOfLoop } from "../../src/clock.ts";
import { watchSpool, type SpooledHook } from "../../src/sessions/spool.ts";
import { tempDir } from "../support/temp-dir.ts";

/** When these tests began, in whole seconds. */
const NOW = Math.floor(Date.now() / 1000) * 1000;

/** A spool directory, what was read from it, and what went wrong. */
function spool() {
  const dir = tempDir();
  const told: SpooledHook[] = [];
  const errors: unknown[] = [];
  return {
    dir,
    told,
    errors,
    payloads: () => told.map(({ payload }) => payload),
    /** Leaves a payload as a hook does; `secondsAgo` sets when. */
    leave: (name: string, text: string, secondsAgo = 0) => {
      writeFileSync(join(dir, name), text);
      const at = NOW / 1000 - secondsAgo;
      utimesSync(join(dir, name), at, at);
    },
    watch: (
      onHooks: (hooks: readonly SpooledHook[]) => void = (hooks) => void told.push(...hooks),
    ) => {
      const watch = watchSpool({
        dir,
        onHooks,
        onError: (error) => void errors.push(error),
        now: () => NOW,
      });
      onTestFinished(() => watch[Symbol.dispose]());
      return watch;
    },
  };
}

describe("what was left while nobody read", () => {
  it("is told in the order in which it was written, whatever the names, and is gone then", () => {
    const { dir, told, leave, watch } = spool();
    leave("b.Stop.9", '{"n":1}', 30);
    leave("a.Stop.10", '{"n":3}', 10);
    leave("b.UserPromptSubmit.8", '{"n":2}', 20);
    watch();
    expect(told).toEqual([
      { session: "b", payload: { n: 1 }, at: NOW - 30_000 },
      { session: "b", payload: { n: 2 }, at: NOW - 20_000 },
      { session: "a", payload: { n: 3 }, at: NOW - 10_000 },
    ]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it("within one tick of the files' clock is told in the order of the writers", () => {
    const { told, leave, watch } = spool();
    leave("a.Stop.11", '{"n":3}', 10);
    leave("a.UserPromptSubmit.9", '{"n":2}', 10);
    leave("a.Stop.8", '{"n":1}', 10);
    watch();
    expect(told.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("that is half a payload is kept while its writer may live, and removed when it cannot", () => {
    const { dir, told, errors, leave, watch } = spool();
    leave("a.Stop.1", '{"n":', 29);
    leave("a.Stop.2", "", 29);
    leave("a.Stop.3", '{"n":', 31);
    watch();
    expect(readdirSync(dir).toSorted()).toEqual(["a.Stop.1", "a.Stop.2"]);
    expect([told, errors]).toEqual([[], []]);
  });

  it("by somebody else stays where it is", () => {
    const { dir, told, errors, leave, watch } = spool();
    const foreign = ["README", "a.Stop.1.tmp", ".a.Stop", "a.json"];
    for (const name of foreign) leave(name, '{"n":1}', 60);
    watch();
    expect(readdirSync(dir).toSorted()).toEqual(foreign.toSorted());
    expect([told, errors]).toEqual([[], []]);
  });

  it("and cannot be read is an error, and the rest is told", () => {
    const { dir, errors, payloads, leave, watch } = spool();
    mkdirSync(join(dir, "a.Stop.1"));
    leave("a.Stop.2", '{"n":2}');
    watch();
    expect(payloads()).toEqual([{ n: 2 }]);
    expect(errors).toMatchObject([{ code: "EISDIR" }]);
  });
});

describe("what is left while somebody reads", () => {
  it("is told as it appears, once each, by hooks of several sessions at the same time", async () => {
    const { dir, told, errors, payloads, watch } = spool();
    watch();
    const commands = ["a", "b"].flatMap((session) => stopCommand(session, dir));
    const texts = Array.from({ length: 12 }, (_, n) =>
      JSON.stringify({ n, pad: "x".repeat(n * 9e3) }),
    );
    await Promise.all(
      texts.map(async (text, n) => runHook(commands[n % commands.length] ?? "", text)),
    );
    await expect.poll(() => told.length).toBe(texts.length);
    expect(
      payloads()
        .map((payload) => JSON.stringify(payload))
        .toSorted(),
    ).toEqual(texts.toSorted());
    expect(readdirSync(dir)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("is told when it is whole, however many pieces it comes in", async () => {
    const { dir, payloads, watch } = spool();
    watch();
    const file = join(dir, "a.Stop.1");
    for (const piece of ["", '{"text"', ':"half', " and ", 'half"']) {
      appendFileSync(file, piece);
      await nextEvents();
      expect(payloads()).toEqual([]);
    }
    appendFileSync(file, "}");
    await expect.poll(payloads).toEqual([{ text: "half and half" }]);
  });

  it("is told when it was moved there whole", async () => {
    const { dir, payloads, watch } = spool();
    watch();
    const elsewhere = join(tempDir(), "file");
    writeFileSync(elsewhere, '{"n":1}');
    renameSync(elsewhere, join(dir, "a.Stop.1"));
    await expect.poll(payloads).toEqual([{ n: 1 }]);
  });

  it("is told again under a name that was used before", async () => {
    const { dir, payloads, watch } = spool();
    watch();
    writeFileSync(join(dir, "a.Stop.1"), '{"n":1}');
    await expect.poll(payloads).toEqual([{ n: 1 }]);
    writeFileSync(join(dir, "a.Stop.1"), '{"n":2}');
    await expect.poll(payloads).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("is not told twice when it was there at the start and the kernel tells it as well", async () => {
    const { dir, leave, watch } = spool();
    const seen: unknown[] = [];
    leave("a.Stop.1", '{"n":1}');
    watch((hooks) => {
      // Arrives while the backlog is read: seen by the listing or by the kernel, or by both.
      if (seen.length === 0) writeFileSync(join(dir, "a.Stop.2"), '{"n":2}');
      seen.push(...hooks.map(({ payload }) => payload));
    });
    await expect.poll(() => seen).toEqual([{ n: 1 }, { n: 2 }]);
    writeFileSync(join(dir, "a.Stop.3"), '{"n":3}');
    await expect.poll(() => seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("and throws in its consumer is an error, is not told again, and the next one is", async () => {
    const { dir, errors, leave, watch } = spool();
    const taken: unknown[] = [];
    leave("a.Stop.1", '{"n":1}');
    watch(([hook]) => {
      taken.push(hook?.payload);
      throw new Error(`refused ${taken.length}`);
    });
    writeFileSync(join(dir, "a.Stop.2"), '{"n":2}');
    await expect.poll(() => taken).toEqual([{ n: 1 }, { n: 2 }]);
    await expect.poll(() => readdirSync(dir)).toEqual([]);
    expect(errors).toEqual([new Error("refused 1"), new Error("refused 2")]);
  });

  it("at once is told at once, in its order, and removed when it was taken in", async () => {
    const { dir, watch } = spool();
    const batches: string[][] = [];
    watch((hooks) => {
      batches.push(hooks.map(({ session }) => session));
      expect(readdirSync(dir)).toHaveLength(3);
    });
    for (const session of ["c", "a", "b"]) writeFileSync(join(dir, `${session}.Stop.1`), "{}");
    await expect.poll(() => readdirSync(dir)).toEqual([]);
    expect(batches).toEqual([["c", "a", "b"]]);
  });

  it("is told by another look where the kernel had no room for more events", async () => {
    const { dir, payloads, watch } = spool();
    const watching = watch();
    overflow(dir);
    writeFileSync(join(dir, "a.Stop.1"), '{"n":1}');
    // What came in is read in one turn; then there is room again.
    for (const _ of [1, 2]) await turnOfLoop();
    await nextEvents();
    expect(payloads()).toEqual([]);
    watching.rescan();
    expect(payloads()).toEqual([{ n: 1 }]);
    expect(readdirSync(dir)).toEqual([]);
    watching.rescan();
    expect(payloads()).toEqual([{ n: 1 }]);
  });

  it("after the end of watching stays for the next one who reads", async () => {
    const { dir, payloads, watch } = spool();
    watch()[Symbol.dispose]();
    writeFileSync(join(dir, "a.Stop.1"), '{"n":1}');
    await nextEvents();
    expect(payloads()).toEqual([]);
    watch();
    expect(payloads()).toEqual([{ n: 1 }]);
  });

  it("when the watching ends, and was named but not read, stays as well", async () => {
    const { dir, payloads, watch } = spool();
    const own = watch();
    // Told after ours, in the same turn.
    const other = watchFolder(dir, () => own[Symbol.dispose]());
    onTestFinished(() => other.close());
    writeFileSync(join(dir, "a.Stop.1"), '{"n":1}');
    await nextEvents();
    expect(payloads()).toEqual([]);
    expect(readdirSync(dir)).toEqual(["a.Stop.1"]);
  });
});

/** Causes more events than the kernel keeps for a process that does not read them. */
function overflow(dir: string): void {
  const most = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
  const file = join(dir, "x");
  // Each time two events, of which no two in a row are the same.
  for (let events = 0; events <= most; events += 2) {
    writeFileSync(file, "");
    unlinkSync(file);
  }
}

/** Lets the kernel's events come in: another file's was seen after them. */
async function nextEvents(): Promise<void> {
  const { dir, payloads, watch } = spool();
  watch();
  writeFileSync(join(dir, "x.Stop.1"), "{}");
  await expect.poll(payloads).toEqual([{}]);
}

function stopCommand(session: string, spoolDir: string): string[] {
  const { hooks } = sessionSettings({ session, spoolDir, settingsDir: spoolDir }) as {
    hooks: Record<string, { hooks: { command: string }[] }[]>;
  };
  return [hooks["Stop"]?.[0]?.hooks[0]?.command ?? ""];
}

async function runHook(command: string, payload: string): Promise<void> {
  const shell = spawn("sh", ["-c", command], { stdio: ["pipe", "ignore", "inherit"] });
  shell.stdin.end(payload);
  await new Promise((resolve) => shell.once("exit", resolve));
}
