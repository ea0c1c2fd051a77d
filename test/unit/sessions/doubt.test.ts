import { describe, expect, it } from "vitest";
import { parseSessionFile, type SessionFile } from "../../../src/claude/session-files.ts";
import { doubtOf } from "../../../src/sessions/doubt.ts";

const AT = 1_000;

function client(pid: number, changes: Record<string, unknown> = {}): SessionFile {
  const all = { pid, sessionId: "id-1", kind: "interactive", startedAt: AT, ...changes };
  const file = parseSessionFile(JSON.stringify(all));
  if (file === null) throw new Error("no session file");
  return file;
}

describe("whether it can be told which conversation a session has", () => {
  const sessionId = "id-1";
  it.each<
    readonly [string, readonly SessionFile[], Partial<Parameters<typeof doubtOf>[0]>, RegExp]
  >([
    [
      "two clients in its pane",
      [client(1), client(2, { sessionId: "id-2" })],
      {},
      /in its pane: processes 1, 2/,
    ],
    [
      "a second client of its conversation",
      [client(1)],
      { clients: [] },
      /several clients: processes 1, 9/,
    ],
    [
      "a second client of a kind that we do not know",
      [client(1), client(2, { kind: undefined })],
      {},
      /in its pane: processes 1, 2/,
    ],
    [
      "a file that was written after its hooks, however long ago its client began",
      [client(1, { sessionId: "id-2", statusUpdatedAt: AT + 1 })],
      { heardAt: AT },
      /runs conversation id-2/,
    ],
    [
      "another conversation in its pane",
      [client(1, { sessionId: "id-2" })],
      {},
      /runs conversation id-2/,
    ],
  ])("not with %s", (_what, clients, changes, why) => {
    const all = _what.startsWith("a second") ? [...clients, client(9)] : clients;
    expect(doubtOf({ sessionId, heardAt: 0, had: () => false, clients, ...changes }, all)).toMatch(
      why,
    );
  });

  it.each<readonly [string, readonly SessionFile[], Partial<Parameters<typeof doubtOf>[0]>]>([
    ["one client that has it", [client(1)], {}],
    ["no client", [], {}],
    ["a client in the background", [client(1), client(2, { kind: "bg" })], {}],
    ["a file that is older than its hooks", [client(1, { sessionId: "id-2" })], { heardAt: AT }],
    [
      "a file that names what it left",
      [client(1, { sessionId: "id-0" })],
      { had: (id) => id === "id-0" },
    ],
    ["no hook that told one", [client(1)], { sessionId: null }],
  ])("with %s", (_what, clients, changes) => {
    expect(
      doubtOf({ sessionId, heardAt: 0, had: () => false, clients, ...changes }, clients),
    ).toBeNull();
  });
});
