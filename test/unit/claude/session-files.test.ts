import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSessionFile, readLiveSessions } from "../../../src/claude/session-files.ts";
import { tempDir } from "../../support/temp-dir.ts";

const captured = readFileSync(new URL("../../fixtures/session-file.json", import.meta.url), "utf8");

/** A `/proc/<pid>/stat` whose command name would mislead a reader that splits at spaces. */
function stat(pid: number, start: string, state = "S"): string {
  return `${pid} (cl) aude (x) ${state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 ${start} 20 21\n`;
}

describe("a session file", () => {
  it("gives the process, the session and its state", () => {
    expect(parseSessionFile(captured)).toEqual({
      pid: 13831,
      procStart: "51806",
      sessionId: "00000000-0000-4000-8000-000000000002",
      cwd: "/home/op/proj",
      version: "2.1.328",
      status: "idle",
      statusUpdatedAt: 1795170713837,
      startedAt: 1795169007777,
      kind: "interactive",
    });
  });

  it("is none when half written, of another shape, or without process or session", () => {
    const texts = [captured.slice(0, 40), "", "[]", "null", '{"pid":1}', '{"sessionId":"s"}'];
    for (const text of [...texts, '{"pid":-1,"sessionId":"s"}', '{"pid":1.5,"sessionId":"s"}'])
      expect(parseSessionFile(text)).toBeNull();
  });
});

describe("the live sessions of a directory", () => {
  it("are those whose process runs and started when the file says, in order of pid", () => {
    const root = tempDir();
    const proc = (pid: number, start: string, state?: string) => {
      mkdirSync(join(root, "proc", String(pid)), { recursive: true });
      writeFileSync(join(root, "proc", String(pid), "stat"), stat(pid, start, state));
    };
    const file = (name: string, fields: object) =>
      writeFileSync(join(root, name), JSON.stringify(fields));
    file("200.json", { pid: 200, procStart: "7", sessionId: "running" });
    file("31.json", { pid: 31, procStart: "8", sessionId: "also running" });
    file("32.json", { pid: 32, procStart: "9", sessionId: "pid used again" });
    file("33.json", { pid: 33, procStart: "9", sessionId: "dead" });
    file("34.json", { pid: 34, sessionId: "says no start" });
    file("37.json", { pid: 37, procStart: "9", sessionId: "ended, and nobody asked after it" });
    file("notes.json", { pid: 200, procStart: "7", sessionId: "not a session file" });
    writeFileSync(join(root, "35.json"), "{");
    mkdirSync(join(root, "36.json"));
    proc(200, "7");
    proc(31, "8");
    proc(32, "10");
    proc(34, "11");
    proc(37, "9", "Z");

    const live = readLiveSessions(root, join(root, "proc"));

    expect(live.map((each) => each.sessionId)).toEqual([
      "also running",
      "says no start",
      "running",
    ]);
  });

  it.runIf(process.platform === "linux")("know this very process by the kernel's own word", () => {
    const root = tempDir();
    const start = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ")[19];
    const session = { pid: process.pid, procStart: start, sessionId: "mine" };
    writeFileSync(join(root, `${process.pid}.json`), JSON.stringify(session));
    expect(readLiveSessions(root)).toHaveLength(1);
  });

  it("are none where there is no directory, and an error where there is something else", () => {
    const root = tempDir();
    expect(readLiveSessions(join(root, "sessions"))).toEqual([]);
    writeFileSync(join(root, "file"), "");
    expect(() => readLiveSessions(join(root, "file"))).toThrowError(
      expect.objectContaining({ code: "CF_CLIENT_SESSIONS" }),
    );
  });
});
