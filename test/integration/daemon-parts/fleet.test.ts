import { describe, expect, it } from "vitest";
import { Fleet } from "../../../src/daemon/fleet.ts";
import {
  fleetRig,
  fleetSession,
  prompted,
  SESSION_ID,
  started,
  turnEnded,
} from "../../support/fleet-rig.ts";
import { evidenceOf, HOUR, NOW } from "../../support/policy-samples.ts";

describe("the registry of sessions", () => {
  it("holds what a session was taken in with", () => {
    const { store } = fleetRig();
    expect(store.sessions.list()).toEqual([
      {
        name: "ccl-1",
        kind: "dedicated",
        sessionId: SESSION_ID,
        cwd: "/p",
        slot: "shared",
        account: "one",
        paneId: "%ccl-1",
        pid: 100,
        clientVersion: null,
        model: null,
        state: "idle",
        strategy: "hot",
        transcriptPath: null,
        startedAt: NOW,
        since: NOW,
        held: false,
      },
    ]);
    expect(store.sessionIds.of("ccl-1")).toMatchObject([
      { sessionId: SESSION_ID, source: "chosen", prompted: false },
    ]);
  });

  it("follows the state, and `since` moves with the state alone", () => {
    const { clock, hook, store } = fleetRig();
    const told = () => {
      const { state = null, since = 0 } = store.sessions.get("ccl-1") ?? {};
      return { state, after: since - NOW };
    };
    clock.advance(1_000);
    hook("ccl-1", 1_000, prompted("p-1"));
    clock.advance(1_000);
    hook("ccl-1", 2_000, prompted("p-2"));
    expect(told()).toEqual({ state: "working", after: 1_000 });
    hook("ccl-1", 2_000, turnEnded);
    expect(told()).toEqual({ state: "idle", after: 2_000 });
  });

  it("says under which account the last turn ran", () => {
    const { hook, store } = fleetRig();
    store.periods.begin("two", NOW + 10);
    hook("ccl-1", 20, turnEnded);
    expect(store.sessions.get("ccl-1")?.account).toBe("one");
    hook("ccl-1", 30, prompted("p-1"));
    expect(store.sessions.get("ccl-1")?.account).toBe("two");
  });

  it("remembers every id that a session had", () => {
    const { hook, fleet, store } = fleetRig();
    hook("ccl-1", 10, started("id-2", "clear"));
    expect(fleet.get("ccl-1")?.live.sessionId).toBe("id-2");
    expect(store.sessionIds.nameOf(SESSION_ID)).toBe("ccl-1");
    expect(store.sessionIds.nameOf("id-2")).toBe("ccl-1");
  });

  it.each<readonly [string, (rig: ReturnType<typeof fleetRig>) => void]>([
    ["by its hook", ({ hook }) => hook("ccl-1", 10, prompted("p-1"))],
    [
      "by its transcript",
      ({ fleet }) => fleet.prompted("ccl-1", { promptId: "p-1", text: "x", at: NOW }),
    ],
  ])("knows that something was said in a conversation %s", (_how, say) => {
    const rig = fleetRig();
    say(rig);
    expect(rig.store.sessionIds.of("ccl-1")).toMatchObject([
      { sessionId: SESSION_ID, prompted: true },
    ]);
  });

  it("knows it of each session that went on with the same conversation", () => {
    const { fleet, hook, store } = fleetRig();
    fleet.join(fleetSession("ccl-2"), 101);
    hook("ccl-1", 10, prompted("p-1"));
    hook("ccl-1", 20, started("id-2", "clear"));
    hook("ccl-2", 30, started(SESSION_ID, "resume"));
    hook("ccl-2", 40, prompted("p-2"));
    expect(store.sessionIds.of("ccl-2")).toContainEqual(
      expect.objectContaining({ sessionId: SESSION_ID, prompted: true }),
    );
  });

  it("says held while the operator holds it, since then, and then what it does", () => {
    const { clock, fleet, hook, store } = fleetRig();
    clock.advance(1_000);
    fleet.change("ccl-1", { held: true });
    clock.advance(1_000);
    hook("ccl-1", 2_000, prompted("p-1"));
    expect(store.sessions.get("ccl-1")).toMatchObject({
      state: "held",
      since: NOW + 1_000,
      held: true,
    });
    fleet.change("ccl-1", { held: false });
    expect(store.sessions.get("ccl-1")).toMatchObject({ state: "working", since: NOW + 2_000 });
  });

  it("is written only where it says something new", () => {
    const { fleet, hook, store } = fleetRig();
    hook("ccl-1", 0, prompted("p-1"));
    let writes = 0;
    const put = store.sessions.put.bind(store.sessions);
    Object.assign(store.sessions, {
      put: (...args: Parameters<typeof put>) => {
        writes += 1;
        put(...args);
      },
    });
    hook("ccl-1", 10, prompted("p-2"));
    fleet.setState("ccl-1", "working");
    expect(writes).toBe(0);
    hook("ccl-1", 20, turnEnded);
    expect(writes).toBe(1);
  });
});

