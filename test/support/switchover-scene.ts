import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { SHARED_SLOT } from "../../src/policy/slot.ts";
import { openStore, openStoreForReading, type Store } from "../../src/store/store.ts";
import type { Stage } from "../../src/store/switchovers.ts";
import { readHeld } from "../../src/switchover/held.ts";
import { strays } from "../../src/switchover/slot.ts";

const NAMES = ["one", "two"] as const;
const LOCKS = ["one.lock", "two.lock", "one/.oauth_refresh.lock", "two/.oauth_refresh.lock"];

/** A slot of its own that a scene may have beside the shared one: then it is the one that is moved. */
const OWN_SLOT = "api";

/** The link that is moved in the scene. */
export function movedSlot(folder: string): { readonly name: string; readonly path: string } {
  const own = join(folder, "slots", OWN_SLOT);
  return existsSync(dirname(own))
    ? { name: OWN_SLOT, path: own }
    : { name: SHARED_SLOT, path: join(folder, "slot") };
}

/** A HOME with two account homes and slots that lead to `one`; the caller removes it. */
export function makeScene({ own = false } = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cf-crash-")));
  for (const name of NAMES) {
    const home = join(folder, name);
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, ".credentials.json"), `{"of":"${name}"}`, { mode: 0o600 });
    utimesSync(join(home, ".credentials.json"), 1_000, 1_000);
  }
  if (own) mkdirSync(join(folder, "slots"));
  const slots = [{ name: SHARED_SLOT, path: join(folder, "slot") }, movedSlot(folder)];
  const store = openStore(join(folder, "state", "state.sqlite"), systemClock);
  for (const { name, path } of slots.slice(own ? 0 : 1)) {
    symlinkSync(join(folder, "one"), path);
    store.periods.of(name).begin("one", systemClock.now());
  }
  store.close();
  return folder;
}

export function removeScene(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Locks that a killed process left must look abandoned soon: nobody touches them. This makes the
 * time pass, and says which locks claim to be younger than now.
 */
export function ageLocks(folder: string): string[] {
  const problems: string[] = [];
  for (const lock of LOCKS) {
    const stats = lstatSync(join(folder, lock), { throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (stats.mtimeMs > systemClock.now() + 1_000) problems.push(`${lock} will not age`);
    const past = systemClock.now() / 1000 - 120;
    utimesSync(join(folder, lock), past, past);
  }
  return problems;
}

/** What must hold the very moment a process dies, before any recovery. */
export function problemsAtDeath(folder: string): string[] {
  const problems: string[] = [];
  const linked = slotAccount(folder);
  if (linked === null) problems.push("the slot is no link to one of the two homes");
  for (const name of NAMES) {
    const text = readFileSync(join(folder, name, ".credentials.json"), "utf8");
    if (text !== `{"of":"${name}"}`) problems.push(`the login of ${name} was changed`);
  }
  withStore(folder, (store) => {
    const active = store.periods.of(movedSlot(folder).name).active()?.account;
    const open = store.switchovers.open();
    const hasIntent = open?.steps.some(({ step }) => step === "flip") ?? false;
    if (linked !== active && !hasIntent) problems.push("the link was moved without an intent");
    const unverified: readonly Stage[] = ["planned", "locked", "flipped", "rollingBack"];
    if (open !== null && unverified.includes(open.stage) && active !== open.from) {
      problems.push(`${active} is recorded as active at ${open.stage}`);
    }
  });
  return problems;
}

/** What must hold after a recovery. */
export function problemsAfterRecovery(folder: string): string[] {
  const slot = movedSlot(folder);
  const problems = strays(slot.path).map((path) => `stray ${path}`);
  withStore(folder, (store) => {
    const active = store.periods.of(slot.name).active()?.account;
    if (slot.name !== SHARED_SLOT) problems.push(...movedBeside(folder, store));
    const held = readHeld(store);
    if (held !== null) problems.push(`held: ${held.message}`);
    if (slotAccount(folder) !== active) problems.push(`${active} is recorded, not linked`);
    if (store.switchovers.open() !== null) problems.push("a switchover is still open");
    const entries = store.switchovers.list(1_000);
    const last = entries[0];
    const ended = last?.outcome === "committed" ? last.to : last?.from;
    if (last !== undefined && ended !== active) problems.push(`${last.outcome}, but ${active}`);
    const prompts = [...promptsOf(folder, "a"), ...promptsOf(folder, "b")];
    const times = new Map<string, number>();
    for (const prompt of prompts) times.set(prompt, (times.get(prompt) ?? 0) + 1);
    for (const entry of entries) {
      for (const step of entry.steps) {
        if (step.endedAt === null) problems.push(`step ${step.step} of ${entry.id} has no end`);
      }
      const wanted = entry.outcome === "committed" ? 1 : 0;
      for (const { name } of entry.sessions) {
        const said = times.get(`${entry.id}:${name}`) ?? 0;
        if (said !== wanted) problems.push(`${said} prompts of ${entry.id}:${name}`);
      }
    }
  });
  const projects = readdirSync(join(folder, ".claude-projects-shared"), { recursive: true });
  const known = ["id-a.jsonl", "id-b.jsonl"];
  for (const file of projects) {
    if (!known.includes(String(file))) problems.push(`a second transcript ${String(file)}`);
  }
  for (const name of NAMES) {
    const link = readlinkSync(join(folder, name, "projects"));
    if (link !== join(folder, ".claude-projects-shared")) problems.push(`${name} is not shared`);
  }
  return problems;
}

/** The shared slot, where another one is moved, stays where it is. */
function movedBeside(folder: string, store: Store): string[] {
  const isMoved = readlinkSync(join(folder, "slot")) !== join(folder, "one");
  const periods = store.periods.list();
  return [
    ...(isMoved ? ["the shared slot was moved"] : []),
    ...(periods.length === 1 ? [] : [`${periods.length} periods of the shared slot`]),
  ];
}

export function outcomeOf(folder: string): string | null {
  let outcome: string | null = null;
  withStore(folder, (store) => {
    outcome = store.switchovers.latest()?.outcome ?? null;
  });
  return outcome;
}

export function slotAccount(folder: string): string | null {
  try {
    const target = readlinkSync(movedSlot(folder).path);
    return NAMES.find((name) => target === join(folder, name)) ?? null;
  } catch {
    return null;
  }
}

function promptsOf(folder: string, name: string): string[] {
  try {
    const transcript = join(folder, ".claude-projects-shared", `id-${name}.jsonl`);
    const lines = readFileSync(transcript, "utf8").trimEnd().split("\n");
    return lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt);
  } catch {
    return [];
  }
}

function withStore(folder: string, look: (store: Store) => void): void {
  const store = openStoreForReading(join(folder, "state", "state.sqlite"), systemClock);
  if (store === null) return;
  try {
    look(store);
  } finally {
    store.close();
  }
}
