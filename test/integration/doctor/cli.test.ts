import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/doctor/model.ts";
import { startCall } from "../../support/daemon-process.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { homeOf, makeHealthy, relink, type Place } from "../../support/doctor-deployment.ts";

const STRACE = "strace";

async function doctorUnder(wrapper: readonly string[], place: Place, ...args: string[]) {
  const env = { ...place.env, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
  return startCall({ args: ["doctor", ...args], env, cwd: "/", wrapper }).ended();
}

describe.skipIf(spawnSync(STRACE, ["-V"]).status !== 0)(
  "doctor, seen by the kernel (needs strace)",
  () => {
    test("opens no login and no state of the client, and writes nothing but what SQLite keeps", async () => {
      const place = await makeHealthy();
      const { root } = place.box;
      const trace = join(tempDir(), "trace");
      const { status } = await doctorUnder(
        [STRACE, "-f", "-qq", "-e", "trace=file", "-o", trace],
        place,
      );
      expect(status).toBe(0);
      const lines = readFileSync(trace, "utf8").split("\n");
      const secret = lines.filter((line) => /\.(credentials|claude)\.json"/.test(line));
      expect(secret.length).toBeGreaterThan(0);
      expect(secret.filter((line) => /\bopen(at)?\(/.test(line))).toEqual([]);
      const writes = lines.filter(
        (line) =>
          line.includes(root) &&
          /O_(WRONLY|RDWR|CREAT|TRUNC)|\b(mkdir|rename|unlink|rmdir|symlink|link|chmod|chown|utimensat|truncate|mknod)\w*\(/.test(
            line,
          ),
      );
      expect(writes.filter((line) => !/state\.db-(shm|wal)"/.test(line))).toEqual([]);
    });
  },
);

describe("claude-failover doctor", () => {
  const doctor = async (place: Place, ...args: string[]) => doctorUnder([], place, ...args);

  test("ends with 0 where nothing is bad, and groups what it found", async () => {
    const { status, stdout } = await doctor(await makeHealthy());
    expect(stdout).toContain("\nslot\n  ok ");
    expect(stdout).toMatch(/\n1 warn, \d+ ok\.\n$/);
    expect(stdout).not.toContain("\u001b");
    expect(status).toBe(0);
  });

  test("ends with 1 where something is bad, as JSON too", async () => {
    const place = await makeHealthy();
    relink(place.box.slot, homeOf(place.box, 1));
    const { status, stdout } = await doctor(place, "--json");
    expect(status).toBe(1);
    const report = JSON.parse(stdout) as { results: Finding[] };
    expect(report).toMatchObject({ schema: 1, passed: false, fixed: [] });
    expect(report.results.find(({ code }) => code === "slotRecord")).toEqual({
      code: "slotRecord",
      area: "slot",
      level: "bad",
      text: "compte1 is recorded as active, but compte2 is in the slot.",
      hint: "Somebody moved the link: put it back, or let claude-failover recover record what it says.",
    });
  });

  test("tells with --fix what it did and how it is then", async () => {
    const place = await makeHealthy();
    chmodSync(place.places.spoolDir, 0o777);
    const { status, stdout } = await doctor(place, "--fix", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: true,
      fixed: [`Closed ${place.places.spoolDir} to others (mode 0777 -> 0700).`],
    });
  });

  test("looks at what it can without a configuration, and calls the rest unknown", async () => {
    const place = await makeHealthy();
    appendFileSync(join(place.box.home, ".config/claude-failover/config.yaml"), "\nx: 1");
    const { status, stdout } = await doctor(place, "--json");
    expect(status).toBe(1);
    const { results } = JSON.parse(stdout) as { results: Finding[] };
    expect(results.filter(({ level }) => level === "bad").map(({ code }) => code)).toEqual([
      "config",
    ]);
    expect(results.find(({ code }) => code === "slot")).toMatchObject({ level: "unknown" });
    expect(results.find(({ code }) => code === "store")).toMatchObject({ level: "ok" });
  });
});
