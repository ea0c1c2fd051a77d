import { nodeSlotFs, type SlotFs } from "../../src/switchover/slot-fs.ts";

/** The real calls; `before` is told the name of each and may throw instead, `after` as well. */
export function hookedSlotFs(
  before: (name: keyof SlotFs) => void,
  after: (name: keyof SlotFs) => void = () => {},
): SlotFs {
  const hook =
    <Args extends unknown[], Result>(name: keyof SlotFs, call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      before(name);
      const result = call(...args);
      after(name);
      return result;
    };
  return {
    look: hook("look", nodeSlotFs.look),
    readlink: hook("readlink", nodeSlotFs.readlink),
    realpath: hook("realpath", nodeSlotFs.realpath),
    isDirectory: hook("isDirectory", nodeSlotFs.isDirectory),
    symlink: hook("symlink", nodeSlotFs.symlink),
    rename: hook("rename", nodeSlotFs.rename),
    unlink: hook("unlink", nodeSlotFs.unlink),
    list: hook("list", nodeSlotFs.list),
    setTimes: hook("setTimes", nodeSlotFs.setTimes),
    openDirectory: hook("openDirectory", nodeSlotFs.openDirectory),
  };
}

/** An error as the system throws it. */
export function systemError(errno: string, call: string): Error {
  return Object.assign(new Error(`${errno}: ${call}`), { code: errno, syscall: call });
}
