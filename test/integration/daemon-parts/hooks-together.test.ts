import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { followHooks } from "../../../src/daemon/signals.ts";
import { fleetRig, prompted, refused, started } from "../../support/fleet-rig.ts";

const NAMES = ["a", "b", "c"];

/** Three sessions whose hooks are read together; `end` says how SQLite refuses the second one's. */
function scene(end: "ABORT" | "ROLLBACK" | null = null) {
  const progress: string[] = [];
  const rig = fleetRig({ onProgress: ({ name }) => progress.push(name) });
  const { store, dir } = rig;
  const live = { state: "idle", transcriptPath: null, lastPrompt: null } as const;
  for (const name of NAMES) rig.join(name, { live: { ...live, sessionId: `id-${name}` } });
  const spoolDir = join(dir, "spool");
  mkdirSync(spoolDir);
  if (end !== null) {
    const other = new Database(store.path);
    other.exec(`CREATE TRIGGER fault BEFORE INSERT ON sessions WHEN NEW.name = 'b'
      BEGIN SELECT RAISE(${end}, 'no'); END`);
    other.close();
  }
  const core = { ...rig, missed: new Set<string>(), onFault: (what: string) => faults.push(what) };
  const faults: string[] = [];
  const heard: string[] = [];
  /** `nth`: in which order a session's hooks were written. */
  const leave = (name: string, fields: object, nth = 1): void => {
    const path = join(spoolDir, `${name}.Hook.${nth}`);
    writeFileSync(path, JSON.stringify({ session_id: `id-${name}`, cwd: "/p", ...fields }));
    const at = Date.now() / 1000 - 10 + nth;
    utimesSync(path, at, at);
  };
  const follow = (): void => {
    const watch = { poke: () => [], rescan: () => undefined };
    const hooks = followHooks({
      ...rig,
      spoolDir,
      core: { ...core, background: () => undefined },
      watch,
      signal: new AbortController().signal,
      readings: { take: () => undefined },
      onSignal: (session) => heard.push(session),
      onFault: (thrown) => faults.push(String(thrown)),
    });
    onTestFinished(() => hooks[Symbol.dispose]());
  };
  const states = (): unknown[] => NAMES.map((name) => store.sessions.get(name)?.state);
  return { ...rig, progress, faults, heard, missed: core.missed, spoolDir, leave, follow, states };
}

describe("a hook about a conversation that its session does not have", () => {
  it("is nobody's, and does not become the session's by being one of its client's", () => {
    const rig = scene();
    rig.leave("a", started("spare", "startup"), 1);
    rig.leave("a", { ...refused("p-1"), session_id: "spare" }, 2);
    rig.leave("b", { ...prompted("p-1"), session_id: "spare" });
    rig.follow();
    expect(rig.fleet.get("a")).toMatchObject({ cutOff: null, live: { sessionId: "id-a" } });
    expect(rig.states()).toEqual(["idle", "idle", "idle"]);
    expect(rig.heard).toEqual([]);
  });

  it.each(["clear", "resume", "fork"])("is the session's own from a %s on", (source) => {
    const rig = scene();
    rig.leave("a", started("next", source), 1);
    rig.leave("a", { ...prompted("p-1"), session_id: "next" }, 2);
    rig.leave("b", started("next-b", source), 1);
    rig.leave("b", { ...refused("p-1"), session_id: "id-b" }, 2);
    rig.follow();
    expect(rig.fleet.get("a")?.live).toMatchObject({ sessionId: "next", state: "working" });
    expect(rig.heard).toHaveLength(4);
  });
});

describe("hooks that are read together", () => {
  it("are taken in, and acted on once they are", () => {
    const rig = scene();
    for (const name of NAMES) rig.leave(name, prompted("p-1"));
    rig.follow();
    expect(rig.states()).toEqual(["working", "working", "working"]);
    expect([rig.progress, rig.heard]).toEqual([NAMES, NAMES]);
    expect([rig.faults, readdirSync(rig.spoolDir)]).toEqual([[], []]);
  });

  it("of which the store refuses one are taken in without it, and its session is read again", () => {
    const rig = scene("ABORT");
    for (const name of NAMES) rig.leave(name, { ...prompted("p-1"), permission_mode: "plan" });
    rig.follow();
    const modes = NAMES.map((name) => rig.store.sessionCare.get(name).permissionMode);
    expect(modes).toEqual(["plan", null, "plan"]);
    expect(rig.states()).toEqual(["working", "idle", "working"]);
    expect([rig.progress, rig.heard]).toEqual([
      ["a", "c"],
      ["a", "c"],
    ]);
    expect([[...rig.missed], rig.faults]).toEqual([["b"], ["intake"]]);
  });

  it("are all missed when their commit fails, and acted on by nobody", () => {
    const rig = scene("ROLLBACK");
    for (const name of NAMES) rig.leave(name, prompted("p-1"));
    rig.follow();
    expect(rig.states()).toEqual(["idle", "idle", "idle"]);
    expect([rig.progress, rig.heard]).toEqual([[], []]);
    expect([...rig.missed].toSorted()).toEqual(NAMES);
  });
});

it("what is told of a session within one transaction is acted on as it is at its end, once", () => {
  const rig = fleetRig();
  rig.join("a", { live: { ...rig.fleet.get("ccl-1")!.live, sessionId: "id-a" } });
  rig.store.transaction(() => {
    rig.hook("a", 1, prompted("p-1"));
    rig.hook("a", 2, refused("p-1"));
    rig.hook("a", 3, prompted("p-2"));
    rig.hook("a", 4, refused("p-2"));
    rig.hook("ccl-1", 1, prompted("p-1"));
    rig.hook("ccl-1", 2, refused("p-1"));
    rig.hook("ccl-1", 3, prompted("p-2"));
    expect(rig.cutOffs).toEqual([]);
  });
  expect(rig.cutOffs).toMatchObject([{ session: "a", evidence: { promptId: "p-2" } }]);
});
