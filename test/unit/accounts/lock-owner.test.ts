import { describe, expect, test } from "vitest";
import { ownerState, parseOwner, type LockOwner } from "../../../src/accounts/lock-owner.ts";
import { ownPidSpace, processStart } from "../../../src/accounts/proc.ts";

/** Written by the client, 2.1.328; machine and numbers made up. */
const NOTE = `{"pid":10794,"procStart":"243503","pidDomain":"linux:3d12:pid:[4026531836]",
"pidSpace":"host#pid:[4026531836]","lockBirthtimeMs":1795246980824.395,"legacyLockBirthtimeMs":1795246980825.5}`;

describe("the note beside a lock", () => {
  test("of the client is understood", () => {
    expect(parseOwner(NOTE)).toEqual({
      pid: 10794,
      procStart: "243503",
      pidDomain: "linux:3d12:pid:[4026531836]",
      lockBirthtimeMs: 1795246980824.395,
      legacyLockBirthtimeMs: 1795246980825.5,
    });
  });

  test.each(["", "4711", "{", "null", "[]", '{"pid":"1"}', '{"pid":0}', '{"pid":1.5}'])(
    "%j names nobody",
    (text) => {
      expect(parseOwner(text)).toBeNull();
    },
  );
});

describe("an owner", () => {
  const here = ownPidSpace()!;
  const own: LockOwner = {
    pid: process.pid,
    procStart: processStart(process.pid)!,
    pidDomain: here.pidDomain,
    lockBirthtimeMs: 1,
    legacyLockBirthtimeMs: 1,
  };
  test.each<[string, LockOwner | null, string]>([
    ["that runs is alive", own, "alive"],
    ["whose process id was given to another is dead", { ...own, procStart: "1" }, "dead"],
    ["that is no process is dead", { ...own, pid: 2 ** 22 + 1 }, "dead"],
    ["on another machine is unknown", { ...own, pidDomain: "linux:other:pid:[1]" }, "unknown"],
    ["without a domain is unknown", { ...own, pidDomain: null }, "unknown"],
    ["that runs but did not say since when is unknown", { ...own, procStart: null }, "unknown"],
    ["nobody named is unknown", null, "unknown"],
  ])("%s", (_, owner, expected) => {
    expect(ownerState(owner)).toBe(expected);
  });
});
