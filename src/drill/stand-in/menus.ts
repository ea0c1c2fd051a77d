import type { Menu } from "./view.ts";

export function limitMenu(until: string): Menu {
  return {
    kind: "limit",
    title: ["What do you want to do?"],
    options: [
      "Stop and wait for limit to reset",
      `Wait here, then continue automatically at ${until}`,
    ],
    selected: 0,
    footer: "Enter to confirm · Esc to cancel",
  };
}

export function rewindMenu(prompts: readonly string[]): Menu {
  const options = [...prompts.slice(-9), "(current)"];
  return {
    kind: "rewind",
    title: ["Rewind", "", "Restore the code and/or conversation to the point before…"],
    options,
    selected: options.length - 1,
    footer: "Enter to continue · Esc to cancel",
  };
}

/** Asked before a directory that was never opened; the default is to leave (client facts 24). */
export function trustMenu(cwd: string): Menu {
  return {
    kind: "trust",
    title: [
      "Accessing workspace:",
      "",
      cwd,
      "",
      "Quick safety check: Is this a project you created or one you trust?",
      "",
    ],
    options: ["No, exit", "Yes, I trust this folder"],
    selected: 0,
    footer: "Enter to confirm · Esc to cancel",
  };
}

export function moveSelection(menu: Menu, step: 1 | -1): Menu {
  const count = menu.options.length;
  return { ...menu, selected: (menu.selected + step + count) % count };
}
