import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { settled } from "./agent-lab.ts";
import type { Lab } from "./agent-lab.ts";
import { flipSlot, until } from "./agent-session.ts";
import type { AgentSession } from "./agent-session.ts";
import { isOneChain, shapeOf, shapesByEvent } from "./agent-shape.ts";
import { composer, rowsWith, shows, turnEnds, typed } from "./agent-surface.ts";
import type { Surface, Surfaces } from "./agent-surface.ts";

const resume: Surface = async (lab) => {
  const first = await lab.ready();
  await first.prompt("remember this");
  await turnEnds(first, "Stop");
  await rowsWith(first, "system/turn_duration");
  await first.prompt("/exit");
  await first.waitForEnd();
  const again = await lab.ready({
    sessionId: first.sessionId,
    args: ["--resume", first.sessionId],
  });
  const isShown = await shows(again, "❯ remember this");
  await again.prompt("go on");
  await turnEnds(again, "Stop");
  const rows = await rowsWith(again, "assistant", 2);
  const hooks = await again.hooks();
  return {
    essential: {
      isShown,
      typed: typed(rows),
      isOneChain: isOneChain(rows),
      transcripts: (await again.transcripts()).length,
      source: hooks[0]?.payload["source"],
      messages: lab.api.requests.filter(({ isTurn }) => isTurn).map(({ promptText }) => promptText),
    },
    exact: shapesByEvent(hooks),
  };
};

/** Why it ended is not compared: the client's last words do not always reach the screen. */
async function endsAtOnce(session: AgentSession): Promise<unknown> {
  await session.waitForEnd();
  return (await session.hooks()).map(({ event }) => event);
}

const takenId: Surface = async (lab) => {
  const first = await lab.ready();
  await first.prompt("one");
  await turnEnds(first, "Stop");
  const again = await lab.launch({ sessionId: first.sessionId });
  return { essential: await endsAtOnce(again) };
};

const unknownId: Surface = async (lab) => {
  const id = randomUUID();
  const session = await lab.launch({ sessionId: id, args: ["--resume", id] });
  return { essential: await endsAtOnce(session) };
};

const clear: Surface = async (lab) => {
  const session = await lab.ready();
  await session.prompt("one");
  await turnEnds(session, "Stop");
  await session.prompt("/clear");
  const started = await session.waitForHook("SessionStart", 2);
  await settled(session);
  await session.prompt("two");
  await turnEnds(session, "Stop", 2);
  const next = String(started.payload["session_id"]);
  const hooks = await session.hooks();
  return {
    essential: {
      isNew: next !== session.sessionId,
      events: hooks.map(({ event, payload }) => [event, payload["source"] ?? payload["reason"]]),
      transcripts: (await session.transcripts()).length,
      typed: typed(await session.rows()),
    },
    exact: {
      shapes: hooks
        .filter(({ event }) => event.startsWith("Session"))
        .map(({ payload }) => shapeOf(payload)),
    },
  };
};

async function endedBy(lab: Lab, signal: NodeJS.Signals): Promise<unknown> {
  const session = await lab.ready();
  process.kill(Number(await session.pane("#{pane_pid}")), signal);
  await session.waitForEnd();
  const { payload } = await session.waitForHook("SessionEnd");
  return { signal, reason: payload["reason"], left: await registered(lab) };
}

const signals: Surface = async (lab) => ({
  essential: [await endedBy(lab, "SIGTERM"), await endedBy(lab, "SIGHUP")],
});

const exit: Surface = async (lab) => {
  const session = await lab.ready();
  await session.prompt("one");
  await turnEnds(session, "Stop");
  await session.prompt("/exit");
  await session.waitForEnd();
  const { payload } = await session.waitForHook("SessionEnd");
  return {
    essential: {
      reason: payload["reason"],
    },
    exact: shapeOf(payload),
  };
};

async function isAccepted(lab: Lab, folder: string): Promise<boolean> {
  const state = await readFile(join(lab.box.home, ".claude.json"), "utf8");
  const { projects } = JSON.parse(state) as { projects: Record<string, Record<string, unknown>> };
  return projects[folder]?.["hasTrustDialogAccepted"] === true;
}

const trust: Surface = async (lab) => {
  const cwd = join(lab.box.home, "never-opened");
  await mkdir(cwd);
  const no = await lab.launch({ cwd });
  await no.waitForScreen(/No, exit/);
  await settled(no);
  const choice = (await no.screen()).find((line) => line.trimStart().startsWith("❯"))?.trim();
  await no.keys("Enter");
  await no.waitForEnd();
  const yes = await lab.launch({ cwd });
  await yes.waitForScreen(/No, exit/);
  await settled(yes);
  await yes.keys("Down");
  await settled(yes);
  await yes.keys("Enter");
  await yes.waitForHook("SessionStart");
  await until("trust to be remembered", async () => await isAccepted(lab, cwd));
  return {
    essential: {
      events: (await no.hooks()).map(({ event }) => event),
    },
    exact: choice,
  };
};

