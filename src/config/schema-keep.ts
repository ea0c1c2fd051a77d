import { section, whole } from "./values.ts";

const days = (standard: number, description: string) =>
  whole({ min: 1, max: 3_650, description }).default(standard);
const megabytes = (standard: number, description: string) =>
  whole({ min: 1, max: 1_000_000, description }).default(standard);

/** The section `keep`. */
export const keep = section(
  {
    taskDays: days(
      30,
      "Days that finished tasks are kept: files in `done/`, `failed/` and `rejected/`, and what `tasks` shows of them.",
    ),
    taskMb: megabytes(
      500,
      "Megabytes that those files may have in one project; the oldest go first.",
    ),
    checkpointDays: days(14, "Days that checkpoints are kept; the newest of a session stays."),
    evidenceDays: days(90, "Days that refusals are kept, and what tells whose they were."),
    usageDays: days(60, "Days that readings of usage are kept."),
    events: whole({
      min: 1_000,
      max: 10_000_000,
      description: "How many events are kept, the newest.",
    }).default(50_000),
    decisions: whole({
      min: 100,
      max: 1_000_000,
      description: "How many decisions are kept, the newest.",
    }).default(10_000),
    databaseMb: megabytes(
      1_000,
      "Megabytes of the database from which on everything in it is kept for a shorter time, down to a sixteenth.",
    ),
    logMb: megabytes(50, "Megabytes of our own log file, the one before it included."),
  },
  "How much of our own is kept. What is in use is never removed (docs/operations.md).",
);
