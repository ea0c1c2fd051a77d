import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  lookAt,
  makeHealthy,
  MINUTE_MS,
  setTime,
  troubles,
  type Place,
} from "../../support/doctor-deployment.ts";

const run = promisify(execFile);

test("finds a CLAUDE_CONFIG_DIR in the environment of the tmux server", async () => {
  const place = await makeHealthy();
  const tmux = async (...args: string[]) =>
    run("tmux", ["-L", place.socket, "-f", "/dev/null", ...args], { env: place.env });
  onTestFinished(async () => void (await tmux("kill-server").catch(() => undefined)));
  await tmux("new-session", "-d", "sleep 60");
  expect(troubles(await lookAt(place))).toEqual([]);
  await tmux("set-environment", "-g", "CLAUDE_CONFIG_DIR", "/elsewhere");
  expect(troubles(await lookAt(place))).toEqual(["tmuxEnvironment bad"]);
});

describe("with something on the daemon's socket", () => {
  async function answer(place: Place, body: string): Promise<void> {
    const server = createServer((_, response) => void response.end(body));
    onTestFinished(() => void server.close());
    server.listen(place.places.socket);
    await once(server, "listening");
    chmodSync(place.places.socket, 0o600);
  }

  test("a daemon that answers is well, and takes the spool in time", async () => {
    const place = await makeHealthy();
    await answer(place, '{"daemon":{"running":true,"pid":7,"version":"1.0.0"}}');
    writeFileSync(join(place.places.spoolDir, "ccl-1-api.Stop.77"), "{}");
    setTime(join(place.places.spoolDir, "ccl-1-api.Stop.77"), -2 * MINUTE_MS);
    const findings = await lookAt(place);
    expect(findings.find(({ code }) => code === "daemon")).toMatchObject({ level: "ok" });
    expect(troubles(findings)).toEqual(["spool warn"]);
  });

  test.each(["Hello.", "{}", '"text"'])("one that answers %s is bad", async (body) => {
    const place = await makeHealthy();
    await answer(place, body);
    const findings = await lookAt(place);
    expect(findings.find(({ code }) => code === "daemon")).toMatchObject({ level: "bad" });
  });
});
