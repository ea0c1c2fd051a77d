import { describe, expect, it } from "vitest";
import { pressed } from "../../../src/top/keys.ts";
import { withLook, type Command, type TopState } from "../../../src/top/model.ts";
import { asking, LIVE, OWN, PROPOSAL, STATUS } from "../../support/top-samples.ts";

const SIZE = { columns: 80, rows: 24 };

function press(state: TopState, ...keys: string[]): { state: TopState; commands: Command[] } {
  const commands: Command[] = [];
  for (const key of keys) {
    const after = pressed(state, key, SIZE);
    state = after.state;
    if (after.command !== null) commands.push(after.command);
  }
  return { state, commands };
}

const paused = withLook(LIVE, {
  ...LIVE,
  status: { ...STATUS, daemon: { ...STATUS.daemon, paused: true } },
});

describe("keys", () => {
  it.each<readonly [string, TopState, readonly string[], readonly Command[]]>([
    ["quit", LIVE, ["q"], [{ do: "quit" }]],
    ["quit from anywhere", LIVE, ["s", "c-c"], [{ do: "quit" }]],
    ["pause", LIVE, ["p"], [{ do: "pause" }]],
    ["end a pause", paused, ["p"], [{ do: "resume" }]],
    ["tell why", LIVE, ["w"], [{ do: "why", word: null }]],
    ["tell why a session is so", LIVE, ["down", "return"], [{ do: "why", word: "ccl-2-文書" }]],
    ["hold", LIVE, ["h"], [{ do: "verb", verb: "hold", session: "ccl-1-api" }]],
    ["release", LIVE, ["j", "j", "r"], [{ do: "verb", verb: "release", session: "ccl-auto-11" }]],
    ["attach", LIVE, ["down", "up", "a"], [{ do: "verb", verb: "attach", session: "ccl-1-api" }]],
    ["go back", LIVE, ["j", "k", "h"], [{ do: "verb", verb: "hold", session: "ccl-1-api" }]],
    [
      "move, asked",
      LIVE,
      ["s", "return", "y"],
      [{ do: "switchover", session: null, to: "work-2" }],
    ],
    [
      "move to another",
      LIVE,
      ["s", "down", "down", "return", "y"],
      [{ do: "switchover", session: null, to: "private" }],
    ],
    ["not move when it is not confirmed", LIVE, ["s", "return", "n"], []],
    ["not move by Enter twice", LIVE, ["s", "return", "return"], []],
    ["confirm, asked", asking(LIVE), ["c", "y"], [{ do: "confirm", session: null }]],
    ["decline, asked", asking(LIVE), ["d", "y"], [{ do: "decline", session: null }]],
    ["not confirm by a key twice", asking(LIVE), ["c", "c"], []],
    ["not answer what is not asked", LIVE, ["c", "y", "d", "y"], []],
    ["fail back, asked", LIVE, ["f", "y"], [{ do: "failback", session: null }]],
    ["release a pin", asking(LIVE), ["u"], [{ do: "unpin", session: null }]],
    ["not release what is not pinned", LIVE, ["u"], []],
    [
      "move the own slot of the selected session",
      OWN,
      ["j", "s", "return", "y"],
      [{ do: "switchover", session: "web", to: "work-1" }],
    ],
    ["fail its slot back", OWN, ["j", "f", "y"], [{ do: "failback", session: "web" }]],
    ["release its slot's pin", OWN, ["j", "u"], [{ do: "unpin", session: "web" }]],
    ["not release another slot's pin", OWN, ["u"], []],
    ["confirm its slot's move", OWN, ["j", "c", "y"], [{ do: "confirm", session: "web" }]],
    ["decline the only one", OWN, ["d", "y"], [{ do: "decline", session: "web" }]],
    [
      "confirm the shared slot's first",
      asking(OWN),
      ["c", "y"],
      [{ do: "confirm", session: null }],
    ],
    ["do nothing for a key without a meaning", LIVE, ["x", "é", ""], []],
  ])("%s", (_what, state, keys, commands) => {
    expect(press(state, ...keys).commands).toEqual(commands);
  });

  it("says why an answer or a release is none", () => {
    expect(press(LIVE, "d").state.notice?.text).toBe("Nothing is proposed.");
    expect(press(LIVE, "u").state.notice?.text).toBe("No account is pinned.");
  });

  it("does not take the answer to one proposal for the answer to another", () => {
    const asked = press(asking(LIVE), "c").state;
    expect(press(asking(asked), "y").commands).toEqual([{ do: "confirm", session: null }]);
    const proposal = { ...PROPOSAL, to: "private" };
    const changed = withLook(asked, { ...asked, status: { ...STATUS, proposal } });
    expect(press(changed, "y").commands).toEqual([]);
    expect(press(withLook(asked, LIVE), "y").commands).toEqual([]);
  });

  it("says which slot is meant, and moves no other when its session is gone", () => {
    const choice = press(OWN, "j", "s").state;
    expect(choice.overlay).toEqual({ kind: "accounts", index: 0, session: "web" });
    expect(press(choice, "return").state.overlay).toMatchObject({
      question: "Move slot web (1 session) from work-2 to work-1?",
    });
    expect(press(OWN, "j", "c").state.overlay).toMatchObject({
      question: "Do the failover of slot web from work-2 to private?",
    });
    const gone = withLook(choice, { ...LIVE, status: STATUS });
    expect(press(gone, "return", "y").commands).toEqual([{ do: "why", word: "ccl-1-api" }]);
  });

  it("stops at the first and at the last session", () => {
    expect(press(LIVE, "up").state.cursor).toBe("ccl-1-api");
    expect(press(LIVE, ..."jjjjjjj").state.cursor).toBe("ccl-auto-12");
  });

  it("scrolls a text no further than its end, and back at once", () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    const text: TopState = { ...LIVE, overlay: { kind: "text", title: "WHY", lines, from: 0 } };
    const end = press(text, "pagedown", "pagedown", "pagedown", "down").state;
    expect(end.overlay).toMatchObject({ from: 30 });
    expect(press(end, "up").state.overlay).toMatchObject({ from: 29 });
    for (const key of ["space", "pagedown"])
      expect(press(text, key, key, key, "j").state.overlay).toEqual(end.overlay);
    expect(press(end, "k").state.overlay).toMatchObject({ from: 29 });
    expect(press(end, "escape").state.overlay).toBeNull();
  });

  it("keeps the selection while its session is there, and takes the first when it is gone", () => {
    const second = press(LIVE, "down").state;
    expect(withLook(second, LIVE).cursor).toBe("ccl-2-文書");
    const gone = { ...STATUS, sessions: STATUS.sessions.slice(0, 1) };
    expect(withLook(second, { ...LIVE, status: gone }).cursor).toBe("ccl-1-api");
  });
});