describe("the permission mode", () => {
  it("is kept as the client told it last; a hook that tells none leaves it", () => {
    const { hook, store } = fleetRig();
    hook("ccl-1", 0, { ...prompted("p-1"), permission_mode: "default" });
    hook("ccl-1", 10, { ...turnEnded, permission_mode: "plan" });
    hook("ccl-1", 20, started(SESSION_ID, "resume"));
    // A sub-agent may be allowed more.
    hook("ccl-1", 30, { ...turnEnded, agent_id: "a-1", permission_mode: "acceptEdits" });
    expect(store.sessionCare.get("ccl-1").permissionMode).toBe("plan");
  });
});

describe("a hook that is read after a later one", () => {
  it("does not set the session back, and is a receipt all the same", () => {
    const { clock, fleet, hook, taken, store } = fleetRig();
    clock.advance(1_000);
    hook("ccl-1", 900, turnEnded);
    hook("ccl-1", 400, prompted("p-1"));
    expect(fleet.get("ccl-1")?.live).toMatchObject({ state: "idle", lastPrompt: null });
    expect(taken).toMatchObject([{ promptId: "p-1" }]);
    hook("ccl-1", 300, started("id-0", "startup"));
    expect(fleet.get("ccl-1")?.live.sessionId).toBe(SESSION_ID);
    expect(store.sessionIds.nameOf("id-0")).toBe("ccl-1");
  });

  it("counts when the clock was set back, so that nothing is ignored for hours", () => {
    const { clock, fleet, hook } = fleetRig();
    clock.advance(HOUR);
    hook("ccl-1", HOUR, turnEnded);
    clock.setNow(NOW);
    hook("ccl-1", 0, prompted("p-1"));
    expect(fleet.get("ccl-1")?.live.state).toBe("working");
  });
});

describe("a session that a later daemon takes in again", () => {
  it("keeps since when it runs and is in its state, if it is the same process", () => {
    const { clock, store } = fleetRig();
    store.periods.begin("two", NOW + 10);
    clock.advance(HOUR);
    const later = new Fleet(store, () => clock.now());
    later.join(fleetSession("ccl-1"), 100);
    expect(store.sessions.get("ccl-1")).toMatchObject({
      startedAt: NOW,
      since: NOW,
      account: "one",
    });
  });

  it("begins anew if it is another process", () => {
    const { clock, store } = fleetRig();
    store.periods.begin("two", NOW + 10);
    clock.advance(HOUR);
    const later = new Fleet(store, () => clock.now());
    later.join(fleetSession("ccl-1"), 101);
    expect(store.sessions.get("ccl-1")).toMatchObject({
      startedAt: NOW + HOUR,
      since: NOW + HOUR,
      account: "two",
    });
  });
});

describe("the session of a transcript", () => {
  it("is found by the path, or by the id that the path ends in", () => {
    const { fleet, join } = fleetRig();
    const live = { state: "idle", sessionId: "id-2", lastPrompt: null } as const;
    join("ccl-2", { live: { ...live, transcriptPath: "/slot/projects/p/id-2.jsonl" } });
    expect(fleet.byTranscript("/slot/projects/p/id-2.jsonl", null)?.name).toBe("ccl-2");
    expect(fleet.byTranscript("/shared/p/id-2.jsonl", "id-2")?.name).toBe("ccl-2");
    expect(fleet.byTranscript("/shared/p/id-3.jsonl", "id-3")).toBeUndefined();
    expect(fleet.byTranscript("/shared/p/id-3.jsonl", null)).toBeUndefined();
  });
});

