import type { Behaviour } from "../../src/drill/messages-api-behaviour.ts";
import { settled } from "./agent-lab.ts";
import type { Lab } from "./agent-lab.ts";
import { until } from "./agent-session.ts";
import type { AgentSession } from "./agent-session.ts";
import { conversation, kindOf, shapeOf } from "./agent-shape.ts";
import {
  composer,
  LATE,
  pressEnterUntilTaken,
  rowsWith,
  shows,
  SOON,
  turnEnds,
  typed,
} from "./agent-surface.ts";
import type { Seen, Surface, Surfaces } from "./agent-surface.ts";

const MENU = "What do you want to do?";

async function refused(lab: Lab, behaviour: Behaviour): Promise<Seen> {
  const session = await lab.ready();
  lab.api.setBehaviour("*", behaviour);
  await session.prompt("do it");
  const { payload } = await session.waitForHook("StopFailure");
  const rows = await rowsWith(session, "assistant");
  const row = rows.find(({ type }) => type === "assistant");
  if (behaviour.kind === "limit" && behaviour.resetsAt === LATE) await mayOpenMenu(session);
  await settled(session);
  const said = String(payload["last_assistant_message"]);
  return {
    essential: {
      error: payload["error"],
      // The older client calls the five-hour limit the session limit.
      said: said.replace(String(lab.api.port), "PORT").replace("session limit", "5-hour limit"),
      rowError: row?.["error"],
      isApiErrorMessage: row?.["isApiErrorMessage"],
      status: row?.["apiErrorStatus"],
      model: (row?.["message"] as { model?: unknown } | undefined)?.model,
      isShown: await shows(session, said.slice(0, 40)),
      events: (await session.hooks()).map(({ event }) => event),
    },
    exact: {
      said: said.replace(String(lab.api.port), "PORT"),
      requests: lab.api.requests.filter(({ isTurn }) => isTurn).length,
      payload: shapeOf(payload),
      row: shapeOf(row),
      quotaLimits: row?.["quotaLimits"],
      apiErrorParams: row?.["apiErrorParams"],
      composer: await composer(session),
      kinds: conversation(await session.rows()).map(kindOf),
      hasMenu: await shows(session, MENU),
      isArmed: await shows(session, "⚠ Usage limit reached · limit resets"),
    },
  };
}

function refusal(behaviour: () => Behaviour): Surface {
  return async (lab) => await refused(lab, behaviour());
}

async function limited(lab: Lab, resetsAt: number): Promise<AgentSession> {
  const session = await lab.ready();
  lab.api.setBehaviour("*", { kind: "limit", type: "seven_day", resetsAt });
  await session.prompt("work");
  await session.waitForHook("StopFailure");
  lab.api.setBehaviour("*", { kind: "answer" });
  return session;
}

/** The older client has no menu. */
async function mayOpenMenu(session: AgentSession): Promise<void> {
  await until(MENU, async () => await shows(session, MENU), 1_500).catch(() => undefined);
}

async function menuOpens(session: AgentSession): Promise<void> {
  await until(MENU, async () => await shows(session, MENU));
  await settled(session);
}

/** Text goes nowhere while the menu is open, and Enter closes it. */
const menuSwallows: Surface = async (lab) => {
  const session = await limited(lab, LATE);
  await menuOpens(session);
  const choice = (await session.screen()).find((line) => line.includes("❯ 1."));
  await session.write("continue");
  await session.keys("Enter");
  await until("closed menu", async () => !(await shows(session, MENU)));
  await settled(session);
  return {
    essential: null,
    exact: { choice, composer: await composer(session), typed: typed(await session.rows()) },
  };
};

const menuEscape: Surface = async (lab) => {
  const session = await limited(lab, LATE);
  await menuOpens(session);
  await session.keys("Escape");
  await until("closed menu", async () => !(await shows(session, MENU)));
  await settled(session);
  await session.prompt("continue");
  await turnEnds(session, "Stop");
  return { essential: null, exact: typed(await rowsWith(session, "assistant", 2)) };
};

/** Keys sent the moment the hook is heard, before the row and while the spinner still turns. */
const atOnce: Surface = async (lab) => {
  const session = await lab.ready();
  lab.api.setBehaviour("*", { kind: "limit", type: "five_hour", resetsAt: SOON });
  await session.prompt("work");
  await session.waitForHttpHook("StopFailure");
  lab.api.setBehaviour("*", { kind: "answer" });
  await session.write("continue");
  await pressEnterUntilTaken(session, 2);
  await turnEnds(session, "Stop");
  const rows = await rowsWith(session, "assistant", 2);
  const prompts = session.httpHooks.filter(({ event }) => event === "UserPromptSubmit");
  return {
    essential: {
      typed: typed(rows),
      events: (await session.hooks()).map(({ event }) => event),
    },
    exact: {
      isTurnOfItsOwn:
        prompts[1]?.payload["prompt_id"] ===
        rows.findLast(({ type }) => type === "user")?.["promptId"],
    },
  };
};

const cancelArmed: Surface = async (lab) => {
  const session = await limited(lab, SOON);
  await session.waitForScreen(/⚠ Usage limit reached/);
  await settled(session);
  await session.keys("Escape");
  await session.waitForScreen(/Automatic continue cancelled/);
  const rows = await rowsWith(session, "system/informational", 2);
  await session.prompt("continue");
  await turnEnds(session, "Stop");
  return {
    essential: null,
    exact: {
      notices: rows
        .filter((row) => kindOf(row) === "system/informational")
        .map((row) => shapeOf(row)),
      typed: typed(await session.rows()),
    },
  };
};

/** With `autoContinueAtUsageLimit` off every limit opens the menu. */
const switchedOff: Surface = async (lab) => {
  const session = await lab.ready({ settings: { autoContinueAtUsageLimit: false } });
  lab.api.setBehaviour("*", { kind: "limit", type: "five_hour", resetsAt: SOON });
  await session.prompt("work");
  await session.waitForHook("StopFailure");
  await menuOpens(session);
  return {
    essential: null,
    exact: (await session.screen()).filter((line) => /[12]\. /.test(line)).length,
  };
};

/** What each refusal looks like, and what the client offers after a limit. */
export const limitSurfaces: Surfaces = {
  "a five-hour limit": refusal(() => ({ kind: "limit", type: "five_hour", resetsAt: SOON })),
  "a weekly limit": refusal(() => ({ kind: "limit", type: "seven_day", resetsAt: LATE })),
  "a five-hour limit with no word of extra usage": refusal(() => ({
    kind: "limit",
    type: "five_hour",
    resetsAt: SOON,
    overageStatus: null,
  })),
  "a model's own limit with no word of extra usage": refusal(() => ({
    kind: "limit",
    type: "seven_day_opus",
    resetsAt: LATE,
    overageStatus: null,
  })),
  "a model's own limit": refusal(() => ({
    kind: "limit",
    type: "seven_day_opus",
    resetsAt: LATE,
  })),
  "a busy server": refusal(() => ({ kind: "busy" })),
  "an overloaded server": refusal(() => ({ kind: "overload" })),
  "a server error": refusal(() => ({ kind: "error" })),
  "a refused token": refusal(() => ({ kind: "auth" })),
  "a token without scope": refusal(() => ({ kind: "forbidden" })),
  "an empty balance": refusal(() => ({ kind: "credit" })),
  "text while the limit menu is open": menuSwallows,
  "an Escape in the limit menu": menuEscape,
  "keys sent at the hook": atOnce,
  "an Escape while it would continue by itself": cancelArmed,
  "automatic continuing switched off": switchedOff,
};
