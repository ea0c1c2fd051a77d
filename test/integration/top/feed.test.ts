import type { Server } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { StatusJson } from "../../../src/api/contract.ts";
import type { DispatchHandlers } from "../../../src/api/dispatch-routes.ts";
import { listen } from "../../../src/api/listen.ts";
import { apiApp, type ApiHandlers } from "../../../src/api/server.ts";
import { FailoverError } from "../../../src/errors.ts";
import { runFeed, type Look } from "../../../src/top/feed.ts";
import { FakeHandlers, STATUS } from "../../support/fake-handlers.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SOON = { timeout: 10_000, interval: 5 };
const ON_DISK: StatusJson = { ...STATUS, daemon: { ...STATUS.daemon, running: false, pid: null } };

/** A daemon whose status may fail. */
class Daemon extends FakeHandlers {
  override readonly areas: ApiHandlers = {
    status: this,
    events: this,
    control: this,
    tasks: {
      tasks: () => ({ schema: 1, lastEvent: this.log.length, tasks: [] }),
    } as unknown as DispatchHandlers,
  };
  fault: Error | null = null;

  override status(): StatusJson {
    if (this.fault !== null) throw this.fault;
    return super.status();
  }

  get looks(): number {
    return this.asked.filter((each) => each === "status").length;
  }
}

async function end(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A feed of a daemon that may come and go. */
function watched(fromDisk: () => Promise<StatusJson> = async () => Promise.resolve(ON_DISK)) {
  const socket = join(tempDir(), "api.sock");
  const clock = manualClock();
  const looks: Look[] = [];
  const events: number[] = [];
  const stop = new AbortController();
  const start = async (daemon: Daemon): Promise<Server> => {
    const server = await listen(apiApp(daemon.areas), socket);
    onTestFinished(async () => end(server));
    return server;
  };
  const run = async (): Promise<void> =>
    runFeed({
      socket,
      clock,
      signal: stop.signal,
      fromDisk,
      onLook: (look) => looks.push(look),
      onEvent: ({ seq }) => events.push(seq),
    });
  onTestFinished(() => stop.abort());
  /** What was told last, once time has passed. */
  const tells = async (kind: string): Promise<void> =>
    vi.waitFor(() => {
      clock.advance(1_000);
      expect(looks.at(-1)?.connection).toMatchObject({ kind });
    }, SOON);
  return { socket, clock, looks, events, stop, start, run, tells };
}

test("tells the last 200 events once each, and what happens, until it is stopped", async () => {
  const { looks, events, stop, start, run } = watched();
  const daemon = new Daemon();
  daemon.happen(250);
  await start(daemon);
  const running = run();
  await vi.waitFor(() => expect(events.at(-1)).toBe(250), SOON);
  daemon.happen(2);
  await vi.waitFor(() => expect(events.at(-1)).toBe(252), SOON);
  expect(events).toEqual(Array.from({ length: 202 }, (_, index) => index + 51));
  expect(looks).toEqual([{ status: STATUS, tasks: [], connection: { kind: "live" } }]);
  stop.abort();
  await running;
  await expect.poll(() => daemon.listeners).toBe(0);
});

test("looks once for the events of one moment, and every 10 s without one", async () => {
  const { clock, looks, events, start, run } = watched();
  const daemon = new Daemon();
  await start(daemon);
  void run();
  await vi.waitFor(() => expect(daemon.listeners).toBe(1), SOON);
  daemon.happen(3);
  await vi.waitFor(() => expect(events).toEqual([1, 2, 3]), SOON);
  clock.advance(150);
  await vi.waitFor(() => expect(looks).toHaveLength(2), SOON);
  await vi.waitFor(() => expect(clock.sleepers).toBe(1), SOON);
  clock.advance(9_999);
  expect([daemon.looks, clock.sleepers]).toEqual([2, 1]);
  clock.advance(1);
  await vi.waitFor(() => expect(clock.sleepers).toBe(1), SOON);
  clock.advance(150);
  await vi.waitFor(() => expect(looks).toHaveLength(3), SOON);
});

test("tells what the disk shows when the daemon ends, and misses nothing when it is back", async () => {
  const { socket, looks, events, start, run, tells } = watched();
  const daemon = new Daemon();
  daemon.happen(2);
  const server = await start(daemon);
  void run();
  await vi.waitFor(() => expect(events).toEqual([1, 2]), SOON);
  await end(server);
  await tells("down");
  const connection = { kind: "down", message: `No daemon listens on ${socket}.` };
  expect(looks.at(-1)).toMatchObject({ status: ON_DISK, connection });
  daemon.happen(3);
  await start(daemon);
  await tells("live");
  await vi.waitFor(() => expect(events).toEqual([1, 2, 3, 4, 5]), SOON);
});

test("begins anew with a state folder that was made anew", async () => {
  const { events, start, run, tells } = watched();
  const daemon = new Daemon();
  daemon.happen(4);
  const server = await start(daemon);
  void run();
  await vi.waitFor(() => expect(events).toEqual([1, 2, 3, 4]), SOON);
  await end(server);
  await tells("down");
  const other = new Daemon();
  other.happen(2);
  await start(other);
  await tells("live");
  await vi.waitFor(() => expect(events).toEqual([1, 2, 3, 4, 1, 2]), SOON);
});

test("tells the fault of a look as it is, and looks again", async () => {
  const { start, run, looks, events, tells } = watched();
  const daemon = new Daemon();
  await start(daemon);
  void run();
  await vi.waitFor(() => expect(daemon.listeners).toBe(1), SOON);
  daemon.fault = new FailoverError("CF_STORE_FULL", "The disk is full.");
  daemon.happen();
  await vi.waitFor(() => expect(events).toEqual([1]), SOON);
  await tells("down");
  expect(looks.at(-1)?.connection).toMatchObject({ message: "The disk is full." });
  daemon.fault = null;
  await tells("live");
});

test("throws what the disk says at first; later it only tells less", async () => {
  const fault = new FailoverError("CF_STORE_FULL", "The disk cannot be read.");
  const { run } = watched(async () => Promise.reject(fault));
  await expect(run()).rejects.toBe(fault);
  const later = watched(async () => Promise.reject(fault));
  const server = await later.start(new Daemon());
  void later.run();
  await later.tells("live");
  await end(server);
  await later.tells("down");
  expect(later.looks.at(-1)?.status).toBeNull();
});
