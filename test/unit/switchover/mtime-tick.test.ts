import { describe, expect, it } from "vitest";
import { planMtimeTick, type CredentialStat } from "../../../src/switchover/mtime-tick.ts";

const file = (mtimeMs: number): CredentialStat => ({ kind: "file", mtimeMs });

describe("the mtime rule", () => {
  it.each([
    { from: file(5_000), to: file(5_000), sets: 7_000 },
    { from: file(5_999.9), to: file(5_000), sets: 7_000 },
    { from: file(5_000.2), to: file(5_000.7), sets: 7_000 },
    { from: file(5_000), to: file(5_999), sets: 7_000 },
  ])("sets the target past the old file when they are about equal: %o", ({ from, to, sets }) => {
    expect(planMtimeTick({ from, to })).toEqual({ kind: "tick", mtimeMs: sets });
  });

  it("keeps the target apart from every account's file, which an idle session may have seen last", () => {
    const others = [file(5_000), file(7_000), file(8_500)];
    const to = file(5_000);
    expect(planMtimeTick({ from: file(1_000), to, others })).toEqual({
      kind: "tick",
      mtimeMs: 3_000,
    });
    expect(planMtimeTick({ from: file(5_000), to, others })).toEqual({
      kind: "tick",
      mtimeMs: 10_000,
    });
    expect(planMtimeTick({ from: file(5_000), to: file(3_000), others })).toEqual({ kind: "none" });
    expect(planMtimeTick({ from: file(5_000), to: file(3_000), others: [null] }).kind).toBe("none");
  });

  it("leaves a second apart alone, older or newer", () => {
    expect(planMtimeTick({ from: file(5_000), to: file(6_000) })).toEqual({ kind: "none" });
    expect(planMtimeTick({ from: file(6_000), to: file(5_000) })).toEqual({ kind: "none" });
  });

  it("has nothing to do where a file is missing", () => {
    expect(planMtimeTick({ from: null, to: file(1) })).toEqual({ kind: "none" });
    expect(planMtimeTick({ from: file(1), to: null })).toEqual({ kind: "none" });
  });

  it.each(["link", "directory", "other"] as const)("refuses a %s", (kind) => {
    const odd: CredentialStat = { kind, mtimeMs: 1 };
    expect(planMtimeTick({ from: file(1), to: odd }).kind).toBe("refused");
    expect(planMtimeTick({ from: odd, to: file(1) }).kind).toBe("refused");
  });

  it("is satisfied by its own tick", () => {
    for (const mtimeMs of [0, 1, 999, 1_000, 1_700_000_000_123.456]) {
      const tick = planMtimeTick({ from: file(mtimeMs), to: file(mtimeMs) });
      const after = tick.kind === "tick" ? tick.mtimeMs : mtimeMs;
      expect(planMtimeTick({ from: file(mtimeMs), to: file(after) })).toEqual({ kind: "none" });
      expect(planMtimeTick({ from: file(after), to: file(mtimeMs) })).toEqual({ kind: "none" });
    }
  });
});
