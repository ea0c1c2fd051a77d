import { relative } from "node:path";
import { expect } from "vitest";
import { daemonRig, type CallChanges, type DaemonRig } from "./daemon-rig.ts";
import { snapshot } from "./snapshot.ts";

/** Something that is wrong before the daemon is started, and what it must say of it. */
export interface BadStart {
  /** Puts it wrong; what it returns changes how the daemon is started. */
  readonly arrange: (rig: DaemonRig) => CallChanges | void | Promise<CallChanges | void>;
  /** Behind `run`. */
  readonly args?: readonly string[];
  /** 1 unless told. */
  readonly status?: number;
  /** The whole sentence or lines, without `Error: `; `~` stands for the HOME. */
  readonly says: RegExp;
  readonly hint: RegExp;
  /** How many lines the error has; 1 unless told. */
  readonly lines?: number;
  /** It shows late, when homes and slot are made ready: those may be there. */
  readonly isLate?: true;
}

/**
 * Starts a daemon that cannot run: it must end by itself, say why in one sentence and what to do in
 * another, and leave the disk, tmux and the socket as they were. Its own state folder may be made.
 */
export async function expectRefusedStart(bad: BadStart): Promise<void> {
  await using rig = await daemonRig({ sessions: ["api"] });
  const changes = (await bad.arrange(rig)) ?? {};
  const before = await snapshot(rig.box.root);
  const { status, stdout, stderr } = await rig.call(["run", ...(bad.args ?? [])], changes);
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
  const after = await snapshot(rig.box.root);
  const isNew = (path: string): boolean => !(path in before) && !isOwn(rig, path);
  expect(after).toMatchObject(before);
  if (!bad.isLate) expect(Object.keys(after).filter(isNew)).toEqual([]);
}

/** Whether a path below the sandbox's root is, or leads to, a folder of the daemon's own. */
function isOwn({ box, places }: DaemonRig, path: string): boolean {
  const { stateDir, runtimeDir } = places;
  return [stateDir, runtimeDir].some((folder) => {
    const own = relative(box.root, folder);
    return `${own}/`.startsWith(`${path}/`) || (folder === stateDir && path.startsWith(`${own}/`));
  });
}
