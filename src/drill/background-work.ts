import { readdirSync, readFileSync } from "node:fs";

/** A length nobody else sleeps for, so that the process is found again by it. */
const SECONDS = `8${process.pid}`;

/** What the model asks the client to leave running in the background. */
export const BACKGROUND_TOOL = {
  name: "Bash",
  input: {
    command: `sleep ${SECONDS}`,
    description: "Wait in the background",
    run_in_background: true,
  },
} as const;

/** The pid of that background process, or null while it does not run. */
export function backgroundPid(): number | null {
  const found = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isSleeper(name));
  return found === undefined ? null : Number(found);
}

function isSleeper(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${SECONDS}\0`;
  } catch {
    return false;
  }
}
