import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { startTmux } from "../../support/tmux-server.ts";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const PATIENT = { timeout: 30_000, interval: 100 };

test("top takes the terminal, says that no daemon runs, and gives the terminal back", async () => {
  await using tmux = await startTmux();
  const config = join(tmux.env["HOME"] ?? "", ".config", "claude-failover", "config.yaml");
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, "accounts:\n  - { name: only, home: ~/.claude-only }\n");
  const screen = async (): Promise<string> => tmux.run("capture-pane", "-p", "-t", "=t:");
  const call = `echo before; "${process.execPath}" "${MAIN}" top; stty -a | grep -o "[-]*icanon"; cat`;
  await tmux.run("new-session", "-d", "-s", "t", "-x", "80", "-y", "24", call);

  await vi.waitFor(async () => expect(await screen()).toContain("No daemon listens on"), PATIENT);
  const shown = await screen();
  expect(shown).toMatch(/^claude-failover \S+ +no daemon/);
  expect(shown).toMatch(/^ +only +loggedOut/m);
  expect(shown).not.toContain("before");

  await tmux.run("resize-window", "-t", "=t:", "-x", "59", "-y", "20");
  await vi.waitFor(async () => expect(await screen()).toContain("60×14 is needed"), PATIENT);
  await tmux.run("resize-window", "-t", "=t:", "-x", "100", "-y", "30");
  await tmux.run("send-keys", "-t", "=t:", "?");
  await vi.waitFor(async () => expect(await screen()).toContain("any key goes back"), PATIENT);

  await tmux.run("send-keys", "-t", "=t:", "x", "q");
  await vi.waitFor(async () => expect(await screen()).toMatch(/^\s*before\nicanon\n/), PATIENT);
});
