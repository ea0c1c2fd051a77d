import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseConfig } from "../../../src/config/parse.ts";
import { settleSlots } from "../../../src/daemon/slot-at-start.ts";
import { openStore } from "../../../src/store/store.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { SESSION_ROW } from "../../support/session-row.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** Two account homes, `two` preferred, and a slot that is not there yet. */
function scene(more = "") {
  const home = tempDir();
  const text = `accounts:
  - { name: one, home: ~/one, priority: 2 }
  - { name: two, home: ~/two, priority: 1 }
slot: ~/slot
${more}`;
  const file = join(home, "config.yaml");
  const parsed = parseConfig({ text, file, home, realPath: (path) => path });
  if (!parsed.ok) throw new Error("the configuration is wrong");
  for (const name of ["one", "two"]) mkdirSync(join(home, name), { mode: 0o700 });
  const store = openStore(join(home, "state", "state.db"), manualClock());
  onTestFinished(() => store.close());
  const { config } = parsed;
  const slot = join(home, "slot");
  mkdirSync(config.slotsDir, { recursive: true });
  return {
    home,
    config,
    slot,
    store,
    settle: (loggedIn: readonly string[] = ["one", "two"]) =>
      settleSlots({
        config,
        store,
        loggedIn: (path) => loggedIn.some((name) => path === join(home, name)),
      })[0].account.name,
  };
}

describe("a slot that is missing at start", () => {
  it("is made and leads to the preferred account", () => {
    const { home, slot, store, settle } = scene();
    expect(settle()).toBe("two");
    expect(readlinkSync(slot)).toBe(join(home, "two"));
    expect(store.events.since(0, 10).map(({ type }) => type)).toEqual(["slot.created"]);
  });

  it("leads to the preferred account that has a login, if one has", () => {
    expect(scene().settle(["one"])).toBe("one");
    expect(scene().settle([])).toBe("two");
  });

  it("leads to the account that was active last", () => {
    const { store, settle } = scene();
    store.periods.begin("one", 1);
    expect(settle(["two"])).toBe("one");
  });
});

describe("a slot that is there", () => {
  it("says which account it leads to, however it is written, and is left as it is", () => {
    const { home, slot, store, settle } = scene();
    store.periods.begin("two", 1);
    symlinkSync("./one/", slot);
    expect(settle()).toBe("one");
    expect(readlinkSync(slot)).toBe("./one/");
    expect(store.events.since(0, 10)).toEqual([]);
    expect(readdirSync(home).toSorted()).toEqual([".local", "one", "slot", "state", "two"]);
  });

  it.each<readonly [string, (slot: string) => void, string]>([
    ["a folder", (slot) => mkdirSync(slot), "CF_SLOT_NOT_A_LINK"],
    ["a file", (slot) => writeFileSync(slot, ""), "CF_SLOT_NOT_A_LINK"],
    ["a circle of links", (slot) => symlinkSync("slot", slot), "CF_SLOT_NOT_A_LINK"],
    ["a link elsewhere", (slot) => symlinkSync("state", slot), "CF_SLOT_FOREIGN"],
    ["a link to nothing", (slot) => symlinkSync("gone", slot), "CF_SLOT_FOREIGN"],
  ])("and is %s stops the start and is left alone", (_what, put, code) => {
    const { home, slot, store, settle } = scene();
    put(slot);
    const before = readdirSync(home);
    expect(() => settle()).toThrow(expect.objectContaining({ code }) as Error);
    expect(readdirSync(home)).toEqual(before);
    expect(store.events.since(0, 10)).toEqual([]);
  });
});

const OWN = `sessions: { dedicated: [{ name: api, cwd: /p, slot: own }, { name: r, cwd: /p, slot: own, account: one }] }`;

describe("a slot of its own that is missing at start", () => {
  it("leads where the shared one does, or where it is configured to start", () => {
    const { home, config, store } = scene(OWN);
    const settled = settleSlots({ config, store, loggedIn: () => true });
    expect(settled.map(({ name, account }) => [name, account.name])).toEqual([
      ["shared", "two"],
      ["api", "two"],
      ["r", "one"],
    ]);
    expect(readlinkSync(join(config.slotsDir, "r"))).toBe(join(home, "one"));
    expect(settled.every(({ isNew }) => isNew)).toBe(true);
    const again = settleSlots({ config, store, loggedIn: () => true });
    expect(again.some(({ isNew }) => isNew)).toBe(false);
  });

  it("leads to the account that was active there last, whatever is configured", () => {
    const { config, store } = scene(OWN);
    store.periods.of("r").begin("two", 1);
    const settled = settleSlots({ config, store, loggedIn: () => true });
    expect(settled[2]?.account.name).toBe("two");
  });

  it("is made for a client that still runs with it, though it is configured no more", () => {
    const { config, store } = scene("sessions: { dedicated: [{ name: ccl-1, cwd: /p }] }");
    store.sessions.put({ ...SESSION_ROW, slot: "api" });
    store.sessions.put({ ...SESSION_ROW, name: "removed", slot: "of nobody" });
    const settled = settleSlots({ config, store, loggedIn: () => true });
    expect(settled.map(({ name }) => name)).toEqual(["shared", "api"]);
  });

  it("does not replace what came into its place", () => {
    const { config, store } = scene(OWN);
    writeFileSync(join(config.slotsDir, "r"), "mine");
    expect(() => settleSlots({ config, store, loggedIn: () => true })).toThrow(
      expect.objectContaining({ code: "CF_SLOT_NOT_A_LINK" }) as Error,
    );
    expect(readFileSync(join(config.slotsDir, "r"), "utf8")).toBe("mine");
  });
});
