import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FailoverError } from "../../../src/errors.ts";
import { applyMtimeTick } from "../../../src/switchover/mtime-tick.ts";
import { nodeSlotFs, type SlotFs } from "../../../src/switchover/slot-fs.ts";
import { slotProblem } from "../../../src/switchover/slot-position.ts";
import {
  createSlot,
  flipSlot,
  readSlot,
  leadsNowhere,
  linksIn,
  removeLinksIn,
  removeStrays,
  strays,
} from "../../../src/switchover/slot.ts";
import { hookedSlotFs, systemError } from "../../support/hooked-slot-fs.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Places {
  readonly folder: string;
  readonly slot: string;
  readonly one: string;
  readonly two: string;
}

function places(): Places {
  const folder = tempDir();
  const [slot, one, two] = [join(folder, "slot"), join(folder, "one"), join(folder, "two")];
  for (const home of [one, two]) mkdirSync(home);
  symlinkSync(one, slot);
  return { folder, slot, one, two };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof FailoverError) return thrown.code;
    throw thrown;
  }
  return "done";
}

const names = (folder: string): string[] => readdirSync(folder).toSorted();

describe("reading the slot", () => {
  it("says what lies there", () => {
    const { folder, slot, one } = places();
    expect(readSlot(slot)).toMatchObject({ kind: "link", text: one, target: one, home: one });
    expect(readSlot(one)).toEqual({ kind: "notALink", what: "directory" });
    expect(readSlot(join(folder, "none"))).toEqual({ kind: "missing" });
    writeFileSync(join(folder, "file"), "");
    expect(readSlot(join(folder, "file"))).toEqual({ kind: "notALink", what: "file" });
  });

  it("that leads to no account is said to, in words; by another path to one it is right", () => {
    const { folder, slot, one, two } = places();
    const problem = (path: string, ...homes: string[]): string | null =>
      slotProblem(
        path,
        homes.map((home) => ({ name: home, home })),
      );
    symlinkSync(folder, join(folder, "way"));
    expect(problem(slot, two, one)).toBeNull();
    expect(problem(slot, join(folder, "way", "one"))).toBeNull();
    expect(problem(slot, two)).toBe(`${slot} is a link to ${one}, and so leads to no account`);
    expect(problem(one, one)).toContain("is a directory");
    expect(problem(join(folder, "none"), one)).toContain("is missing");
    rmdirSync(one);
    expect(problem(slot, one)).toContain("which is no directory");
  });

  it("resolves relative links, links to links, and what is gone", () => {
    const { folder, one } = places();
    symlinkSync("one", join(folder, "relative"));
    symlinkSync("relative", join(folder, "hop"));
    symlinkSync("gone", join(folder, "dangling"));
    symlinkSync("file", join(folder, "toFile"));
    writeFileSync(join(folder, "file"), "");
    const look = (name: string): unknown => readSlot(join(folder, name));
    expect(look("relative")).toMatchObject({ text: "one", target: one, home: one });
    expect(look("hop")).toMatchObject({ target: join(folder, "relative"), home: one });
    expect(look("dangling")).toMatchObject({ target: join(folder, "gone"), home: null });
    expect(look("toFile")).toMatchObject({ home: null });
  });

  it("sees a loop", () => {
    const { folder } = places();
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    expect(readSlot(join(folder, "a"))).toEqual({ kind: "loop", text: "b" });
  });

  it("says that it cannot look", () => {
    const { folder } = places();
    writeFileSync(join(folder, "file"), "");
    expect(codeOf(() => readSlot(join(folder, "file", "slot")))).toBe("CF_SLOT_UNREADABLE");
  });
});

