import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  argsInMode,
  configDirOf,
  inheritedEnv,
  launchArgv,
  sessionEnv,
  sessionOfSpoolFile,
  sessionSettings,
} from "../../../src/claude/launch.ts";
import { tempDir } from "../../support/temp-dir.ts";

describe("the client's arguments", () => {
  const options = { command: "/opt/claude", settingsFile: "/s/ccl-1.json", args: ["--model", "x"] };

  it("give a new conversation its id, with the operator's own arguments last", () => {
    const conversation = { kind: "new", sessionId: "id-1" } as const;
    const argv = launchArgv({ ...options, conversation });
    const own = ["--model", "x"];
    expect(argv).toEqual([
      "/opt/claude",
      "--session-id",
      "id-1",
      "--settings",
      "/s/ccl-1.json",
      ...own,
    ]);
  });

  it("resume a conversation that has a transcript", () => {
    const conversation = { kind: "resume", sessionId: "id-1" } as const;
    expect(launchArgv({ ...options, conversation }).slice(1, 3)).toEqual(["--resume", "id-1"]);
  });
});

describe("the permission mode that a session had", () => {
  it.each<readonly [string, string[], string | null, string[]]>([
    ["is given", ["--model", "x"], "plan", ["--permission-mode", "plan", "--model", "x"]],
    [
      "takes the configured one's place",
      ["--permission-mode", "auto", "-v"],
      "plan",
      ["--permission-mode", "plan", "-v"],
    ],
    [
      "takes its place, written as one",
      ["--permission-mode=auto"],
      "plan",
      ["--permission-mode", "plan"],
    ],
    [
      "leaves the arguments as they are where it is the configured one",
      ["--model", "x", "--permission-mode", "plan"],
      "plan",
      ["--model", "x", "--permission-mode", "plan"],
    ],
    [
      "leaves them as they are where that is written as one",
      ["--permission-mode=plan", "-v"],
      "plan",
      ["--permission-mode=plan", "-v"],
    ],
    [
      "takes the last one's place, which is the one that counts",
      ["--permission-mode", "plan", "--permission-mode", "default"],
      "plan",
      ["--permission-mode", "plan"],
    ],
    ["is not given where none was told", ["-v"], null, ["-v"]],
    ["is not given where it is none we know", ["-v"], "later", ["-v"]],
    ["is not given where the client may ask for it", ["-v"], "auto", ["-v"]],
    [
      "is not given where nothing is asked for",
      ["--dangerously-skip-permissions"],
      "plan",
      ["--dangerously-skip-permissions"],
    ],
  ])("%s", (_what, args, mode, expected) => {
    expect(argsInMode(args, mode)).toEqual(expected);
  });
});

interface Settings {
  readonly hooks: Record<string, { hooks: { type: string; command: string }[] }[]>;
}

function hookCommands(spoolDir: string, session = "ccl-1"): Record<string, string> {
  const { hooks } = sessionSettings({ session, spoolDir, settingsDir: spoolDir }) as Settings;
  return Object.fromEntries(
    Object.entries(hooks).map(([event, [entry]]) => {
      expect(entry?.hooks).toMatchObject([{ type: "command" }]);
      return [event, entry?.hooks[0]?.command ?? ""];
    }),
  );
}