/** Entries in `sessions/` of the home the slot leads to. */
async function registered(lab: Lab): Promise<string[]> {
  const names = await readdir(join(lab.box.slot, "sessions")).catch(() => []);
  return names.filter((name) => name.endsWith(".json"));
}

async function entryOf(lab: Lab, session: AgentSession): Promise<Record<string, unknown>> {
  const pid = await session.pane("#{pane_pid}");
  const text = await readFile(join(lab.box.slot, "sessions", `${pid}.json`), "utf8");
  return JSON.parse(text) as Record<string, unknown>;
}

const registry: Surface = async (lab) => {
  const session = await lab.ready();
  const idle = await entryOf(lab, session);
  lab.api.setBehaviour("*", { kind: "answer", text: "some words", durationMs: 1_500 });
  await session.prompt("one");
  await until("busy", async () => (await entryOf(lab, session))["status"] === "busy");
  await turnEnds(session, "Stop");
  await until("idle", async () => (await entryOf(lab, session))["status"] === "idle");
  const busyUntil = await registered(lab);
  await flipSlot(lab.box, "compte2");
  await session.prompt("two");
  await turnEnds(session, "Stop", 2);
  const wanted = [
    "pid",
    "sessionId",
    "cwd",
    "startedAt",
    "procStart",
    "version",
    "status",
    "updatedAt",
  ];
  return {
    essential: {
      fields: wanted.map((name) => [name, typeof idle[name]]),
      status: idle["status"],
      isOurs: idle["sessionId"] === session.sessionId,
      pid: String(idle["pid"]) === (await session.pane("#{pane_pid}")),
      entries: busyUntil.length,
      entriesAfterTheFlip: await registered(lab),
    },
  };
};

const loggedOut: Surface = async (lab) => {
  await rm(join(lab.box.accounts[0]?.home ?? "", ".credentials.json"));
  const session = await lab.ready();
  await session.prompt("hello");
  const { payload } = await session.waitForHook("StopFailure");
  await settled(session);
  return {
    essential: {
      error: payload["error"],
      said: payload["last_assistant_message"],
      isShown: await shows(session, "Not logged in"),
      requests: lab.api.requests.filter(({ isTurn }) => isTurn).length,
    },
    exact: await composer(session),
  };
};

async function printed(lab: Lab, args: readonly string[], configDir: string): Promise<unknown> {
  const env = lab.box.env({ baseUrl: lab.api.url, extra: { CLAUDE_CONFIG_DIR: configDir } });
  return await new Promise((resolve) => {
    execFile(lab.command, args, { env, cwd: lab.box.projectDir }, (failed, stdout) => {
      resolve({ status: failed === null ? 0 : failed.code, output: stdout });
    });
  });
}

const authStatus: Surface = async (lab) => {
  const asked = ["auth", "status", "--json"];
  const wanted = ["loggedIn", "email", "orgId", "subscriptionType"];
  const seen = [];
  for (const home of [lab.box.accounts[1]?.home ?? "", join(lab.box.home, "nobody")]) {
    await mkdir(home, { recursive: true });
    const { status, output } = (await printed(lab, asked, home)) as {
      status: number;
      output: string;
    };
    const fields = JSON.parse(output) as Record<string, unknown>;
    seen.push({
      status,
      isHere: fields["configDirectory"] === home,
      fields: wanted.map((name) => [name, fields[name]]),
    });
  }
  const essential = seen.map(({ status, fields }) => ({ status, fields }));
  return { essential, exact: seen };
};

const version: Surface = async (lab) => {
  const { status, output } = (await printed(lab, ["--version"], lab.box.home)) as {
    status: number;
    output: string;
  };
  return { essential: { status, isVersion: /^\d+\.\d+\.\d+ \(Claude Code.*\)\n$/.test(output) } };
};

/** How a session begins, ends and is known. */
export const lifeSurfaces: Surfaces = {
  "--resume": resume,
  "--session-id of a conversation that exists": takenId,
  "--resume of a conversation that does not": unknownId,
  "/clear": clear,
  "/exit": exit,
  "SIGTERM and SIGHUP": signals,
  "a directory that was never opened": trust,
  "the session registry": registry,
  "a home without a login": loggedOut,
  "auth status --json": authStatus,
  "--version": version,
};
