import type { SessionRow } from "../../src/store/sessions.ts";

/** A session of which nothing is known yet. */
export const SESSION_ROW: SessionRow = {
  name: "ccl-1",
  kind: "dedicated",
  sessionId: null,
  cwd: "/p",
  slot: "shared",
  account: null,
  paneId: null,
  pid: null,
  clientVersion: null,
  model: null,
  state: "idle",
  strategy: "hot",
  transcriptPath: null,
  startedAt: null,
  since: 0,
  held: false,
};
