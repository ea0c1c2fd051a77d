import { settled } from "./agent-lab.ts";
import type { Lab } from "./agent-lab.ts";
import type { AgentSession } from "./agent-session.ts";
import { composerLike, rowsWith, shows, turnEnds, typed } from "./agent-surface.ts";
import type { Surface, Surfaces } from "./agent-surface.ts";

async function pasteInto(lab: Lab, session: AgentSession, text: string): Promise<void> {
  await lab.tmux.run("set-buffer", "-b", "paste", "--", text);
  await lab.tmux.run("paste-buffer", "-b", "paste", "-p", "-r", "-t", `=${session.name}:`);
}

const EMPTY = /^❯\s@2$/;

const draft: Surface = async (lab) => {
  const session = await lab.ready();
  const seen = [await composerLike(session, EMPTY)];
  await session.write("an unsent draft");
  seen.push(await composerLike(session, /draft @17$/));
  await session.keys("BSpace");
  seen.push(await composerLike(session, /draf @16$/));
  await session.keys("C-u");
  seen.push(await composerLike(session, EMPTY));
  return { essential: seen };
};

const pastedLines: Surface = async (lab) => {
  const session = await lab.ready();
  await pasteInto(lab, session, "first line\nsecond line");
  const shown = await composerLike(session, /first line/);
  const isWhole = await shows(session, "first line second line");
  await session.keys("Enter");
  await turnEnds(session, "Stop");
  return { essential: { shown, isWhole, typed: typed(await rowsWith(session, "assistant")) } };
};

/** A long paste is shown as a reference; the newer client sends it between marks. */
const longPaste: Surface = async (lab) => {
  const session = await lab.ready();
  const lines = Array.from({ length: 40 }, (_, line) => `line ${line} of it; with "signs" $x`);
  const text = lines.join("\n");
  await pasteInto(lab, session, text);
  const shown = await composerLike(session, /Pasted text/);
  await session.keys("Enter");
  await turnEnds(session, "Stop");
  const [sent] = typed(await rowsWith(session, "assistant"));
  const asked = (await session.hooks()).find(({ event }) => event === "UserPromptSubmit");
  const told = String(asked?.payload["prompt"]);
  return {
    essential: {
      shown,
      isWhole: told.includes(text),
      isSameInTranscript: sent === told,
    },
    exact: told.replace(text, "TEXT").replaceAll(/id="[0-9a-f]{4}"/g, "ID"),
  };
};

/** Escape and the letter after it are one key unless there is a pause between them. */
const escapeThenText: Surface = async (lab) => {
  const session = await lab.ready();
  const target = `=${session.name}:`;
  await lab.tmux.run(
    "send-keys",
    "-t",
    target,
    "Escape",
    ";",
    "send-keys",
    "-t",
    target,
    "continue",
  );
  return { essential: await composerLike(session, /ontinue @9$/) };
};

const twoEscapes: Surface = async (lab) => {
  const session = await lab.ready();
  await session.prompt("one");
  await turnEnds(session, "Stop");
  await session.keys("Escape");
  await session.keys("Escape");
  await session.waitForScreen(/Rewind/);
  await settled(session);
  const isMenu = await shows(session, "Esc to cancel");
  await session.keys("Escape");
  return { essential: await composerLike(session, EMPTY), exact: isMenu };
};

const twoEscapesOnDraft: Surface = async (lab) => {
  const session = await lab.ready();
  await session.write("unsent");
  await composerLike(session, /unsent/);
  await session.keys("Escape");
  await session.keys("Escape");
  return { essential: await composerLike(session, EMPTY) };
};

/** What the keys do. */
export const keySurfaces: Surfaces = {
  "a draft": draft,
  "a paste of two lines": pastedLines,
  "a long paste": longPaste,
  "an Escape with text right behind it": escapeThenText,
  "two Escapes on an empty prompt": twoEscapes,
  "two Escapes on a draft": twoEscapesOnDraft,
};
