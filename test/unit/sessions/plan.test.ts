import { describe, expect, it } from "vitest";
import { findPane, planSessions } from "../../../src/sessions/plan.ts";
import { wantedSessions, type WantedSession } from "../../../src/sessions/wanted.ts";
import type { PaneRow } from "../../../src/tmux/formats.ts";
import { configFrom } from "../../support/config-text.ts";

const MARK = "@cf_session";

function wanted(name: string): WantedSession {
  return { name, kind: "dedicated", cwd: "/p", args: [], sessionId: null, strategy: "auto" };
}

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

/** What is done, as `kind` or `kind paneId`. */
function actions(names: readonly string[], panes: readonly PaneRow[]): string[] {
  return planSessions({ wanted: names.map(wanted), panes, mark: MARK }).map((action) =>
    action.kind === "create" ? action.kind : `${action.kind} ${action.pane.paneId}`,
  );
}

describe("the plan for the sessions at start", () => {
  it("creates what is missing, adopts what runs, respawns what ended", () => {
    const panes = [pane("b", { ours: "b" }), pane("c", { ours: "c", dead: true })];
    expect(actions(["a", "b", "c"], panes)).toEqual(["create", "adopt %b", "respawn %c"]);
  });

  it("keeps the order of the configuration, one action for each", () => {
    const plan = planSessions({ wanted: ["b", "a"].map(wanted), panes: [], mark: MARK });
    expect(plan.map(({ session }) => session.name)).toEqual(["b", "a"]);
  });

  it("does not take a session for another whose name only begins like it", () => {
    const panes = [pane("ccl-10", { ours: "ccl-10" }), pane("ccl-1-api"), pane("xccl-1")];
    expect(actions(["ccl-1"], panes)).toEqual(["create"]);
    expect(actions(["ccl-10", "ccl-1"], panes)).toEqual(["adopt %ccl-10", "create"]);
  });

  it("adopts a session that the operator made, and never starts anything in it", () => {
    expect(actions(["a"], [pane("a")])).toEqual(["adopt %a"]);
    expect(actions(["a"], [pane("a", { dead: true })])).toEqual(["adopt %a"]);
  });

  it("knows its pane by the mark, wherever the operator moved it to", () => {
    const panes = [
      pane("a", { paneId: "%shell", command: "bash" }),
      pane("elsewhere", { paneId: "%ours", ours: "a", dead: true }),
    ];
    expect(actions(["a"], panes)).toEqual(["respawn %ours"]);
  });

  it("takes the first pane of a session that has several without our mark", () => {
    const panes = [pane("a", { paneId: "%1" }), pane("a", { paneId: "%2" })];
    expect(findPane(panes, "a", MARK)?.paneId).toBe("%1");
    expect(findPane(panes, "b", MARK)).toBeNull();
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
    const pool = { kind: "pool", cwd: "/home/op/src", args: ["--model", "opus"], sessionId: null };
    expect(wantedSessions(config)).toEqual([
      {
        name: "api",
        kind: "dedicated",
        cwd: "/home/op/api",
        args: ["--model", "opus", "--verbose"],
        sessionId: null,
        strategy: "relaunch",
      },
      {
        name: "web",
        kind: "dedicated",
        cwd: "/home/op/web",
        args: ["--model", "opus"],
        sessionId: "0b0e7a5c-5f1c-4a54-9a4e-3f3c8d7d0a11",
        strategy: "hot",
      },
      { ...pool, name: "ccl-auto-11", strategy: "hot" },
      { ...pool, name: "ccl-auto-12", strategy: "hot" },
    ]);
  });
});