/** Runs a hook's command the way the client does: in `sh`, with the payload on its stdin. */
function runHook(command: string, payload: string) {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
    input: payload,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

describe("a hook", () => {
  it("is set for every event the daemon listens to, and for nothing else", () => {
    const events = ["SessionStart", "UserPromptSubmit", "Stop", "StopFailure"];
    const more = ["Notification", "SessionEnd"];
    expect(Object.keys(hookCommands("/spool"))).toEqual([...events, ...more]);
  });

  it("stores its payload whole, under the session's name and the event's, and says nothing", () => {
    const dir = tempDir();
    const payload = JSON.stringify({ prompt: "it's “quoted” $HOME `id` \\ \u{1f600}\n".repeat(9) });
    const commands = hookCommands(dir);
    for (const command of Object.values(commands))
      expect(runHook(command, payload)).toEqual({ status: 0, said: "" });
    const files = readdirSync(dir);
    expect(files.map((name) => name.replace(/\d+$/, "")).toSorted()).toEqual(
      Object.keys(commands)
        .map((event) => `ccl-1.${event}.`)
        .toSorted(),
    );
    for (const name of files) {
      expect(readFileSync(join(dir, name), "utf8")).toBe(payload);
      expect(sessionOfSpoolFile(name)).toBe("ccl-1");
    }
  });

  it.each(["it's here", "a b $(id) `id` ;#", 'x"y', "-n"])(
    "writes into a folder that is called %s",
    (name) => {
      const dir = join(tempDir(), name);
      mkdirSync(dir);
      expect(runHook(hookCommands(dir)["Stop"] ?? "", "{}").status).toBe(0);
      expect(readdirSync(dir)).toHaveLength(1);
    },
  );

  it("succeeds in silence when the folder is gone, is a file, or cannot be written", () => {
    const dir = tempDir();
    const gone = join(dir, "gone");
    mkdirSync(gone);
    const [first = ""] = Object.values(hookCommands(gone));
    rmSync(gone, { recursive: true });
    const file = join(dir, "file");
    writeFileSync(file, "");
    // A file system nobody can write to, root included.
    const places = [hookCommands(file)["Stop"] ?? "", hookCommands("/proc")["Stop"] ?? ""];
    for (const command of [first, ...places])
      expect(runHook(command, "{}")).toEqual({ status: 0, said: "" });
  });

  it("succeeds when its disk is full", () => {
    const command = (hookCommands("/spool")["Stop"] ?? "").replace(/'[^']*'"\$\$"/, "/dev/full");
    expect(command).toContain("/dev/full");
    expect(runHook(command, "x".repeat(100_000))).toEqual({ status: 0, said: "" });
  });
});

describe("the name of a spool file", () => {
  it.each([
    ["ccl-1.Stop.12", "ccl-1"],
    ["ccl_auto-11.UserPromptSubmit.4194304", "ccl_auto-11"],
    ["Stop.Stop.1", "Stop"],
    ["ccl-1.Stop", null],
    ["ccl-1.Stop.12.tmp", null],
    ["ccl-1.Stop.x", null],
    [".Stop.1", null],
    ["..Stop.1", "."],
    ["README.md", null],
    ["", null],
  ])("%s belongs to %s", (name, session) => {
    expect(sessionOfSpoolFile(name)).toBe(session);
  });
});

describe("the environment", () => {
  it("of a tmux server leaves out what tells a client it runs inside another, or elsewhere", () => {
    const kept = { HOME: "/home/op", PATH: "/bin", LANG: "C.UTF-8", CLAUDE_CODE_X: "1" };
    const dropped = {
      CLAUDECODE: "1",
      CLAUDE_CODE_ENTRYPOINT: "cli",
      CLAUDE_CODE_SSE_PORT: "1",
      CLAUDE_CODE_SESSION_ID: "s",
      CLAUDE_CONFIG_DIR: "/else",
      TMUX: "/tmp/x,1,0",
      TMUX_PANE: "%1",
      UNSET: undefined,
    };
    expect(inheritedEnv({ ...kept, ...dropped })).toEqual(kept);
  });

  const options = { path: "/bin", home: "/home/op", keepsAll: false, extra: {} };
  const base = {
    HOME: "/home/op",
    PATH: "/bin",
    CLAUDE_CODE_RESUME_INTERRUPTED_TURN: "0",
    CLAUDE_CODE_DISABLE_AGENT_VIEW: "1",
  };

  it("of a session names no config directory where the slot is the client's default", () => {
    expect(sessionEnv({ ...options, slot: "/home/op/.claude" })).toEqual(base);
  });

  it("of a session names the slot where it lies elsewhere", () => {
    const env = sessionEnv({ ...options, slot: "/srv/slot" });
    expect(env).toEqual({ ...base, CLAUDE_CONFIG_DIR: "/srv/slot" });
  });

  it("of a session keeps a long conversation whole where that is wanted", () => {
    const env = sessionEnv({ ...options, slot: "/home/op/.claude", keepsAll: true });
    expect(Number(env.CLAUDE_CODE_RESUME_TOKEN_THRESHOLD)).toBeGreaterThan(100_000_000);
  });

  it("of a session names the account's own home on macOS, where no link switches a login", () => {
    const places = { slot: "/home/op/.claude", accountHome: "/home/op/.claude-a" };
    expect(configDirOf({ platform: "darwin", ...places })).toBe("/home/op/.claude-a");
    expect(configDirOf({ platform: "linux", ...places })).toBe("/home/op/.claude");
  });

  it("of a session takes the operator's variables as they are", () => {
    const extra = { LANG: "fr_FR.UTF-8", PATH: "/opt/bin" };
    const env = sessionEnv({ ...options, slot: "/home/op/.claude", extra });
    expect(env).toEqual({ ...base, ...extra });
  });
});
