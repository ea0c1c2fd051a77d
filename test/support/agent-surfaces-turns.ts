import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { settled } from "./agent-lab.ts";
import { flipSlot } from "./agent-session.ts";
import {
  conversation,
  isOneChain,
  kindOf,
  shapeOf,
  shapesByEvent,
  shapesByKind,
} from "./agent-shape.ts";
import {
  accounts,
  composer,
  composerLike,
  contentOf,
  rowsWith,
  shows,
  SOON,
  turnEnds,
  typed,
} from "./agent-surface.ts";
import type { Surface, Surfaces } from "./agent-surface.ts";

const background = {
  command: "sleep 300",
  description: "wait",
  run_in_background: true,
};

const answered: Surface = async (lab) => {
  lab.api.setBehaviour("*", { kind: "answer", text: "All done." });
  const session = await lab.ready();
  await session.prompt("say hello");
  await turnEnds(session, "Stop");
  const rows = await rowsWith(session, "system/turn_duration");
  const request = lab.api.requests.find(({ isTurn }) => isTurn);
  const hooks = await session.hooks();
  return {
    essential: {
      events: hooks.map(({ event }) => event),
      httpEvents: session.httpHooks.map(({ event }) => event),
      header: session.httpHooks[0]?.headers["x-tok"],
      // The older client may write the end of a turn before its beginning.
      kinds: conversation(rows).map(kindOf).toSorted(),
      typed: typed(rows),
      isOneChain: isOneChain(rows),
      account: request?.account,
      promptText: request?.promptText,
      isOurSession: request?.sessionId === session.sessionId,
      isShown: [await shows(session, "❯ say hello"), await shows(session, "● All done.")],
      composer: await composer(session),
    },
    exact: {
      order: conversation(rows).map(kindOf),
      payloads: shapesByEvent(hooks),
      rows: shapesByKind(conversation(rows)),
      promptIdIsTheReceipt:
        hooks.find(({ event }) => event === "UserPromptSubmit")?.payload["prompt_id"] ===
        rows.find(({ type }) => type === "user")?.["promptId"],
      httpHeaders: Object.keys(session.httpHooks[0]?.headers ?? {}).toSorted(),
      alternateScreen: await session.pane("#{alternate_on}"),
    },
  };
};

const flip: Surface = async (lab) => {
  const session = await lab.ready();
  lab.api.setBehaviour("compte1", { kind: "limit", type: "five_hour", resetsAt: SOON });
  await session.prompt("work");
  await turnEnds(session, "StopFailure");
  await flipSlot(lab.box, "compte2");
  await session.prompt("continue");
  await turnEnds(session, "Stop");
  const rows = await rowsWith(session, "assistant", 2);
  return {
    essential: {
      accounts: accounts(lab),
      transcripts: (await session.transcripts()).map((name) =>
        name.replace(session.sessionId, "id"),
      ),
      typed: typed(rows),
      isOneChain: isOneChain(rows),
      events: (await session.hooks()).map(({ event }) => event),
    },
  };
};

/** Client facts 2: the login is read again only when the file's mtime differs. */
const flipToSameMtime: Surface = async (lab) => {
  const [from = "", to = ""] = lab.box.accounts.map(({ home }) => join(home, ".credentials.json"));
  const at = new Date("2026-01-01T00:00:00Z");
  for (const file of [from, to]) await utimes(file, at, at);
  const session = await lab.ready();
  await session.prompt("one");
  await turnEnds(session, "Stop");
  await flipSlot(lab.box, "compte2");
  await session.prompt("two");
  await turnEnds(session, "Stop", 2);
  const other = new Date(at.getTime() - 1_000);
  await utimes(to, other, other);
  await session.prompt("three");
  await turnEnds(session, "Stop", 3);
  return { essential: accounts(lab) };
};

const backgroundShell: Surface = async (lab) => {
  lab.api.setBehaviour("compte1", { kind: "answer", tool: { name: "Bash", input: background } });
  const session = await lab.ready({ extraArgs: ["--allowedTools", "Bash"] });
  await session.prompt("start it");
  await turnEnds(session, "Stop");
  await flipSlot(lab.box, "compte2");
  await session.prompt("go on");
  await turnEnds(session, "Stop", 2);
  const stops = (await session.hooks()).filter(({ event }) => event === "Stop");
  const tasks = stops.map(({ payload }) => payload["background_tasks"] as unknown[]);
  const rows = await rowsWith(session, "assistant", 3);
  return {
    essential: {
      running: tasks.map((list) => list.length),
      accounts: accounts(lab),
      typed: typed(rows),
    },
    exact: {
      task: shapeOf(tasks[0]?.[0]),
      order: conversation(rows)
        .filter(({ type }) => type !== "system")
        .map(kindOf),
    },
  };
};

const typedMeanwhile: Surface = async (lab) => {
  lab.api.setBehaviour("*", { kind: "answer", text: "some words, slowly", durationMs: 1_500 });
  const session = await lab.ready();
  await session.prompt("first");
  await session.waitForScreen(/esc to interrupt/);
  await session.prompt("second");
  await session.waitForHook("Stop", 2);
  await settled(session);
  const rows = await rowsWith(session, "assistant", 2);
  const promptIds = session.httpHooks
    .filter(({ event }) => event === "UserPromptSubmit")
    .map(({ payload }) => payload["prompt_id"]);
  return {
    essential: {
      typed: typed(rows),
      prompts: lab.api.requests.filter(({ isTurn }) => isTurn).map(({ promptText }) => promptText),
      queue: rows
        .filter(({ type }) => type === "queue-operation")
        .map((row) => [row["operation"], row["content"] ?? null]),
    },
    exact: {
      events: session.httpHooks.map(({ event }) => event),
      // Heard when it was typed, so it carries the id of the turn that ran.
      isOfRunningTurn: promptIds[0] === promptIds[1],
    },
  };
};

const interruptedEarly: Surface = async (lab) => {
  lab.api.setBehaviour("*", { kind: "hang" });
  const session = await lab.ready();
  await session.prompt("never mind");
  await session.waitForScreen(/esc to interrupt/);
  await session.keys("Escape");
  return {
    essential: {
      composer: await composerLike(session, /never mind @12$/),
      events: (await session.hooks()).map(({ event }) => event),
    },
  };
};

const interruptedLate: Surface = async (lab) => {
  const text = Array.from({ length: 10 }, (_, line) => `line ${line} of it`).join("\n");
  lab.api.setBehaviour("*", { kind: "answer", text, durationMs: 8_000 });
  const session = await lab.ready();
  await session.prompt("tell me");
  await session.waitForScreen(/● line 0/);
  await session.keys("Escape");
  await session.waitForScreen(/Interrupted/);
  const rows = await rowsWith(session, "user", 2);
  const last = rows.findLast(({ type }) => type === "user");
  return {
    essential: {
      events: (await session.hooks()).map(({ event }) => event),
      said: contentOf(last),
      composer: await composer(session),
    },
    exact: { row: shapeOf(last) },
  };
};

/** How a turn goes, and under which account. */
export const turnSurfaces: Surfaces = {
  "a turn that is answered": answered,
  "a flip of the slot, then continue": flip,
  "a flip to a login with the same mtime": flipToSameMtime,
  "a background shell across a flip": backgroundShell,
  "a prompt typed while a turn runs": typedMeanwhile,
  "an Escape before anything was said": interruptedEarly,
  "an Escape in the middle of an answer": interruptedLate,
};
