import { expect, test } from "vitest";
import { NEXT_TASK_STATES, statesBefore } from "../../../src/dispatch/states.ts";
import { TASK_STATES } from "../../../src/store/tasks.ts";

test("the table of states is closed", () => {
  expect(Object.keys(NEXT_TASK_STATES).toSorted()).toEqual([...TASK_STATES].toSorted());
});

test.each([
  ["delivered", ["assigned"]],
  ["done", ["delivered"]],
  ["assigned", ["queued", "requeued"]],
  ["requeued", ["assigned", "delivered", "failed", "cancelled"]],
  ["failed", ["queued", "assigned", "delivered", "requeued"]],
  ["cancelled", ["queued", "assigned", "delivered", "requeued"]],
  ["queued", []],
] as const)("%s comes after nothing else than these", (state, before) => {
  expect(statesBefore(state).toSorted()).toEqual([...before].toSorted());
});
