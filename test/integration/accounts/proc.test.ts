import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { processStart } from "../../../src/accounts/proc.ts";
import { until } from "../../support/agent-session.ts";

test("a process that ended is none, also before its parent took note of it", async () => {
  // What takes the shell's place never asks for the child that it inherits, which ends with its input.
  const script = "(read line <&3) & echo $!; exec sleep 600 3<&-";
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit", "pipe"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [told] = (await once(parent.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const child = Number(told.toString());
  const read = (path: string): string => readFileSync(`/proc/${path}`, "latin1");
  await until("another program in place of the shell", () =>
    read(`${parent.pid ?? 0}/comm`).startsWith("sleep"),
  );
  expect(processStart(child)).toMatch(/^\d+$/);
  (parent.stdio[3] as Writable).end();
  await until("that the child ended", () => read(`${child}/stat`).includes(") Z "));
  expect(processStart(child)).toBeNull();
});
