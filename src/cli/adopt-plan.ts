import { usersProblems } from "../accounts/adopt/apply.ts";
import { openAdoptions } from "../accounts/adopt/journal.ts";
import type { AdoptPlan, OnProgress } from "../accounts/adopt/model.ts";
import { surveyAdopt, type AdoptRequest } from "../accounts/adopt/survey.ts";
import { SCHEMA } from "../api/contract.ts";
import type { Obstacle, PlanJson } from "./adopt-json.ts";

/**
 * What `adopt` would do and everything that stands in its way. Changes nothing.
 *
 * @param options `daemon` is one sentence when a daemon runs, null otherwise.
 */
export async function makePlan(options: {
  readonly request: AdoptRequest;
  readonly daemon: string | null;
  readonly socket: string;
  readonly onProgress: OnProgress;
}): Promise<PlanJson> {
  const { request, daemon, socket, onProgress } = options;
  const open = openAdoptions(request.root).map(({ begun, phase, directory }) => ({
    stamp: begun.stamp,
    phase,
    directory,
  }));
  const survey = await surveyAdopt(request, onProgress);
  // A broken-off adoption is gone on with, whatever else there is to do.
  const resumes = open.some(({ phase }) => phase === "joining");
  const problems: Obstacle[] = [
    ...(resumes ? [] : survey.problems),
    ...usersProblems(directoriesOf(survey), {}),
    ...(daemon === null ? [] : [{ code: "daemonRuns" as const, path: socket, text: daemon }]),
  ];
  const { slotMove, root, counts } = survey;
  return {
    schema: SCHEMA,
    action: "plan",
    ready: problems.length === 0,
    root,
    slotMove: slotMove === null ? null : { slot: slotMove.slot, home: slotMove.home },
    open,
    pairs: counts,
    problems,
  };
}

/** Where nobody may work meanwhile. */
function directoriesOf({ slotMove, pairs }: AdoptPlan): string[] {
  const slot = slotMove === null ? [] : [slotMove.slot, slotMove.home];
  return [...new Set([...slot, ...pairs.flatMap(({ home, target }) => [home, target])])];
}
