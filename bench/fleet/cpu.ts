import { readdirSync, readFileSync } from "node:fs";

/** The processor time of all threads of a process, milliseconds. */
export function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + ranFor(`/proc/${pid}/task/${thread}/schedstat`), 0);
}

/** The processor time of everything on the machine, milliseconds; in steps of 10. */
export function cpuOfMachine(): number {
  const [, user, nice, system, , , irq, softirq] = (
    readFileSync("/proc/stat", "utf8").split("\n")[0] ?? ""
  ).split(/\s+/);
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

/** Megabytes resident. */
export function rssOf(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb) / 1024);
}

function ranFor(schedstat: string): number {
  try {
    return Number(readFileSync(schedstat, "latin1").split(" ")[0]) / 1e6;
  } catch {
    return 0; // The thread has ended.
  }
}
