import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Notifier } from "../../../src/notify/notifier.ts";
import type { Channel, Message, Sent } from "../../../src/notify/message.ts";
import { NOTIFY_EVENTS, type NotifyEvent } from "../../../src/config/config.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { configFrom } from "../../support/config-text.ts";
import { manualClock, type ManualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MINUTE = 60_000;

/** A channel that is told what to answer, and writes down what it was given. */
class Told implements Channel {
  readonly unusable = null;
  readonly messages: Message[] = [];
  readonly answers: Sent[] = [];
  readonly name: string;
  readonly events: ReadonlySet<NotifyEvent>;
  /** Never answers. */
  isDeaf = false;

  constructor(name: string, events: readonly NotifyEvent[] = NOTIFY_EVENTS) {
    this.name = name;
    this.events = new Set(events);
  }

  async send(message: Message, signal: AbortSignal): Promise<Sent> {
    if (this.isDeaf)
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true }),
      );
    this.messages.push(message);
    return Promise.resolve(this.answers.shift() ?? { ok: true });
  }

  get titles(): string[] {
    return this.messages.map(({ title }) => title);
  }
}

let clock: ManualClock;
let store: Store;
const problems: unknown[] = [];

beforeEach(() => {
  clock = manualClock();
  problems.length = 0;
  store = openStore(join(tempDir(), "state.db"), clock);
  onTestFinished(() => store.close());
});

function notifier(channels: readonly Channel[], notify: object = {}): Notifier {
  const accounts = [{ name: "a", home: "~/.claude-a" }];
  const made = new Notifier({
    config: configFrom(JSON.stringify({ accounts, notify })).notify,
    channels,
    store,
    clock,
    host: "box",
    home: "/home/op",
    random: () => 0,
    onProblem: (...problem) => problems.push(problem),
  });
  made.begin();
  return made;
}

/** Lets time pass in steps, so that what sleeps in between goes on. */
async function pass(ms: number): Promise<void> {
  const step = Math.max(250, ms / 200);
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms - passed));
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

