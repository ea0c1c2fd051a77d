import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { examine, mend } from "../../../src/doctor/examine.ts";
import {
  contentOf,
  homeOf,
  lookAt,
  makeHealthy,
  MINUTE_MS,
  setTime,
  troubles,
} from "../../support/doctor-deployment.ts";

describe("--fix", () => {
  test("mends what cannot lose data, says so, and leaves the rest alone", async () => {
    const place = await makeHealthy();
    const { box, places: own } = place;
    unlinkSync(join(homeOf(box, 1), "projects"));
    chmodSync(own.spoolDir, 0o755);
    chmodSync(homeOf(box, 1), 0o755);
    symlinkSync("/nowhere", `${box.slot}.cf-flip-0123456789ab`);
    setTime(`${box.slot}.cf-flip-0123456789ab`, -2 * MINUTE_MS);
    writeFileSync(join(own.pasteDir, "cf-paste-1"), "a prompt");
    writeFileSync(join(own.spoolDir, "ccl-1-api.Stop.77"), "{}");
    const scene = await place.open();
    onTestFinished(() => scene.store?.close());
    expect(await mend(scene, await examine(scene))).toEqual([
      `Closed ${own.spoolDir} to others (mode 0755 -> 0700).`,
      `Removed 1 paste files from ${own.pasteDir}.`,
      `Made ${join(homeOf(box, 1), "projects")}.`,
      `Removed the stray link ${box.slot}.cf-flip-0123456789ab.`,
    ]);
    expect(troubles(await lookAt(place))).toEqual(["homeModes warn"]);
    expect(existsSync(join(own.spoolDir, "ccl-1-api.Stop.77"))).toBe(true);
  });

  test("makes no link in any home while one of them has a problem", async () => {
    const place = await makeHealthy();
    const { box } = place;
    unlinkSync(join(homeOf(box, 0), "file-history"));
    unlinkSync(join(homeOf(box, 0), "projects"));
    mkdirSync(join(homeOf(box, 0), "projects"));
    const before = await contentOf(box.home);
    const scene = await place.open();
    onTestFinished(() => scene.store?.close());
    expect(await mend(scene, await examine(scene))).toEqual([]);
    expect(await contentOf(box.home)).toEqual(before);
  });

  test("makes no home: one that is missing may be on a disk that is not mounted", async () => {
    const place = await makeHealthy();
    const { box } = place;
    unlinkSync(join(homeOf(box, 0), "file-history"));
    renameSync(homeOf(box, 1), `${homeOf(box, 1)}-away`);
    const scene = await place.open();
    onTestFinished(() => scene.store?.close());
    expect(await mend(scene, await examine(scene))).toEqual([
      `Made ${join(homeOf(box, 0), "file-history")}.`,
    ]);
    expect(existsSync(homeOf(box, 1))).toBe(false);
  });

  test("leaves a temp link alone that may belong to a flip under way", async () => {
    const place = await makeHealthy();
    symlinkSync("/nowhere", `${place.box.slot}.cf-flip-1`);
    symlinkSync("/nowhere", `${place.box.slot}.cf-flip-2`);
    setTime(`${place.box.slot}.cf-flip-1`, -2 * MINUTE_MS);
    const scene = await place.open();
    onTestFinished(() => scene.store?.close());
    expect(await mend(scene, await examine(scene))).toEqual([]);
  });
});