describe("what is told of a session that is not there", () => {
  it("changes nothing", () => {
    const { fleet, store } = fleetRig();
    fleet.prompted("nobody", { promptId: "p-1", text: "x", at: NOW });
    fleet.answered("nobody", NOW);
    fleet.worksWith("nobody", "claude-opus-5-5");
    fleet.cutOff("nobody", evidenceOf());
    fleet.setState("nobody", "dead");
    expect(fleet.change("nobody", { held: true })).toBeUndefined();
    expect(store.sessions.list()).toHaveLength(1);
  });
});

describe("a session whose client ended", () => {
  it("is not brought back by what was told before its end and comes only now", () => {
    const { clock, fleet, hook, store } = fleetRig();
    const state = () => [fleet.get("ccl-1")?.live.state, store.sessions.get("ccl-1")?.state];
    hook("ccl-1", 0, prompted("p-1"));
    clock.advance(1_000);
    fleet.setState("ccl-1", "dead");
    hook("ccl-1", 900, turnEnded);
    expect(state()).toEqual(["dead", "dead"]);
    hook("ccl-1", 950, prompted("p-2"));
    expect(state()).toEqual(["dead", "dead"]);
    fleet.cutOff("ccl-1", evidenceOf({ observedAt: NOW + 960 }));
    expect(state()).toEqual(["dead", "dead"]);
    fleet.prompted("ccl-1", { promptId: "p-3", text: "again", at: NOW + 970 });
    expect(state()).toEqual(["dead", "dead"]);
    clock.advance(1_000);
    hook("ccl-1", 2_000, started(SESSION_ID, "resume"));
    expect(state()).toEqual(["idle", "idle"]);
  });
});

it("a session that is kept no more leaves nothing to the next one of its name", () => {
  const { fleet, hook, join, store } = fleetRig();
  fleet.worksWith("ccl-1", "claude-opus-5-5");
  fleet.suspect("ccl-1", evidenceOf());
  fleet.setDraining("ccl-1", true);
  fleet.setDoubt("ccl-1", "two clients");
  hook("ccl-1", 0, prompted("p-1"));
  fleet.leave("ccl-1");
  expect([fleet.suspects("shared"), fleet.heardAt("ccl-1")]).toEqual([[], 0]);
  store.sessionCare.change("ccl-1", { draining: false, doubt: null });
  join("ccl-1");
  expect(fleet.models("shared")).toEqual([]);
  expect([fleet.isDraining("ccl-1"), fleet.whyLeftAlone("ccl-1")]).toEqual([false, null]);
  fleet.worksWith("ccl-1", "claude-opus-5-5");
  expect(store.sessions.get("ccl-1")?.model).toBe("claude-opus-5-5");
});

it("a session whose turn was cut off works on as long as a prompt is queued behind it", () => {
  const { fleet, hook } = fleetRig();
  const refusedAt = (ms: number): void =>
    fleet.cutOff("ccl-1", evidenceOf({ session: "ccl-1", observedAt: NOW + ms }));
  hook("ccl-1", 0, prompted("p-1", "first"));
  refusedAt(1_000);
  expect(fleet.readiness("ccl-1")).toBe("ready");
  fleet.prompted("ccl-1", { promptId: "p-2", text: "second", at: NOW + 1_900 });
  hook("ccl-1", 2_000, prompted("p-2", "second"));
  refusedAt(2_500);
  expect(fleet.readiness("ccl-1")).toBe("ready");
  hook("ccl-1", 3_000, prompted("p-2", "typed behind it"));
  refusedAt(4_000);
  expect(fleet.readiness("ccl-1")).toBe("working");
  fleet.prompted("ccl-1", { promptId: "p-3", text: "typed behind it", at: NOW + 4_100 });
  refusedAt(5_000);
  expect(fleet.readiness("ccl-1")).toBe("ready");
});
