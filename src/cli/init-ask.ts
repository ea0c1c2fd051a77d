import { confirm, isCancel, multiselect, select, text } from "@clack/prompts";
import { existsSync } from "node:fs";
import { absolutePath } from "../config/places.ts";
import { FailoverError } from "../errors.ts";
import type { FoundHome, Surroundings, Wishes } from "../setup/model.ts";
import { accountName, accountsOf } from "../setup/propose.ts";
import { homeText } from "./init-text.ts";

/** Asks what the operator wants; `given` answers what options said already. Throws when it is left. */
export async function askWishes(
  found: Surroundings,
  given: Partial<Wishes> & Pick<Wishes, "add">,
): Promise<Wishes> {
  const isFirst = found.config.text === null;
  const homes = isFirst ? await askHomes(found.homes) : null;
  const names = isFirst ? await askNames(found, homes) : {};
  const add = given.add ?? (await askNew(found, { homes, names }));
  return {
    homes,
    names,
    add,
    mode: given.mode ?? (isFirst ? await askMode() : "confirm"),
    session: given.session ?? (isFirst ? await askSession(found.home) : null),
    adopt: await askAdopt(found),
    service: given.service ?? (await askService()),
  };
}

async function askHomes(homes: readonly FoundHome[]): Promise<string[] | null> {
  if (homes.length === 0) return null;
  const wanted = homes.filter(({ inSlot, loggedIn }) => inSlot || loggedIn);
  return answer(
    await multiselect({
      message: "Which of these homes are accounts of yours to move between?",
      options: homes.map((home) => ({ value: home.path, label: homeText(home) })),
      initialValues: wanted.map(({ path }) => path),
      required: false,
    }),
  );
}

async function askNames(
  found: Surroundings,
  homes: readonly string[] | null,
): Promise<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const path of homes ?? []) {
    const proposed = accountsOf(
      { ...found, homes: found.homes.filter((each) => each.path === path) },
      { homes: [path], names: {}, add: null },
    );
    names[path] = answer(
      await text({
        message: `What is ${path} to be called?`,
        initialValue: proposed[0]?.name ?? "main",
        validate: validName,
      }),
    );
  }
  return names;
}

async function askNew(
  found: Surroundings,
  so: Pick<Wishes, "homes" | "names">,
): Promise<string | null> {
  const count = accountsOf(found, { ...so, add: null }).length;
  const more = answer(
    await confirm({
      message:
        count === 0
          ? "There is no account yet. Make a home for the first one?"
          : "Make a home for one more account?",
      initialValue: count < 2,
    }),
  );
  if (!more) return null;
  const initialValue = count === 0 ? "main" : "second";
  return answer(
    await text({ message: "What is it to be called?", initialValue, validate: validName }),
  );
}

async function askMode(): Promise<Wishes["mode"]> {
  return answer(
    await select({
      message: "What is to be done at a limit?",
      options: [
        { value: "confirm" as const, label: "confirm", hint: "it asks, and moves when you say so" },
        { value: "auto" as const, label: "auto", hint: "it moves by itself" },
        { value: "notify" as const, label: "notify", hint: "it only tells you" },
      ],
      initialValue: "confirm" as const,
    }),
  );
}

async function askSession(home: string): Promise<string | null> {
  const folder = answer(
    await text({
      message: "A folder to keep a session running in (empty: none for now)?",
      placeholder: "~/src/project",
      defaultValue: "",
      validate: (given) =>
        (given ?? "") === "" ||
        existsSync(absolutePath({ text: given ?? "", home, base: process.cwd() }))
          ? undefined
          : "There is no such folder.",
    }),
  );
  return folder === "" ? null : absolutePath({ text: folder, home, base: process.cwd() });
}

async function askAdopt({ slot, homes, users, daemonRuns }: Surroundings): Promise<boolean> {
  const isNeeded = slot.kind === "directory" || homes.some((home) => home.private.length > 0);
  if (!isNeeded || users.length > 0 || daemonRuns) return isNeeded;
  return answer(
    await confirm({
      message:
        "Bring the conversations of all accounts together now? (undoable; nothing is deleted)",
    }),
  );
}

async function askService(): Promise<boolean> {
  return answer(
    await confirm({ message: "Run it as a service of your user?", initialValue: false }),
  );
}

function validName(name: string | undefined): string | undefined {
  return name !== undefined && accountName(name) === name
    ? undefined
    : "Use up to 32 of a-z, 0-9 and -.";
}

function answer<T>(given: T): Exclude<T, symbol> {
  if (!isCancel(given)) return given as Exclude<T, symbol>;
  throw new FailoverError("CF_SETUP_STOPPED", "Nothing was changed.");
}

/** Whether the changes are to be made; leaving is no. */
export async function askGo(message: string): Promise<boolean> {
  const go = await confirm({ message });
  return !isCancel(go) && go;
}
