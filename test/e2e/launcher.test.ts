import { spawnSync } from "node:child_process";
import { lstatSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { fakeCheckout } from "../support/fake-checkout.ts";
import type { FakeCheckout } from "../support/fake-checkout.ts";

test("sets a fresh checkout up and runs the program in its own place", async () => {
  const checkout = fakeCheckout();
  const args = ["status", "two words", "", "--json"];
  const { pid, ended } = checkout.start(args);
  const { status, stdout, stderr } = await ended;
  expect(JSON.parse(stdout)).toEqual({ pid, args });
  expect(stderr.split("\n")).toEqual([
    "claude-failover: installing dependencies",
    "claude-failover: building",
    "",
  ]);
  expect(status).toBe(0);
});

test("does nothing but run the program when everything is fresh", async () => {
  const checkout = await setUp();
  expect(await checkout.start().ended).toMatchObject({ status: 0, stderr: "" });
  expect(checkout.npmRuns()).toEqual(["dependencies"]);
});

test("builds again when a source is newer, without installing", async () => {
  const checkout = await setUp();
  writeMain(checkout, 'console.log("changed");');
  const { stdout, stderr } = await checkout.start().ended;
  expect([stdout, stderr]).toEqual(["changed\n", "claude-failover: building\n"]);
  expect(checkout.npmRuns()).toEqual(["dependencies"]);
});

test("builds again when a source was removed", async () => {
  const checkout = fakeCheckout();
  const extra = join(checkout.root, "src/cli/extra.ts");
  writeFileSync(extra, "export const extra = 1;\n");
  await checkout.start().ended;
  rmSync(extra);
  expect((await checkout.start().ended).stderr).toBe("claude-failover: building\n");
  expect(lstatSync(join(checkout.root, "dist/cli/extra.js"), { throwIfNoEntry: false })).toBe(
    undefined,
  );
});

test("installs again when the lockfile is newer", async () => {
  const checkout = await setUp();
  writeFileSync(join(checkout.root, "package-lock.json"), '{"changed":true}\n');
  expect((await checkout.start().ended).status).toBe(0);
  expect(checkout.npmRuns()).toEqual(["dependencies", "dependencies"]);
});

test("keeps the sound build when the sources do not compile, and says why it does not start", async () => {
  const checkout = await setUp();
  writeMain(checkout, "const wrong: number = 'text';");
  const { status, stdout, stderr } = await checkout.start().ended;
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain("TS2322");
  expect(stderr).toContain("The sources do not compile");
  expect(lstatSync(join(checkout.root, "dist/cli/main.js")).isFile()).toBe(true);
  writeMain(checkout, 'console.log("mended");');
  expect((await checkout.start().ended).stdout).toBe("mended\n");
});

test("finds its checkout through relative links to links", async () => {
  const checkout = await setUp();
  symlinkSync("check out/bin/claude-failover", join(checkout.machine, "first"));
  symlinkSync("first", join(checkout.machine, "second"));
  const { status, stdout } = await checkout.start(["x"], join(checkout.machine, "second")).ended;
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { args: ["x"] }]);
});

test("sets up once when several start at the same time", async () => {
  const checkout = fakeCheckout({ node: "old" });
  const starts = await Promise.all([1, 2, 3, 4].map(() => checkout.start().ended));
  expect(starts.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  expect(checkout.npmRuns()).toEqual([expect.stringMatching(/^node-/), "dependencies"]);
});

test("takes over the lock of a start that was killed", async () => {
  const checkout = await setUp();
  const dead = spawnSync("true").pid;
  symlinkSync(String(dead), join(checkout.root, ".setup.lock"));
  writeMain(checkout, 'console.log("after");');
  const starts = await Promise.all([1, 2, 3].map(() => checkout.start().ended));
  expect(starts.map(({ stdout }) => stdout)).toEqual(["after\n", "after\n", "after\n"]);
  expect(lstatSync(join(checkout.root, ".setup.lock"), { throwIfNoEntry: false })).toBe(undefined);
});

test("ends npm and gives the lock back when it is told to stop", async () => {
  const checkout = fakeCheckout({ npm: "hangs" });
  const { pid, ended } = checkout.start();
  await vi.waitFor(() => expect(checkout.npmRuns()).toHaveLength(1), { timeout: 10_000 });
  process.kill(pid, "SIGTERM");
  expect((await ended).status).toBe(143);
  expect(() => process.kill(Number(checkout.npmRuns()[0]), 0)).toThrow("ESRCH");
  expect(lstatSync(join(checkout.root, ".setup.lock"), { throwIfNoEntry: false })).toBe(undefined);
});

test("fetches a fitting Node, once, where the one on the PATH is too old", async () => {
  const checkout = fakeCheckout({ node: "old" });
  const { status, stderr } = await checkout.start().ended;
  expect(stderr).toMatch(/^claude-failover: fetching Node \d+\.\d+\.\d+\n/);
  expect(status).toBe(0);
  utimesSync(join(checkout.root, "src"), new Date(), new Date());
  expect((await checkout.start().ended).stderr).toBe("claude-failover: building\n");
});

test("finds a node again when the one it knew is gone", async () => {
  const checkout = await setUp();
  writeFileSync(join(checkout.root, "dist/.stamp"), "/nowhere/node\n");
  expect((await checkout.start().ended).status).toBe(0);
  expect((await checkout.start().ended).stderr).toBe("");
});

test("says what to do where there is neither Node nor npm", async () => {
  const { status, stderr } = await fakeCheckout({ node: "none", npm: "none" }).start().ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^claude-failover: Node 22\.18 or newer is needed .*\nTry: Install Node .*\n$/,
  );
});

async function setUp(): Promise<FakeCheckout> {
  const checkout = fakeCheckout();
  expect((await checkout.start().ended).status).toBe(0);
  return checkout;
}

function writeMain(checkout: FakeCheckout, text: string): void {
  writeFileSync(join(checkout.root, "src/cli/main.ts"), `${text}\n`);
}
