import { describe, expect, it } from "vitest";
import { paneFinder } from "../../../src/sessions/plan.ts";
import { wantedSessions } from "../../../src/sessions/wanted.ts";
import type { PaneRow } from "../../../src/tmux/formats.ts";
import { configFrom } from "../../support/config-text.ts";

const MARK = "@cf_session";

/** A pane of the session `name`; `ours` is the value of our mark. */
function pane(name: string, changes: Partial<PaneRow> & { ours?: string } = {}): PaneRow {
  const { ours, ...rest } = changes;
  return {
    sessionName: name,
    sessionId: "$1",
    windowId: "@1",
    paneId: `%${name}`,
    panePid: 100,
    tty: "/dev/pts/1",
    dead: false,
    deadStatus: null,
    deadSignal: null,
    inMode: false,
    cursorX: 0,
    cursorY: 0,
    width: 200,
    height: 50,
    command: "claude",
    cwd: "/p",
    startedAt: 0,
    options: ours === undefined ? {} : { [MARK]: ours },
    ...rest,
  };
}

/** Which pane is that of the session `name`, known before as `paneId` or not. */
function found(name: string, panes: readonly PaneRow[], paneId: string | null = null) {
  return paneFinder(panes, MARK)({ name, paneId })?.paneId ?? null;
}

describe("the pane of a session", () => {
  it("is none where no tmux session has its name, or one that only begins like it", () => {
    const panes = [pane("ccl-10", { ours: "ccl-10" }), pane("ccl-1-api"), pane("xccl-1")];
    expect(found("ccl-1", panes)).toBeNull();
    expect(found("ccl-10", panes)).toBe("%ccl-10");
  });

  it("is known by the mark, wherever the operator moved it to", () => {
    const panes = [
      pane("a", { paneId: "%shell", command: "bash" }),
      pane("elsewhere", { paneId: "%ours", ours: "a", dead: true }),
    ];
    expect(found("a", panes)).toBe("%ours");
  });

  it("is the first of a session that has several without our mark", () => {
    const panes = [pane("a", { paneId: "%1" }), pane("a", { paneId: "%2" })];
    expect(found("a", panes)).toBe("%1");
  });

  it("stays the one it was, whatever the operator opens before it", () => {
    const panes = [pane("a", { paneId: "%7" }), pane("a", { paneId: "%2" })];
    expect(found("a", panes, "%2")).toBe("%2");
  });

  it("is not a pane that has its number now and is another session's", () => {
    const panes = [pane("b", { paneId: "%2", ours: "b" }), pane("a", { paneId: "%3", ours: "a" })];
    expect(found("a", panes, "%2")).toBe("%3");
  });
});

describe("the sessions that the configuration asks for", () => {
  const accounts = "accounts: [{ name: one, home: ~/.one }]\n";

  it("are none where it names none", () => {
    expect(wantedSessions(configFrom(accounts))).toEqual([]);
  });

  it("are the dedicated ones, then the pool's least number", () => {
    const config = configFrom(`${accounts}
claude: { args: ["--model", "opus"] }
sessions:
  strategy: hot
  dedicated:
    - { name: api, cwd: ~/api, args: ["--verbose"], strategy: relaunch }
    - { name: web, cwd: ~/web, sessionId: 0b0e7a5c-5f1c-4a54-9a4e-3f3c8d7d0a11 }
  pool: { prefix: ccl-auto-, startIndex: 11, min: 2, max: 9, cwd: ~/src }
`);
    const pool = {
      kind: "pool",
      cwd: "/home/op/src",
      args: ["--model", "opus"],
      sessionId: null,
      slot: "shared",
    };
    expect(wantedSessions(config)).toEqual([
      {
        name: "api",
        kind: "dedicated",
        cwd: "/home/op/api",
        args: ["--model", "opus", "--verbose"],
        sessionId: null,
        strategy: "relaunch",
        slot: "shared",
      },
      {
        name: "web",
        kind: "dedicated",
        cwd: "/home/op/web",
        args: ["--model", "opus"],
        sessionId: "0b0e7a5c-5f1c-4a54-9a4e-3f3c8d7d0a11",
        strategy: "hot",
        slot: "shared",
      },
      { ...pool, name: "ccl-auto-11", strategy: "hot" },
      { ...pool, name: "ccl-auto-12", strategy: "hot" },
    ]);
  });
});
