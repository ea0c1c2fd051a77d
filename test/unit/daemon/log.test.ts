import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openLog } from "../../../src/log.ts";
import { tempDir } from "../../support/temp-dir.ts";

function entries(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

it("the log is one JSON line an entry, in a file for its owner alone whose folder it makes", () => {
  const file = join(tempDir(), "state", "daemon.log");
  const { log } = openLog({ level: "info", file });
  log.debug("not this");
  log.info({ session: "ccl-1" }, "started");
  log.error({ err: new Error("broken\nin two lines") }, "fault");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(entries(file)).toMatchObject([
    { level: 30, pid: process.pid, session: "ccl-1", msg: "started" },
    { level: 50, msg: "fault", err: { message: "broken\nin two lines" } },
  ]);
  expect(entries(file)[0]?.["time"]).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

it("the log of a daemon before is added to", () => {
  const file = join(tempDir(), "daemon.log");
  for (const pid of [1, 2]) openLog({ level: "info", file }).log.info({ pid }, "started");
  expect(entries(file)).toHaveLength(2);
});

it("values that could be secrets are cut out", () => {
  const file = join(tempDir(), "daemon.log");
  const { log } = openLog({ level: "info", file });
  const secret = "sk-made-up";
  log.info({ token: secret, authorization: secret, env: { A: secret } }, "at the top");
  const headers = { token: secret, authorization: secret };
  log.info({ headers, options: { env: { A: secret } } }, "one below");
  expect(readFileSync(file, "utf8")).not.toContain(secret);
  expect(entries(file)[0]).toMatchObject({ token: "[Redacted]", msg: "at the top" });
});

it("a new file is begun when told, and the one before it is kept", () => {
  const file = join(tempDir(), "daemon.log");
  const { log, rotate } = openLog({ level: "info", file });
  for (const each of ["first", "second", "third"]) {
    log.info(each);
    if (each !== "third") rotate();
  }
  expect(entries(file)).toMatchObject([{ msg: "third" }]);
  expect(entries(`${file}.1`)).toMatchObject([{ msg: "second" }]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it("a full disk behind standard error costs entries, nothing else", () => {
  const full = openSync("/dev/full", "w");
  const program = `
    const { openLog } = await import(${JSON.stringify(import.meta.resolve("../../../src/log.ts"))});
    const { log } = openLog({ level: "info", file: null });
    for (const each of [1, 2, 3]) log.info({ each }, "told");
    setImmediate(() => process.stdout.write("goes on"));`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", full],
    encoding: "utf8",
  });
  closeSync(full);
  expect({ stdout, status }).toEqual({ stdout: "goes on", status: 0 });
});

it("a log on standard error is not begun anew", () => {
  expect(() => openLog({ level: "info", file: null }).rotate()).not.toThrow();
});