describe("flipping the slot", () => {
  it("points it elsewhere and leaves nothing beside it", () => {
    const { folder, slot, one, two } = places();
    flipSlot({ slot, to: two, expect: one });
    expect(readlinkSync(slot)).toBe(two);
    expect(names(folder)).toEqual(["one", "slot", "two"]);
  });

  it("is never missing in between", () => {
    const { slot, one, two } = places();
    const seen = new Set<string>();
    const look = (): void => void seen.add(readlinkSync(slot));
    flipSlot({ slot, to: two, expect: one, fs: hookedSlotFs(look, look) });
    expect([...seen]).toEqual([one, two]);
  });

  it("syncs the folder after the rename", () => {
    const { slot, one, two } = places();
    const calls: string[] = [];
    const fs: SlotFs = {
      ...hookedSlotFs((name) => void calls.push(name)),
      openDirectory: (path) => {
        const folder = nodeSlotFs.openDirectory(path);
        return {
          sync: () => {
            calls.push("sync");
            folder.sync();
          },
          close: () => {
            calls.push("close");
            folder.close();
          },
        };
      },
    };
    flipSlot({ slot, to: two, expect: one, fs });
    expect(calls.slice(-3)).toEqual(["rename", "sync", "close"]);
  });

  it("keeps relative words relative to the slot's own folder", () => {
    const { slot, one } = places();
    flipSlot({ slot, to: "two", expect: one });
    expect(readlinkSync(slot)).toBe("two");
  });

  it("leaves a link alone that is not the one the caller saw", () => {
    const { slot, one, two } = places();
    expect(codeOf(() => flipSlot({ slot, to: one, expect: two }))).toBe("CF_SLOT_CHANGED");
    expect(readlinkSync(slot)).toBe(one);
  });

  const swaps: readonly { what: string; swap: (places: Places) => void; left: string }[] = [
    { what: "nothing", swap: () => {}, left: "missing" },
    { what: "a directory", swap: ({ slot }) => mkdirSync(slot), left: "notALink" },
    { what: "a file", swap: ({ slot }) => writeFileSync(slot, "precious"), left: "notALink" },
    { what: "another link", swap: ({ slot }) => symlinkSync("three", slot), left: "link" },
    { what: "a loop", swap: ({ slot }) => symlinkSync("slot", slot), left: "loop" },
  ];
  it.each(swaps)("does not replace $what that came there meanwhile", ({ swap, left }) => {
    const all = places();
    const { folder, slot, one, two } = all;
    const fs = hookedSlotFs(
      () => {},
      (name) => {
        if (name !== "symlink") return;
        unlinkSync(slot);
        swap(all);
      },
    );
    expect(codeOf(() => flipSlot({ slot, to: two, expect: one, fs }))).toBe("CF_SLOT_CHANGED");
    expect(readSlot(slot).kind).toBe(left);
    expect(strays(slot)).toEqual([]);
    if (left === "notALink" && lstatSync(slot).isFile()) {
      expect(readFileSync(slot, "utf8")).toBe("precious");
    }
    expect(names(folder).filter((name) => name !== "slot")).toEqual(["one", "two"]);
  });

  it("cannot replace a directory even when it comes after the last look", () => {
    const { slot, one, two } = places();
    const fs = hookedSlotFs((name) => {
      if (name !== "rename") return;
      unlinkSync(slot);
      mkdirSync(slot);
      writeFileSync(join(slot, "precious"), "");
    });
    expect(codeOf(() => flipSlot({ slot, to: two, expect: one, fs }))).toBe("CF_SLOT_CHANGED");
    expect(names(slot)).toEqual(["precious"]);
    expect(strays(slot)).toEqual([]);
  });

  it("does not point at what is no directory", () => {
    const { folder, slot, one } = places();
    writeFileSync(join(folder, "file"), "");
    symlinkSync("gone", join(folder, "dangling"));
    for (const to of ["file", "dangling", "none"]) {
      const flip = (): void => flipSlot({ slot, to: join(folder, to), expect: one });
      expect(codeOf(flip)).toBe("CF_SLOT_TARGET");
    }
    expect(readlinkSync(slot)).toBe(one);
  });

  const faults: readonly { call: keyof SlotFs; errno: string; code: string }[] = [
    { call: "symlink", errno: "EACCES", code: "CF_SLOT_UNWRITABLE" },
    { call: "symlink", errno: "EROFS", code: "CF_SLOT_UNWRITABLE" },
    { call: "symlink", errno: "ENOSPC", code: "CF_SLOT_FULL" },
    { call: "symlink", errno: "EDQUOT", code: "CF_SLOT_FULL" },
    { call: "rename", errno: "EPERM", code: "CF_SLOT_UNWRITABLE" },
    { call: "rename", errno: "EXDEV", code: "CF_SLOT_FAILED" },
    { call: "rename", errno: "EBUSY", code: "CF_SLOT_FAILED" },
    { call: "rename", errno: "EIO", code: "CF_SLOT_FAILED" },
    { call: "openDirectory", errno: "EACCES", code: "CF_SLOT_UNWRITABLE" },
    { call: "look", errno: "EIO", code: "CF_SLOT_UNREADABLE" },
    { call: "isDirectory", errno: "ENOTCONN", code: "CF_SLOT_TARGET" },
  ];
  it.each(faults)("changes nothing when $call says $errno", ({ call, errno, code }) => {
    const { folder, slot, one, two } = places();
    const fs = hookedSlotFs((name) => {
      if (name === call) throw systemError(errno, call);
    });
    expect(codeOf(() => flipSlot({ slot, to: two, expect: one, fs }))).toBe(code);
    expect(readlinkSync(slot)).toBe(one);
    expect(names(folder)).toEqual(["one", "slot", "two"]);
  });
});

