import { describe, expect, test } from "vitest";
import { judgeSlotHops } from "../../../src/doctor/slot-hops.ts";
import { judgeSlotRecord } from "../../../src/doctor/slot-record.ts";
import { judgeSlot } from "../../../src/doctor/slot.ts";
import type { SlotState } from "../../../src/switchover/slot.ts";

const ACCOUNTS = [
  { name: "one", home: "/h/one", realHome: "/real/one" },
  { name: "two", home: "/h/two", realHome: null },
];

function link(target: string, home: string | null): SlotState {
  return { kind: "link", text: target, target, home, madeAt: 0 };
}

describe("the slot", () => {
  const rows: readonly [SlotState, boolean, string, string][] = [
    [{ kind: "missing" }, false, "warn", "claude-failover run makes the link"],
    [{ kind: "missing" }, true, "bad", "Restart the daemon"],
    [{ kind: "notALink", what: "directory" }, false, "bad", "claude-failover adopt --dry-run"],
    [{ kind: "notALink", what: "file" }, false, "bad", "Move it away"],
    [{ kind: "loop", text: "x" }, false, "bad", "Remove it"],
    [link("/h/one", null), true, "bad", "disk is mounted"],
    [link("/h/other", "/h/other"), true, "bad", "Point it at the home"],
    [link("/h/one", "/real/one"), true, "ok", ""],
    [link("/elsewhere", "/real/one"), true, "ok", ""],
  ];
  test.each(rows)("%j, daemon runs %j: %s", (slot, runs, level, hint) => {
    const at = { path: "/h/.claude", slot, accounts: ACCOUNTS, runs };
    const found = judgeSlot({ ...at, isShared: true });
    expect(found).toMatchObject({ code: "slot", level });
    expect(found.hint).toContain(hint);
  });
});

test.each([
  [null, "unknown"],
  [0, "unknown"],
  [1, "ok"],
  [2, "warn"],
])("a slot of %j hops is %s", (hops, level) => {
  expect(judgeSlotHops("/s", hops)).toMatchObject({ code: "slotHops", level });
});

describe("the record of the active account", () => {
  test.each([
    [{ recorded: null, inSlot: "one", isOpen: false }, "unknown"],
    [{ recorded: "one", inSlot: "one", isOpen: false }, "ok"],
    [{ recorded: "one", inSlot: "one", isOpen: true }, "ok"],
    [{ recorded: "one", inSlot: "two", isOpen: true }, "unknown"],
    [{ recorded: "one", inSlot: "two", isOpen: false }, "bad"],
    [{ recorded: "one", inSlot: null, isOpen: false }, "bad"],
  ])("%j: %s", (at, level) => {
    expect(judgeSlotRecord({ slot: "shared", ...at })).toMatchObject({ code: "slotRecord", level });
  });

  test("names a slot that is not the one of all, and advises no adopting of it", () => {
    const at = { slot: "api", recorded: "one", inSlot: null, isOpen: false };
    expect(judgeSlotRecord(at).text).toBe(
      "one is recorded as active, but the slot api leads to no account.",
    );
    const slot = { kind: "notALink", what: "directory" } as const;
    const found = judgeSlot({
      path: "/s/api",
      slot,
      accounts: ACCOUNTS,
      runs: false,
      isShared: false,
    });
    expect(found.hint).toBe("Move it away; claude-failover run makes the link.");
  });
});
