import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { judgeClientLocks } from "../../../src/doctor/client-locks.ts";
import { judgeCredentialTimes } from "../../../src/doctor/credential-times.ts";
import { judgeForeignWrites, restingSince } from "../../../src/doctor/foreign-writes.ts";
import { judgeHomeModes } from "../../../src/doctor/home-modes.ts";
import { countHops } from "../../../src/doctor/hops.ts";
import { judgeLogins } from "../../../src/doctor/login.ts";
import type { Finding } from "../../../src/doctor/model.ts";
import { judgeSharedHops } from "../../../src/doctor/shared-hops.ts";
import { judgeSharedLinks } from "../../../src/doctor/shared-links.ts";
import { tempDir } from "../../support/temp-dir.ts";

function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ level }) => level);
}

describe("logins", () => {
  const of = (login: "present" | "missing" | "unknown", isActive: boolean) => ({
    account: "one",
    home: "/h",
    login,
    isActive,
  });
  test.each([
    [[of("present", true), of("present", false)], ["ok"]],
    [[of("missing", true), of("present", false)], ["bad"]],
    [[of("missing", false)], ["warn"]],
    [
      [of("unknown", true), of("missing", false)],
      ["unknown", "warn"],
    ],
  ])("%j: %j", (accounts, expected) => {
    expect(levels(judgeLogins(accounts))).toEqual(expected);
  });
});

describe("times of logins", () => {
  const file = (mtimeMs: number) => ({ kind: "file", mtimeMs }) as const;
  const accounts = (
    ...credentials: Parameters<typeof judgeCredentialTimes>[0][0]["credential"][]
  ) => credentials.map((credential, index) => ({ account: `a${index}`, credential }));

  test.each([
    [accounts(file(1_000), file(3_000), null), ["ok"]],
    [accounts(null, null), ["ok"]],
    [accounts(file(1_000), file(1_000)), ["warn"]],
    [accounts(file(1_000), file(5_000), file(1_400)), ["warn"]],
    [accounts(file(1_000), file(1_000), file(1_000)), ["warn", "warn", "warn"]],
    [accounts({ kind: "link", mtimeMs: 1_000 }, file(1_000)), ["bad"]],
  ])("%j: %j", (of, expected) => {
    expect(levels(judgeCredentialTimes(of))).toEqual(expected);
  });

  test("names the two accounts", () => {
    const [found] = judgeCredentialTimes(accounts(file(1), file(9_000), file(2)));
    expect(found?.text).toContain("The logins of a0 and a2 have the same mtime");
  });
});

describe("shared links", () => {
  const of = { homes: ["/h/one", "/h/two"], links: ["projects"] };
  const problem = {
    code: "linkElsewhere",
    account: "one",
    path: "/h/one/projects",
    found: "a link to /x",
    expected: "a link to /s",
    hint: "Decide.",
  } as const;

  test("are well where nothing is wrong or missing", () => {
    expect(levels(judgeSharedLinks({ problems: [], missing: [] }, of))).toEqual(["ok"]);
  });

  test("are bad with path, found and expected where one leads elsewhere", () => {
    const [found] = judgeSharedLinks({ problems: [problem], missing: [] }, of);
    expect(found).toMatchObject({ level: "bad", hint: "Decide." });
    expect(found?.text).toContain("/h/one/projects: found a link to /x, expected a link to /s");
  });

  test("are missing as a whole with their home, and in one line otherwise", () => {
    const missing = ["/h/one", "/h/one/projects", "/s/projects", "/h/two/projects"];
    const found = judgeSharedLinks({ problems: [], missing }, of);
    expect(found.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      "warn: The home /h/one is missing.",
      "warn: Links or targets are missing: /s/projects, /h/two/projects.",
    ]);
  });
});

test.each([
  [[], ["unknown"]],
  [[0, null], ["unknown"]],
  [[1, 1, null], ["ok"]],
  [
    [1, 2, 3],
    ["bad", "bad"],
  ],
])("shared links of %j hops: %j", (hops, expected) => {
  const links = hops.map((each, index) => ({ path: `/${index}`, hops: each }));
  expect(levels(judgeSharedHops(links))).toEqual(expected);
});

test("hops are counted along the last name, round circles and into nothing too", () => {
  const root = tempDir();
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real/file"), "");
  symlinkSync("real", join(root, "folder"));
  symlinkSync("folder/file", join(root, "one"));
  symlinkSync("one", join(root, "two"));
  symlinkSync("circle", join(root, "circle"));
  symlinkSync("nowhere", join(root, "dangling"));
  const hops = ["real", "one", "two", "circle", "dangling", "none"].map((name) =>
    countHops(join(root, name)),
  );
  expect(hops).toEqual([0, 1, 2, null, null, null]);
});

test.each([
  [{ open: [], logins: [{ path: "/l", mode: 0o600 }] }, ["ok"]],
  [{ open: [{ path: "/h", mode: 0o755 }], logins: [{ path: "/l", mode: 0o600 }] }, ["warn"]],
  [{ open: [], logins: [{ path: "/l", mode: 0o640 }] }, ["bad"]],
])("modes of homes %j: %j", (at, expected) => {
  expect(levels(judgeHomeModes(at))).toEqual(expected);
});

describe("a resting home", () => {
  const periods = [
    { account: "one", fromAt: 1_000, toAt: 2_000 },
    { account: "two", fromAt: 2_000, toAt: 3_000 },
    { account: "one", fromAt: 3_000, toAt: 4_000 },
    { account: "two", fromAt: 4_000, toAt: null },
  ];

  test.each([
    ["one", 64_000],
    ["two", null],
    ["three", 61_000],
  ])("%s rests since %j", (account, since) => {
    expect(restingSince(periods, account)).toBe(since);
  });

  const rests = { account: "one", home: "/h", restsSince: 0, count: 0, paths: [], isPart: false };
  test.each([
    [[], ["ok"]],
    [[rests], ["ok"]],
    [[{ ...rests, isPart: true }], ["unknown"]],
    [[rests, { ...rests, count: 2, paths: ["a", "b"], isPart: true }], ["warn"]],
  ])("%j: %j", (homes, expected) => {
    expect(levels(judgeForeignWrites(homes))).toEqual(expected);
  });

  test("names the first files and says that there are more", () => {
    const [found] = judgeForeignWrites([{ ...rests, count: 4, paths: ["a", "b", "c"] }]);
    expect(found?.text).toContain("4 files are newer in /h: a, b, c, ….");
  });
});

test.each([
  [[], ["ok"]],
  [[{ path: "/l", ageMs: 10, isStale: false }], ["ok"]],
  [
    [
      { path: "/l", ageMs: 10, isStale: false },
      { path: "/m", ageMs: 61_000, isStale: true },
    ],
    ["warn"],
  ],
])("locks of the client %j: %j", (locks, expected) => {
  expect(levels(judgeClientLocks(locks))).toEqual(expected);
});
