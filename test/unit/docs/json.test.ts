import { describe, expect, test } from "vitest";
import { SCHEMA, SESSION_NOTES } from "../../../src/api/contract.ts";
import { LIMITATION_CODES, REASON_CODES } from "../../../src/policy/model.ts";
import {
  ACCOUNT_STATES,
  ADOPTION,
  HISTORY,
  PLANNED,
  REFUSED,
  DRILLS,
  REPORT,
  SESSION_STATES,
  SIMULATION,
  STATUS,
  WHY,
} from "./json-examples.ts";
import { TASK_WAITS } from "../../../src/policy/task-wait.ts";
import { CHECKPOINTS, CLEANED, TASK_SHOWN, TASKS } from "./json-examples-tasks.ts";
import { blocks, read, sections, tableRows } from "./read-docs.ts";

const page = read("docs/json.md");

describe("docs/json.md", () => {
  test("shows examples that the contract allows", () => {
    const shown = blocks(page, "json").map((text): unknown => JSON.parse(text));
    expect(shown).toEqual([
      STATUS,
      HISTORY,
      WHY,
      TASKS,
      TASK_SHOWN,
      CHECKPOINTS,
      CLEANED,
      REFUSED,
      PLANNED,
      ADOPTION,
      SIMULATION,
      REPORT,
      DRILLS,
    ]);
    expect(page).toContain(`\`schema\` is ${SCHEMA}.`);
  });

  test("explains every state of an account and of a session", () => {
    const states = [...Object.keys(ACCOUNT_STATES), ...Object.keys(SESSION_STATES)];
    expect(firstCells("States")).toEqual(states);
  });

  test("explains every note of a session", () => {
    expect(firstCells("Session notes").toSorted()).toEqual([...SESSION_NOTES].toSorted());
  });

  test("explains everything that a task may wait for", () => {
    expect(firstCells("What a task waits for").toSorted()).toEqual([...TASK_WAITS].toSorted());
  });

  test("explains every limitation", () => {
    expect(firstCells("Limitations").toSorted()).toEqual([...LIMITATION_CODES].toSorted());
  });

  test("explains every reason of a decision", () => {
    expect(firstCells("Decisions").toSorted()).toEqual([...REASON_CODES].toSorted());
  });
});

function firstCells(heading: string): string[] {
  const section = sections(page, 3).find((each) => each.heading === heading);
  return tableRows(section?.body ?? "").map(([cell = ""]) => cell.replaceAll("`", ""));
}
