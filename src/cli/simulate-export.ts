import { writeFile } from "node:fs/promises";
import { systemClock } from "../clock.ts";
import { errnoOf, EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { traceOf } from "../simulate/recorded.ts";
import { formatTrace } from "../simulate/trace.ts";
import { openStoreForReading } from "../store/store.ts";
import { ownPlaces } from "./context.ts";

/**
 * Writes what was recorded of one's own usage as a trace to `file`, `-` for standard output. Replaces
 * nothing. Throws CF_SIMULATE_EXPORT where the file cannot be made, CF_STORE_*.
 */
export async function exportTrace(file: string): Promise<ExitStatus> {
  const store = openStoreForReading(ownPlaces().database, systemClock);
  try {
    const accounts = (store?.accounts.list() ?? []).map(({ name }) => ({
      name,
      readings: store?.usage.recent(name, 0) ?? [],
    }));
    const trace = traceOf(accounts);
    if (trace.turns.length === 0) {
      process.stderr.write("No usage was recorded yet: no client has told two percentages.\n");
      return EXIT.nothingToDo;
    }
    const text = [...formatTrace(trace)].join("");
    if (file === "-") process.stdout.write(text);
    else await create(file, text);
    return EXIT.done;
  } finally {
    store?.close();
  }
}

async function create(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600 });
  } catch (thrown) {
    const code = errnoOf(thrown);
    const why = code === "EEXIST" ? "is there already" : `cannot be made (${code ?? "unknown"})`;
    throw new FailoverError("CF_SIMULATE_EXPORT", `${file} ${why}.`, { cause: thrown });
  }
}