async function ended(which: Notifier): Promise<void> {
  let isEnded = false;
  const end = which[Symbol.asyncDispose]().finally(() => (isEnded = true));
  while (!isEnded) {
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await end;
}

const failover = (id: number): void =>
  void store.emit("switchover.committed", { cause: "failover", id, from: "one", to: "two" });
const busy: Sent = { ok: false, problem: "HTTP 503", retry: true, afterMs: null };

test("what happens is told to every channel that takes it, after it happened", async () => {
  const all = new Told("all");
  const some = new Told("some", ["held"]);
  const made = notifier([all, some], { templates: { failover: "{from} to {to}: {text}" } });
  failover(7);
  expect(all.messages).toEqual([]);
  await pass(1_000);
  expect(all.messages).toMatchObject([
    { event: "failover", title: "Moved from one to two", host: "box", data: { id: 7 } },
  ]);
  expect(all.messages[0]?.text).toMatch(/^one to two: /);
  expect(some.messages).toEqual([]);
  await ended(made);
});

test("the same is told once within its time, and again after it", async () => {
  const channel = new Told("c");
  const made = notifier([channel], { repeat: "10m" });
  const dead = (): void => void store.emit("session.dead", { session: "s", exit: 1, text: "" });
  dead();
  dead();
  await pass(9 * MINUTE);
  dead();
  await pass(MINUTE / 2);
  expect(channel.titles).toEqual(["s ended"]);
  await pass(MINUTE);
  dead();
  await pass(1_000);
  expect(channel.titles).toEqual(["s ended", "s ended"]);
  await ended(made);
});

test("what a channel cannot take is tried again, further and further apart", async () => {
  const channel = new Told("c");
  channel.answers.push(busy, busy, { ...busy, afterMs: 30_000 });
  const made = notifier([channel]);
  failover(1);
  await pass(1_000);
  expect(channel.messages).toHaveLength(1);
  await pass(2_250);
  expect(channel.messages).toHaveLength(2);
  await pass(2_500);
  expect(channel.messages).toHaveLength(2);
  await pass(1_250);
  expect(channel.messages).toHaveLength(3);
  await pass(29_000);
  expect(channel.messages).toHaveLength(3);
  await pass(1_500);
  expect(channel.messages).toHaveLength(4);
  expect(store.notifications.last("c")).toMatchObject({ outcome: "sent" });
  expect(made.deliveries[0]?.counts).toEqual({ sent: 1, failed: 0, retried: 3 });
  await ended(made);
});

test("what will never get there is given up and said", async () => {
  const channel = new Told("c");
  channel.answers.push({ ok: false, problem: "HTTP 404", retry: false, afterMs: null });
  const made = notifier([channel]);
  failover(1);
  await pass(1_000);
  expect(problems).toEqual([["c", "failover", "HTTP 404"]]);
  expect(store.notifications.waiting("c")).toBe(0);
  await ended(made);
});

test("a channel that does not answer holds up neither the others nor the end", async () => {
  const deaf = new Told("deaf");
  deaf.isDeaf = true;
  const channel = new Told("c");
  const made = notifier([deaf, channel]);
  failover(1);
  await pass(1_000);
  expect(channel.messages).toHaveLength(1);
  await pass(20_000);
  expect(store.notifications.waiting("deaf")).toBe(1);
  await ended(made);
});

test("a store that takes nothing any more does not hold up the end", async () => {
  const made = notifier([new Told("c")]);
  failover(1);
  const full = new Error("full");
  store.transaction = () => {
    throw full;
  };
  await ended(made);
  expect(problems).toEqual([["", "", "full"]]);
  expect(clock.sleepers).toBe(0);
});

describe("with more to tell than a channel takes", () => {
  test("no more go than it may take in a minute, the urgent first", async () => {
    const channel = new Told("c");
    const made = notifier([channel], { perMinute: 2 });
    for (let id = 1; id <= 4; id += 1) failover(id);
    store.emit("decision", { kind: "wait", code: "allExhausted", text: "x; every account" });
    await pass(1_000);
    expect(channel.titles).toEqual(["All accounts are exhausted", "Moved from one to two"]);
    await pass(MINUTE);
    expect(channel.messages).toHaveLength(4);
    await ended(made);
  });

  test("the queue stays bounded: the oldest that are not urgent are dropped", async () => {
    const channel = new Told("c");
    const made = notifier([channel], { perMinute: 1 });
    store.emit("decision", { kind: "wait", code: "allExhausted", text: "x; every account" });
    store.transaction(() => {
      for (let id = 1; id <= 600; id += 1) failover(id);
    });
    await pass(1_000);
    expect(channel.titles).toEqual(["All accounts are exhausted"]);
    expect(store.notifications.waiting("c")).toBe(499);
    expect(store.notifications.due("c", clock.now())?.message).toContain('"id":102');
    await ended(made);
  });
});

describe("after a restart", () => {
  test("what waited goes on, and what happened meanwhile is told, nothing twice", async () => {
    const channel = new Told("c");
    const before = notifier([channel]);
    failover(1);
    await pass(1_000);
    channel.answers.push(busy, busy, busy, busy, busy);
    failover(2);
    await pass(1_000);
    await ended(before);
    failover(3);
    const sofar = channel.messages.length;
    channel.answers.length = 0;
    const after = notifier([channel]);
    await pass(MINUTE);
    const ids = channel.messages.slice(sofar).map(({ data }) => (data as { id: number }).id);
    expect(ids.toSorted()).toEqual([2, 3]);
    await ended(after);
  });

  test("what is older than a day is told no more", async () => {
    const channel = new Told("c");
    await ended(notifier([channel]));
    failover(1);
    clock.advance(25 * 60 * MINUTE);
    failover(2);
    const after = notifier([channel]);
    await pass(1_000);
    expect(channel.messages).toMatchObject([{ data: { id: 2 } }]);
    await ended(after);
  });
});

test("what leaves the machine holds no secret, no home folder and no whole address", async () => {
  const channel = new Told("c");
  const made = notifier([channel]);
  const text = "sk-ant-oat01-abcdefgh12345678 of me@example.org in /home/op/src";
  store.emit("account.identity", { account: "a", text });
  await pass(1_000);
  const sent = JSON.stringify(channel.messages);
  expect(channel.messages).toHaveLength(1);
  expect(sent).not.toMatch(/sk-ant|me@example|\/home\/op/);
  await ended(made);
});

test("the last words are told before the end", async () => {
  const channel = new Told("c");
  const made = notifier([channel]);
  store.emit("daemon.stopped", { pid: 7 });
  await ended(made);
  expect(channel.titles).toEqual(["Stopped"]);
});