describe("making the slot", () => {
  it("makes a missing one and never replaces anything", () => {
    const { folder, slot, one, two } = places();
    createSlot({ slot: join(folder, "new"), to: one });
    expect(readlinkSync(join(folder, "new"))).toBe(one);
    expect(codeOf(() => createSlot({ slot, to: two }))).toBe("CF_SLOT_OCCUPIED");
    expect(codeOf(() => createSlot({ slot: one, to: two }))).toBe("CF_SLOT_OCCUPIED");
    expect(readlinkSync(slot)).toBe(one);
  });
});

describe("stray temp links", () => {
  it("are removed, and nothing else is", () => {
    const { folder, slot, one } = places();
    symlinkSync(one, join(folder, "slot.cf-flip-0123456789ab"));
    symlinkSync(one, join(folder, "other.cf-flip-0123456789ab"));
    writeFileSync(join(folder, "slot.cf-flip-notes"), "the operator's own");
    expect(removeStrays(slot)).toEqual([join(folder, "slot.cf-flip-0123456789ab")]);
    expect(removeStrays(slot)).toEqual([]);
    expect(names(folder)).toContain("slot.cf-flip-notes");
    expect(names(folder)).toContain("other.cf-flip-0123456789ab");
  });
});

describe("the links of a folder of slots", () => {
  it("are removed where they are meant, and nothing else is", () => {
    const { folder, one } = places();
    const slots = join(folder, "slots");
    expect(linksIn(slots)).toEqual([]);
    mkdirSync(slots);
    symlinkSync(one, join(slots, "api"));
    symlinkSync(join(folder, "gone"), join(slots, "web"));
    writeFileSync(join(slots, "notes"), "the operator's own");
    expect(linksIn(slots).toSorted()).toEqual([join(slots, "api"), join(slots, "web")]);
    expect(removeLinksIn(slots, (path) => leadsNowhere(path))).toEqual([join(slots, "web")]);
    expect(removeLinksIn(slots, () => true)).toEqual([join(slots, "api")]);
    expect(names(slots)).toEqual(["notes"]);
    expect(names(one)).toEqual([]);
  });
});

describe("applying the mtime rule", () => {
  it("moves the target's time without reading or following it", () => {
    const { one, two } = places();
    for (const home of [one, two]) {
      writeFileSync(join(home, ".credentials.json"), "{}");
      utimesSync(join(home, ".credentials.json"), 1_000, 1_000);
    }
    expect(applyMtimeTick({ from: one, to: two, fs: nodeSlotFs }).kind).toBe("tick");
    expect(lstatSync(join(two, ".credentials.json")).mtimeMs).toBe(1_002_000);
    expect(lstatSync(join(one, ".credentials.json")).mtimeMs).toBe(1_000_000);
    expect(applyMtimeTick({ from: one, to: two, fs: nodeSlotFs })).toEqual({ kind: "none" });
  });

  it("refuses a symbolic link and a time that cannot be set", () => {
    const { one, two } = places();
    writeFileSync(join(one, ".credentials.json"), "{}");
    symlinkSync(join(one, ".credentials.json"), join(two, ".credentials.json"));
    const tick = (fs: SlotFs): string => codeOf(() => applyMtimeTick({ from: one, to: two, fs }));
    expect(tick(nodeSlotFs)).toBe("CF_SLOT_MTIME");
    unlinkSync(join(two, ".credentials.json"));
    writeFileSync(join(two, ".credentials.json"), "{}");
    const closed = hookedSlotFs((name) => {
      if (name === "setTimes") throw systemError("EPERM", name);
    });
    expect(tick(closed)).toBe("CF_SLOT_MTIME");
  });

  it("has nothing to do in a home without a login", () => {
    const { one, two } = places();
    expect(applyMtimeTick({ from: one, to: two, fs: nodeSlotFs })).toEqual({ kind: "none" });
    rmdirSync(two);
    expect(applyMtimeTick({ from: one, to: two, fs: nodeSlotFs })).toEqual({ kind: "none" });
  });
});
