import { readdirSync } from "node:fs";
import { relative } from "node:path";
import { expect } from "vitest";
import { daemonRig, type CallChanges, type DaemonRig } from "./daemon-rig.ts";
import { snapshot } from "./snapshot.ts";

/** Something that is wrong before the daemon is started, and what it must say of it. */
export interface BadStart {
  /** Puts it wrong; what it returns changes how the daemon is started. */
  readonly arrange: (rig: DaemonRig) => CallChanges | void | Promise<CallChanges | void>;
  /** 1 unless told. */
  readonly status?: number;
  /** The whole sentence or lines, without `Error: `; `~` stands for the HOME. */
  readonly says: RegExp;
  readonly hint: RegExp;
  /** How many lines the error has; 1 unless told. */
  readonly lines?: number;
}

/**
 * Starts a daemon that cannot run: it must end by itself, say why in one sentence and what to do in
 * another, and leave the disk, tmux and the socket as they were. Its own state folder may be made.
 */
export async function expectRefusedStart(bad: BadStart): Promise<void> {
  await using rig = await daemonRig({ sessions: ["api"] });
  const changes = (await bad.arrange(rig)) ?? {};
  const before = await outside(rig);
  const { status, stdout, stderr } = await rig.call(["run"], changes);
  const lines = stderr.replaceAll(rig.box.home, "~").trimEnd().split("\n");
  const hint = lines.pop() ?? "";
  expect(lines.join("\n").replace(/^Error: /, "")).toMatch(bad.says);
  expect(hint.replace(/^Try: /, "")).toMatch(bad.hint);
  expect([lines.length, lines[0]?.slice(0, 7), hint.slice(0, 5)]).toEqual([
    bad.lines ?? 1,
    "Error: ",
    "Try: ",
  ]);
  expect({ status, stdout }).toEqual({ status: bad.status ?? 1, stdout: "" });
  expect(await outside(rig)).toEqual(before);
  expect(readdirSync(rig.box.tmuxDir)).toEqual([]);
}

/** The disk without what is the daemon's own. */
async function outside(rig: DaemonRig): Promise<Record<string, string>> {
  const { stateDir, runtimeDir } = rig.places;
  const own = [stateDir, runtimeDir].map((path) => relative(rig.box.root, path));
  const all = await snapshot(rig.box.root);
  const isOurs = (path: string): boolean =>
    own.some((each) => path === each || `${each}/`.startsWith(`${path}/`)) ||
    path.startsWith(`${own[0]}/`);
  return Object.fromEntries(Object.entries(all).filter(([path]) => !isOurs(path)));
}
