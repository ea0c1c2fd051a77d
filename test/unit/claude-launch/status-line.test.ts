import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sessionSettings } from "../../../src/claude/launch.ts";
import {
  keepOwnStatusLine,
  operatorStatusLine,
  ownStatusLines,
  sessionOfStatusLine,
} from "../../../src/claude/status-line-command.ts";
import { tempDir } from "../../support/temp-dir.ts";

const PAYLOAD = `${JSON.stringify({ session_id: "x", text: "it's “quoted” $HOME `id` \\ %s\n" })}\n`;

/** A session's folders, its operator's settings, and its status line as the client would run it. */
function scene(own: object | null) {
  const root = tempDir();
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const [slot, cwd] = [folder("a home"), folder("it's $(here)")];
  const places = { session: "ccl-1", spoolDir: folder("spool"), settingsDir: folder("settings") };
  const set = (statusLine: object | null): void => {
    writeFileSync(join(slot, "settings.json"), JSON.stringify({ statusLine }));
    keepOwnStatusLine({ ...places, slot, cwd });
  };
  set(own);
  const { statusLine } = sessionSettings(places) as { statusLine: { command: string } };
  const run = (input = PAYLOAD, env: Record<string, string> = {}) => {
    const options = { input, cwd, env: { PATH: process.env["PATH"], ...env }, shell: "/bin/sh" };
    const { stdout, stderr, status } = spawnSync(statusLine.command, [], {
      ...options,
      encoding: "utf8",
    });
    return { stdout, stderr, status };
  };
  return { ...places, slot, cwd, run, set };
}

const command = (text: string) => ({ type: "command", command: text });

describe("the status line of a session", () => {
  it.each([
    ["reads what the client writes, to the byte", "cat", PAYLOAD, "", 0],
    ["may be several lines", "a=1\nif [ $a = 1 ]\nthen echo it\\'s; fi", "it's\n", "", 0],
    ["fails as it does", "echo out; echo err >&2; exit 7", "out\n", "err\n", 7],
    ["may end by a signal", "kill -9 $$", "", "", null],
    ["may leave its input unread", "echo done", "done\n", "", 0],
    ["finds nothing of ours in its variables", "set | grep -c _cf_in", "0\n", "", 1],
    ["runs where the client runs it", 'basename "$PWD"', "it's $(here)\n", "", 0],
  ])("%s", (_title, own, stdout, stderr, status) => {
    const { run } = scene(command(own));
    expect(run()).toEqual({ stdout, stderr, status });
  });

  it("is read once a look for the sessions of one folder, and anew at the next look", () => {
    const { slot, cwd, set } = scene(command("first"));
    const look = ownStatusLines(slot);
    expect(look(cwd)).toBe("first");
    set(command("second"));
    expect(look(cwd)).toBe("first");
    expect(ownStatusLines(slot)(cwd)).toBe("second");
  });

  it("ends as a command that does not exist ends", () => {
    const { run } = scene(command("/nonexistent/line"));
    expect(run()).toMatchObject({ stdout: "", status: 127 });
  });

  it("is nothing and succeeds where the operator has none", () => {
    const { run, spoolDir } = scene(null);
    expect(run()).toEqual({ stdout: "", stderr: "", status: 0 });
    expect(readdirSync(spoolDir)).toEqual(["ccl-1.StatusLine.json"]);
  });

  it("is kept in one file, the newest in place of the one before", () => {
    const { run, spoolDir } = scene(command("true"));
    for (const text of ["1", "2", "3"]) run(text);
    const [name = "", ...more] = readdirSync(spoolDir);
    expect([sessionOfStatusLine(name), more]).toEqual(["ccl-1", []]);
    expect(readFileSync(join(spoolDir, name), "utf8")).toBe("3");
  });

  it("is changed as soon as its operator changes it", () => {
    const { run, set } = scene(command("echo one"));
    expect(run().stdout).toBe("one\n");
    set(command("echo two"));
    expect(run().stdout).toBe("two\n");
    set(null);
    expect(run().stdout).toBe("");
  });

  it("is shown also when its payload cannot be kept", () => {
    const { run, spoolDir } = scene(command("cat; exit 3"));
    rmSync(spoolDir, { recursive: true });
    expect(run()).toEqual({ stdout: PAYLOAD, stderr: "", status: 3 });
  });
});

describe("the status line in force", () => {
  const layer = (statusLine: unknown) => ({ path: "", isManaged: false, fields: { statusLine } });

  it.each([
    ["none where none is set", [], null],
    ["the strongest layer's", [layer(command("user")), layer(command("project"))], "project"],
    [
      "the one below where a layer sets another key",
      [layer(command("u")), layer({ padding: 1 })],
      "u",
    ],
    ["none of a file that cannot be read", [{ path: "", isManaged: false, fields: null }], null],
    ["none without a command", [layer({ type: "command" }), layer("x"), layer([1])], null],
  ])("is %s", (_title, layers, expected) => {
    expect(operatorStatusLine(layers)).toBe(expected);
  });
});
