import type { SessionJson } from "../api/contract.ts";
import { harmless } from "../config/problem.ts";
import { cutEnd, cutStart } from "../top/text.ts";
import { accountText } from "../api/session-view.ts";
import { noteLines, toneOf } from "./status-text.ts";
import { painter, span, table, wrapped, type Look } from "./table.ts";

/** `sessions` for people: who does what where, then the conversations. Pure. */
export function sessionsText(sessions: readonly SessionJson[], options: Look): string {
  if (sessions.length === 0) return "No session is known.\n";
  const paint = painter(options.color);
  const columns = options.columns ?? Infinity;
  const work = sessions.map((session) => {
    const { name, kind, state, since, task, cwd } = session;
    return [
      name,
      kind,
      paint(toneOf(state), state),
      span(options.now - Date.parse(since)),
      accountText(session),
      task === null ? "-" : `#${task}`,
      harmless(cwd),
    ];
  });
  const talk = sessions.map(({ name, pid, claudeVersion, model, sessionId }) => [
    name,
    pid === null ? "-" : String(pid),
    claudeVersion ?? "-",
    model ?? "-",
    sessionId ?? "unknown",
  ]);
  const lines = [
    table(["SESSION", "KIND", "STATE", "SINCE", "ACCOUNT", "TASK", "FOLDER"], work, {
      columns,
      cut: cutStart,
    }),
    "",
    table(["SESSION", "PID", "VERSION", "MODEL", "ID"], talk, { columns, cut: cutEnd }),
  ];
  const notes = noteLines(sessions).flatMap((line) => wrapped(line, columns));
  return `${[...lines, ...(notes.length === 0 ? [] : ["", ...notes])].join("\n")}\n`;
}
