import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { configPlace, places, type Env } from "../../../src/config/places.ts";

const home = "/home/op";

describe("our files and folders", () => {
  test("follow the XDG variables", () => {
    const env = {
      XDG_STATE_HOME: "/s",
      XDG_CACHE_HOME: "/c",
      XDG_RUNTIME_DIR: "/run/user/1000",
    };
    expect(places({ env, home, uid: 1000 })).toEqual({
      stateDir: "/s/claude-failover",
      cacheDir: "/c/claude-failover",
      runtimeDir: "/run/user/1000/claude-failover",
      socket: "/run/user/1000/claude-failover/api.sock",
      database: "/s/claude-failover/state.db",
      lockFile: "/s/claude-failover/daemon.lock",
      spoolDir: "/s/claude-failover/spool",
      settingsDir: "/s/claude-failover/settings",
      slotsDir: "/s/claude-failover/slots",
      pasteDir: "/s/claude-failover/paste",
      logFile: "/s/claude-failover/daemon.log",
    });
  });

  test("lie in the home when the variables are unset, the socket beside the state", () => {
    const found = places({ env: {}, home, uid: 1000 });
    expect(found.stateDir).toBe("/home/op/.local/state/claude-failover");
    expect(found.cacheDir).toBe("/home/op/.cache/claude-failover");
    expect(found.socket).toBe("/home/op/.local/state/claude-failover/api.sock");
  });

  test.each([{ XDG_STATE_HOME: "" }, { XDG_STATE_HOME: "state" }])(
    "ignore %j, as the XDG rules say",
    (env) => {
      expect(places({ env, home, uid: 1 }).stateDir).toBe("/home/op/.local/state/claude-failover");
    },
  );
});

describe("the socket", () => {
  const beside = "/home/op/.local/state/claude-failover/api.sock";
  const socket = (runtime: string, uid = 1000, platform: NodeJS.Platform = "linux") =>
    places({ env: { XDG_RUNTIME_DIR: runtime }, home, uid, platform }).socket;
  /** A runtime folder whose socket path has this many bytes. */
  const folder = (bytes: number) => `/${"r".repeat(bytes - "//claude-failover/api.sock".length)}`;

  test("may have 107 bytes and not one more, else it moves to the state folder", () => {
    expect(socket(folder(107))).toBe(`${folder(107)}/claude-failover/api.sock`);
    expect(socket(folder(108))).toBe(beside);
  });

  test("may have 103 bytes on macOS", () => {
    expect(socket(folder(103), 1000, "darwin")).toBe(`${folder(103)}/claude-failover/api.sock`);
    expect(socket(folder(104), 1000, "darwin")).toBe(beside);
  });

  test("is measured in bytes, not in letters", () => {
    expect(socket(`/${"é".repeat(60)}`)).toBe(beside);
  });

  test("is not put into the runtime folder that su left of another user", () => {
    expect(socket("/run/user/1000", 0)).toBe(beside);
    expect(socket("/run/user/1000/", 0)).toBe(beside);
    expect(socket("/run/user/0", 0)).toBe("/run/user/0/claude-failover/api.sock");
  });

  test("has no place when the state folder's path is too long as well", () => {
    const env = { XDG_STATE_HOME: `/${"s".repeat(100)}` };
    expect(() => places({ env, home, uid: 1, platform: "linux" })).toThrow(
      expect.objectContaining({
        code: "CF_CONFIG_SOCKET_PATH",
        message: `The socket /${"s".repeat(100)}/claude-failover/api.sock would have a path longer than the 107 bytes the system allows.`,
      }),
    );
  });
});

describe("the configuration file", () => {
  const set: Env = { CLAUDE_FAILOVER_CONFIG: "~/e.yaml", XDG_CONFIG_HOME: "/x" };
  test.each<[string | undefined, Env, string, string]>([
    ["c.yaml", set, "/here/c.yaml", "--config"],
    ["~/c.yaml", set, "/home/op/c.yaml", "--config"],
    ["/c.yaml", set, "/c.yaml", "--config"],
    [undefined, set, "/home/op/e.yaml", "$CLAUDE_FAILOVER_CONFIG"],
    [undefined, { XDG_CONFIG_HOME: "/x" }, "/x/claude-failover/config.yaml", "default"],
    [
      undefined,
      { CLAUDE_FAILOVER_CONFIG: "" },
      `${home}/.config/claude-failover/config.yaml`,
      "default",
    ],
    [undefined, { XDG_CONFIG_HOME: "x" }, `${home}/.config/claude-failover/config.yaml`, "default"],
  ])("with --config %s and %j is %s", (path, env, file, source) => {
    expect(configPlace({ path, env, home, cwd: "/here" })).toEqual({ file, source });
  });
});

test("a verb that needs only places and types pays for no schema library", () => {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    for (const file of JSON.parse(process.argv[1])) await import(file);
    console.log(JSON.stringify(loaded.map((url) => url.split("/").slice(-2).join("/"))));
  `;
  const files = ["places", "config"].map(
    (name) => new URL(`../../../src/config/${name}.ts`, import.meta.url).href,
  );
  const argv = ["--input-type=module", "--eval", program, JSON.stringify(files)];
  const loaded = execFileSync(process.execPath, argv, { encoding: "utf8" });
  const other = (JSON.parse(loaded) as string[]).filter((url) => !/^(node:|errors\/)/.test(url));
  expect(other.sort()).toEqual(["config/config.ts", "config/places.ts", "src/errors.ts"]);
});
