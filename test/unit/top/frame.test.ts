import { describe, expect, it } from "vitest";
import { frame } from "../../../src/top/frame.ts";
import { pressed } from "../../../src/top/keys.ts";
import { INITIAL, withLook, type TopState } from "../../../src/top/model.ts";
import { widthOf } from "../../../src/top/text.ts";
import { asking, LIVE, OWN, STATUS, view } from "../../support/top-samples.ts";

const shown = (state: TopState, columns = 80, rows = 24): string =>
  `${frame(state, view(columns, rows)).join("\n")}\n`;

const many: TopState = withLook(LIVE, {
  ...LIVE,
  status: {
    ...STATUS,
    sessions: Array.from({ length: 40 }, (_, index) => ({
      ...STATUS.sessions[0],
      name: `ccl-auto-${index + 11}`,
    })) as never,
  },
});

describe("a screen", () => {
  it.each([
    ["80x24", LIVE, 80, 24],
    ["120x40", LIVE, 120, 40],
    ["many-80x24", { ...many, cursor: "ccl-auto-30" }, 80, 24],
    [
      "held-80x24",
      withLook(LIVE, {
        ...LIVE,
        status: {
          ...STATUS,
          daemon: { ...STATUS.daemon, paused: true },
          held: {
            code: "CF_SWITCHOVER_HELD",
            message: "Switchover 4 could not be undone: /home/op/.claude leads to a third place.",
            hint: "Look at the link, then claude-failover recover.",
            since: STATUS.decision?.at ?? "",
          },
        },
      }),
      80,
      24,
    ],
    [
      "down-80x24",
      withLook(LIVE, {
        status: { ...STATUS, daemon: { ...STATUS.daemon, running: false, pid: null } },
        tasks: [],
        connection: {
          kind: "down",
          message: "No daemon listens on /run/user/1000/claude-failover/api.sock.",
          hint: "Start it with claude-failover run.",
        },
      }),
      80,
      24,
    ],
    [
      "choice-80x24",
      { ...LIVE, overlay: { kind: "accounts", index: 1, session: null } } as const,
      80,
      24,
    ],
    ["asking-80x24", asking(LIVE), 80, 24],
    ["answer-80x24", pressed(asking(LIVE), "c", { columns: 80, rows: 24 }).state, 80, 24],
    ["own-slot-80x24", pressed(OWN, "down", { columns: 80, rows: 24 }).state, 80, 24],
    ["help-80x24", { ...LIVE, overlay: { kind: "help" } } as const, 80, 24],
  ])("looks as captured: %s", async (name, state, columns, rows) => {
    await expect(shown(state, columns, rows)).toMatchFileSnapshot(`./frames/${name}.txt`);
  });

  it.each([
    [80, 24],
    [120, 40],
    [60, 14],
    [200, 60],
    [59, 24],
    [20, 3],
    [1, 1],
  ])("of %i×%i is filled and never wider", (columns, rows) => {
    for (const state of [LIVE, many, INITIAL, { ...LIVE, overlay: { kind: "help" } as const }]) {
      const lines = frame(state, view(columns, rows));
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }
  });

  it("says the same with colour and without", () => {
    const painted = frame(LIVE, view(80, 24, { color: true })).map((line) =>
      line.replaceAll(/\u001b\[[\d;]*m/g, "").trimEnd(),
    );
    expect(painted).toEqual(frame(LIVE, view(80, 24)));
    expect(frame(LIVE, view(80, 24, { color: true })).join("")).toContain("\u001b[");
  });

  it("shows ASCII only where the locale has nothing else", () => {
    const ascii = withLook(LIVE, {
      ...LIVE,
      status: { ...STATUS, sessions: STATUS.sessions.slice(0, 1) },
    });
    const lines = frame(ascii, view(80, 24, { unicode: false }));
    expect(lines.join("\n")).toMatch(/^[\n\u0020-\u007e]*$/);
  });

  it("lets nothing from elsewhere move the cursor", () => {
    const wicked = withLook(LIVE, {
      ...LIVE,
      status: {
        ...STATUS,
        decision: { code: "x", text: "a\u001b[2Jb\rc\u009b1m", at: STATUS.decision?.at ?? "" },
      },
    });
    expect(shown(wicked)).not.toMatch(/[\u001b\r\u009b]/);
  });
});
