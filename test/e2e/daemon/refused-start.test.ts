import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { expectRefusedStart, type BadStart } from "../../support/daemon-refusal.ts";

const MEND = /^Mend what is named above/;

const cases: Record<string, BadStart> = {
  "no tmux on the PATH": {
    arrange: ({ box }) => ({ env: { PATH: box.projectDir } }),
    says: /^tmux is not installed\.$/,
    hint: /^Install tmux 3\.2 or newer/,
  },
  "a tmux that does not run": {
    arrange: ({ box, env }) => {
      const folder = join(box.root, "other");
      mkdirSync(folder);
      writeFileSync(join(folder, "tmux"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
      return { env: { PATH: `${folder}:${env["PATH"]}` } };
    },
    says: /^The tmux program does not run\.$/,
    hint: /^Install tmux 3\.2 or newer/,
  },
  "a tmux that is too old": {
    arrange: ({ box, env }) => {
      const folder = join(box.root, "other");
      mkdirSync(folder);
      writeFileSync(join(folder, "tmux"), "#!/bin/sh\necho tmux 3.1c\n", { mode: 0o755 });
      return { env: { PATH: `${folder}:${env["PATH"]}` } };
    },
    says: /^tmux 3\.1c is too old\.$/,
    hint: /^Install tmux 3\.2 or newer\.$/,
  },
  "no client of the name configured": {
    arrange: (rig) => rig.configure({ claude: { command: "claude-nowhere" } }),
    says: /^There is no program claude-nowhere on PATH\.$/,
    hint: /^Install Claude Code, or set claude\.command/,
  },
  "no client at the path configured": {
    arrange: (rig) => rig.configure({ claude: { command: "~/nowhere/claude" } }),
    says: /^There is no program ~\/nowhere\/claude\.$/,
    hint: /^Install Claude Code, or set claude\.command/,
  },
  "an account home that is a file": {
    arrange: ({ box }) => {
      rmSync(home(box, 1), { recursive: true });
      writeFileSync(home(box, 1), "precious");
    },
    says: homeProblem(
      /compte2: ~\/\.claude-compte2: found a file, expected a directory\. Move it away.*/,
    ),
    hint: MEND,
    lines: 2,
  },
  "an account home that is a dangling link": {
    arrange: ({ box }) => {
      rmSync(home(box, 1), { recursive: true });
      symlinkSync("/nowhere/at/all", home(box, 1));
    },
    says: homeProblem(
      /compte2: ~\/\.claude-compte2: found a link to \/nowhere\/at\/all \(ENOENT\), .*Mend the link.*/,
    ),
    hint: MEND,
    lines: 2,
  },
  "a shared link that leads elsewhere": {
    arrange: ({ box }) => {
      mkdirSync(join(box.home, "elsewhere"));
      symlinkSync(join(box.home, "elsewhere"), join(home(box, 0), "projects"));
    },
    says: homeProblem(
      /compte1: ~\/\.claude-compte1\/projects: found a link to ~\/elsewhere, expected a link to ~\/\.claude-projects-shared\. .*/,
    ),
    hint: MEND,
    lines: 2,
  },
  "a directory where the slot belongs": {
    arrange: ({ box }) => {
      mkdirSync(join(box.slot, "projects"), { recursive: true });
      writeFileSync(join(box.slot, ".credentials.json"), "{}");
    },
    says: /^~\/\.claude is a directory; it must be a link to an account's home\.$/,
    hint: /adopt/,
  },
  "a slot that is a link to itself": {
    arrange: ({ box }) => symlinkSync(box.slot, box.slot),
    says: /^~\/\.claude is a link to ~\/\.claude, which leads round in a circle; .*$/,
    hint: /^Move it away; the daemon makes the link\.$/,
  },
  "a slot that leads to no configured account": {
    arrange: ({ box }) => {
      mkdirSync(join(box.home, ".claude-other"));
      symlinkSync(join(box.home, ".claude-other"), box.slot);
    },
    says: /^~\/\.claude is a link to ~\/\.claude-other, which is no configured account's home\.$/,
    hint: /^Point it at the home of a configured account/,
  },
  "a file where the socket belongs": {
    arrange: ({ places }) => {
      mkdirSync(places.runtimeDir, { recursive: true });
      writeFileSync(places.socket, "precious");
    },
    says: /api\.sock is not a socket; it is left alone\.$/,
    hint: /move it away/,
  },
  "a missing configuration": {
    arrange: ({ configFile }) => rmSync(configFile),
    status: 2,
    says: /^There is no configuration file ~\/\.config\/claude-failover\/config\.yaml\.$/,
    hint: /--config/,
  },
  "a configuration with several errors": {
    arrange: ({ configFile }) =>
      writeFileSync(
        configFile,
        "accounts:\n  - { name: Wrong Name, home: ~/a }\n  - { name: b }\npolcy: {}\nlog: { level: loud }\n",
      ),
    status: 2,
    says: /^The configuration has 4 problems:\n.*:2:.*\n.*:3:.*\n.*:4:.*policy.*\n.*:5:.*$/,
    hint: /^Correct the lines named above\.$/,
    lines: 5,
  },
  "a configuration that cannot be parsed": {
    arrange: ({ configFile }) => writeFileSync(configFile, "accounts: [\n"),
    status: 2,
    says: /^The configuration has 1 problem:\n~\/.*config\.yaml:\d+:\d+: .*$/,
    hint: /^Correct the lines named above\.$/,
    lines: 2,
  },
};

function homeProblem(problem: RegExp): RegExp {
  const head = "The account homes are not as they must be, 1 problem:";
  return new RegExp(`^${head}\n  account ${problem.source}$`);
}

function home(box: { accounts: readonly { home: string }[] }, index: number): string {
  return box.accounts[index]?.home ?? "";
}

test.each(Object.entries(cases))("does not start with %s, and changes nothing", async (_, bad) => {
  await expectRefusedStart(bad);
});
