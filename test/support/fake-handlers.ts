import type { ActionJson, EventJson, HistoryJson, StatusJson } from "../../src/api/contract.ts";
import type { ControlHandlers } from "../../src/api/control-routes.ts";
import type { EventHandlers } from "../../src/api/event-routes.ts";
import type { ApiHandlers } from "../../src/api/server.ts";
import type { UsageJson } from "../../src/api/usage-contract.ts";
import type { StatusHandlers } from "../../src/api/status-routes.ts";

export const STATUS: StatusJson = {
  schema: 1,
  daemon: { running: true, pid: 7, version: "0.0.0", paused: false, startedAt: null },
  client: null,
  activeAccount: "one",
  slots: [],
  held: null,
  pinned: null,
  proposal: null,
  accounts: [],
  sessions: [],
  decision: null,
  lastSwitchover: null,
};

export const DONE: ActionJson = { schema: 1, done: true, text: "Done." };

/** Handlers that record what they were asked, and a log of events that can grow. */
export class FakeHandlers implements StatusHandlers, EventHandlers, ControlHandlers {
  readonly areas: ApiHandlers = { status: this, events: this, control: this };
  readonly asked: unknown[] = [];
  readonly log: EventJson[] = [];
  readonly #listeners = new Set<(event: EventJson) => void>();
  /** Called when the log is read, before it is. */
  beforeEvents: () => void = () => undefined;

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Appends so many events and tells them to who listens. */
  happen(count = 1): void {
    for (let each = 0; each < count; each += 1) {
      const seq = this.log.length + 1;
      const event = { seq, at: "2026-11-20T12:00:00.000Z", type: "test", data: { seq } };
      this.log.push(event);
      for (const listener of this.#listeners) listener(event);
    }
  }

  status(): StatusJson {
    this.asked.push("status");
    return STATUS;
  }

  usage(since: number): UsageJson {
    this.asked.push({ since });
    return { schema: 1, accounts: [] };
  }

  history(options: { id: number | null; limit: number }): HistoryJson {
    this.asked.push(options);
    return { schema: 1, entries: [] };
  }

  events({ since, limit }: { since: number; limit: number }): EventJson[] {
    this.asked.push({ since, limit });
    this.beforeEvents();
    return this.log.filter(({ seq }) => seq > since).slice(0, limit);
  }

  onEvent(listener: (event: EventJson) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  async switchover(options: { to: string | null; dryRun: boolean }): Promise<ActionJson> {
    this.asked.push(options);
    return Promise.resolve(DONE);
  }

  pause(): ActionJson {
    this.asked.push("pause");
    return DONE;
  }

  resume(): ActionJson {
    this.asked.push("resume");
    return DONE;
  }

  async recover(options: { dryRun: boolean }): Promise<ActionJson> {
    this.asked.push(options);
    return Promise.resolve(DONE);
  }
}
