import type { FoundHome, Proposal, Surroundings, Tool } from "../setup/model.ts";
import { TERMS } from "../setup/terms.ts";

/** Pure: what was found, for people. */
export function foundText(found: Surroundings): string {
  const { slot, homes, users, config } = found;
  const link =
    slot.kind === "link"
      ? `, a link to ${slot.to ?? ""}`
      : slot.kind === "missing"
        ? ", which is not there yet"
        : "";
  return [
    "Found:",
    `  tmux     ${toolText(found.tmux)}`,
    `  client   ${toolText(found.client)}`,
    `  slot     ${slot.path}${link}`,
    ...(homes.length === 0
      ? ["  homes    none"]
      : homes.map((home, index) => `  ${index === 0 ? "homes   " : "        "} ${homeText(home)}`)),
    ...users.map((user, index) => `  ${index === 0 ? "in use  " : "        "} ${user}`),
    `  config   ${config.file}${config.text === null ? ", which is not there yet" : `, ${config.accounts.length} account(s)`}`,
  ].join("\n");
}

function toolText(tool: Tool): string {
  if (tool.kind === "missing") return `${tool.message} ${tool.hint}`;
  return `${tool.command} ${tool.version ?? "of an unknown version"}`;
}

/** Pure: a home and who it is. */
export function homeText({ path, who, loggedIn, inSlot }: FoundHome): string {
  const name =
    who.kind === "unknown"
      ? who.why
      : [who.email, who.subscription].filter((each) => each !== null).join(", ");
  const login = loggedIn ? "logged in" : "no login";
  return `${path}: ${[login, name].filter((each) => each !== "").join(", ")}${inSlot ? " (in use now)" : ""}`;
}

export function termsText(): string {
  return TERMS.join("\n");
}

/** Pure: what would be done, and the configuration line by line. */
export function proposalText({ changes, problems }: Proposal): string {
  const blocked = problems.map(({ text, hint }) => `Cannot be done: ${text}\nTry: ${hint}`);
  const steps = changes.map(({ text }, index) => `  ${index + 1}. ${text}`);
  const contents = changes.flatMap((change) =>
    change.do === "writeConfig"
      ? [
          "",
          `${change.path}:`,
          ...change.content
            .trimEnd()
            .split("\n")
            .map((line) => `  | ${line}`.trimEnd()),
        ]
      : [],
  );
  const head =
    changes.length === 0 ? "There is nothing to change." : "Will be changed, and nothing else:";
  return [...blocked, head, ...steps, ...contents].join("\n");
}

/** Pure: what is left for the operator. */
export function nextText({ next }: Pick<Proposal, "next">): string {
  return ["Next:", ...next.flatMap(({ text, command }) => [`  ${text}`, `    ${command}`])].join(
    "\n",
  );
}
