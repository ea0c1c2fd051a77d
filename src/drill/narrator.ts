import type { EventJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";

/** Tells a rehearsal as it happens: one line each, with the milliseconds since it began. */
export class Narrator {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #write: (line: string) => void;

  constructor(clock: Clock, write: (line: string) => void) {
    this.#clock = clock;
    this.#start = clock.monotonic();
    this.#write = write;
  }

  say(text: string): void {
    const elapsed = Math.round(this.#clock.monotonic() - this.#start);
    this.#write(`${String(elapsed).padStart(6)} ms  ${text}\n`);
  }

  /** An event of the daemon, if a spectator wants to hear of it. */
  event({ type, data }: EventJson): void {
    const words = sentence(type, (data ?? {}) as Record<string, unknown>);
    if (words !== null) this.say(words);
  }
}

function sentence(type: string, data: Record<string, unknown>): string | null {
  const word = (key: string): string => {
    const value = data[key];
    return typeof value === "string" || typeof value === "number" ? String(value) : "?";
  };
  switch (type) {
    case "daemon.started":
      return `daemon ${word("pid")} is up`;
    case "session.started":
      return `  ${word("session")}: client is up (${word("source")}), session ${word("sessionId")}`;
    case "session.adopted":
      return `  ${word("session")}: found running, adopted`;
    case "session.dead":
    case "session.notStarted":
    case "session.notContinued":
    case "fault":
      return `! ${word("session")}: ${type} ${word("text")} ${word("proof")}`;
    case "refusal":
      return `  ${word("session")}: ${word("class")} on ${word("account")}, told by ${word("channel")}`;
    case "decision":
      return data.kind === "stay" ? null : `decision: ${word("text")} (${word("code")})`;
    case "switchover.started":
      return `${word("cause")} to ${word("to")} begins`;
    case "switchover.committed":
      return `switchover ${word("id")} from ${word("from")} to ${word("to")} is committed`;
    case "switchover.refused":
    case "switchover.rolledBack":
    case "switchover.held":
      return `! ${type}: ${word("text")}`;
    case "session.relaunched":
      return `  ${word("session")}: ended after ${word("endedMs")} ms, resumed after ${word("totalMs")} ms under ${word("account")}`;
    case "session.continued":
      return `  ${word("session")}: keys after ${word("keysAfterMs")} ms, taken after ${word("continuedMs")} ms, prompt ${word("proof")}`;
    default:
      return null;
  }
}
