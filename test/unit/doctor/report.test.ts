import { describe, expect, test } from "vitest";
import { BARE_CHECKS, CONFIGURED_CHECKS } from "../../../src/doctor/checks.ts";
import { CHECK_AREAS, findingsOf } from "../../../src/doctor/model.ts";
import { doctorJson, doctorText } from "../../../src/doctor/report.ts";

const FINDINGS = [
  findingsOf("config").ok("It is right."),
  findingsOf("slot").bad("It is a file.", "Move it away."),
  findingsOf("slotHops").unknown("No link."),
  findingsOf("login").warn("Two lines:\n  one.", "Log in."),
];

describe("the report", () => {
  test("is grouped by area, with what to do below", () => {
    expect(doctorText(doctorJson(FINDINGS, ["Closed /s."]), { color: false })).toBe(
      [
        "Mended: Closed /s.",
        "configuration",
        "  ok      It is right.",
        "slot",
        "  bad     It is a file. (slot)",
        "          Try: Move it away.",
        "  unknown No link. (slotHops)",
        "accounts",
        "  warn    Two lines:\n            one. (login)",
        "          Try: Log in.",
        "",
        "1 bad, 1 warn, 1 unknown, 1 ok.",
        "",
      ].join("\n"),
    );
  });

  test("says once what several checks of an area say in the same words", () => {
    const codes = ["slot", "slotHops", "slotRecord", "login"] as const;
    const findings = codes.map((code) => findingsOf(code).unknown("Not looked at."));
    expect(doctorText(doctorJson(findings, []), { color: false })).toBe(
      [
        "slot",
        "  unknown Not looked at. (slot, slotHops, slotRecord)",
        "accounts",
        "  unknown Not looked at. (login)",
        "",
        "4 unknown, 0 ok.",
        "",
      ].join("\n"),
    );
  });

  test("has colours only where they are wanted, and the same words", () => {
    const report = doctorJson(FINDINGS, []);
    const plain = doctorText(report, { color: false });
    const colored = doctorText(report, { color: true });
    expect(plain).not.toContain("\u001b");
    expect(colored).toContain("\u001b[31mbad    \u001b[0m");
    expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
  });

  test("says so when all is well", () => {
    const text = doctorText(doctorJson(FINDINGS.slice(0, 1), []), { color: false });
    expect(text).toContain("\nAll is well.\n");
  });

  test("passes unless something is bad", () => {
    expect(doctorJson(FINDINGS, []).passed).toBe(false);
    expect(doctorJson(FINDINGS.slice(2), []).passed).toBe(true);
  });

  test("names the area of every result", () => {
    const areas = doctorJson(FINDINGS, []).results.map(({ area }) => area);
    expect(areas).toEqual(["configuration", "slot", "slot", "accounts"]);
  });
});

test("every code has exactly one check", () => {
  const codes = [...BARE_CHECKS, ...CONFIGURED_CHECKS].map(({ code }) => code);
  expect(codes.toSorted()).toEqual(Object.keys(CHECK_AREAS).toSorted());
});
