import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { writeStandInCommand } from "../../../src/drill/stand-in-command.ts";
import { inLab } from "../../support/agent-lab.ts";
import type { Lab } from "../../support/agent-lab.ts";
import { flipSlot, until } from "../../support/agent-session.ts";
import { accounts, turnEnds } from "../../support/agent-surface.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function withStandIn(experiment: (lab: Lab) => Promise<void>): Promise<void> {
  await inLab(await writeStandInCommand(tempDir()), experiment);
}

function homeOf(lab: Lab): string {
  return lab.box.accounts[0]?.home ?? "";
}

function locksOf(home: string): string[] {
  return [join(home, ".oauth_refresh.lock"), `${home}.lock`];
}

async function accessToken(home: string): Promise<string> {
  const text = await readFile(join(home, ".credentials.json"), "utf8");
  return (JSON.parse(text) as { claudeAiOauth: { accessToken: string } }).claudeAiOauth.accessToken;
}

it("renews its login under both of the client's locks", async () => {
  await withStandIn(async (lab) => {
    const home = homeOf(lab);
    const session = await lab.ready();
    await session.prompt("/stand-in-refresh 500");
    await until("locks", () => locksOf(home).every((path) => existsSync(path)));
    await session.waitForScreen(/Login refresh: refreshed/);
    expect(locksOf(home).filter((path) => existsSync(path))).toEqual([]);
    expect(await accessToken(home)).toBe("sk-ant-oat01-compte1-0002");
  });
});

it("loses the new login and leaves a lock behind when the slot is flipped meanwhile", async () => {
  await withStandIn(async (lab) => {
    const home = homeOf(lab);
    const session = await lab.ready();
    await session.prompt("/stand-in-refresh 500");
    await until("locks", () => locksOf(home).every((path) => existsSync(path)));
    await flipSlot(lab.box, "compte2");
    await session.waitForScreen(/Login refresh: lost/);
    expect(await accessToken(home)).toBe("sk-ant-oat01-compte1-0001");
    expect(locksOf(home).map((path) => existsSync(path))).toEqual([true, false]);
  });
});

it("waits for locks that somebody else holds", async () => {
  await withStandIn(async (lab) => {
    const home = homeOf(lab);
    const [first = "", second = ""] = locksOf(home);
    await mkdir(second);
    const session = await lab.ready();
    await session.prompt("/stand-in-refresh 0");
    await until("its first lock", () => existsSync(first));
    expect(await accessToken(home)).toBe("sk-ant-oat01-compte1-0001");
    await rmdir(second);
    await session.waitForScreen(/Login refresh: refreshed/);
  });
});

it("renews a login that ran out before it asks", async () => {
  await withStandIn(async (lab) => {
    const file = join(homeOf(lab), ".credentials.json");
    const login = JSON.parse(await readFile(file, "utf8")) as { claudeAiOauth: object };
    const expired = { claudeAiOauth: { ...login.claudeAiOauth, expiresAt: 1 } };
    await writeFile(file, JSON.stringify(expired));
    const session = await lab.ready();
    await session.prompt("hello");
    await turnEnds(session, "Stop");
    expect(await accessToken(homeOf(lab))).toBe("sk-ant-oat01-compte1-0002");
    expect(accounts(lab)).toEqual(["compte1"]);
  });
});

it("tries again when the server asks for it", async () => {
  await withStandIn(async (lab) => {
    lab.api.setBehaviour("*", ({ serial }) =>
      serial < 3 ? { kind: "overload", retry: true } : { kind: "answer", text: "at last" },
    );
    const session = await lab.ready();
    await session.prompt("hello");
    await session.waitForScreen(/● at last/);
    expect(lab.api.requests).toHaveLength(3);
    expect((await session.hooks()).map(({ event }) => event)).not.toContain("StopFailure");
  });
});

it("lets a hook that ends with 2 block a prompt", async () => {
  await withStandIn(async (lab) => {
    const hooks = { UserPromptSubmit: [{ hooks: [{ type: "command", command: "exit 2" }] }] };
    await writeFile(join(homeOf(lab), "settings.json"), JSON.stringify({ hooks }));
    const session = await lab.ready();
    await session.prompt("hello");
    await session.waitForScreen(/hook blocked this prompt/);
    expect(lab.api.requests).toEqual([]);
    expect(await session.transcripts()).toEqual([]);
  });
});

it("shows the status line, told of the usage windows after an answer", async () => {
  await withStandIn(async (lab) => {
    const told = join(lab.box.root, "status.json");
    lab.api.setBehaviour("*", {
      kind: "answer",
      utilization: { fiveHour: { usedPercent: 42, resetsAt: 10 } },
    });
    const command = `cat >'${told}.part' && mv '${told}.part' '${told}' && echo my line`;
    const session = await lab.ready({ settings: { statusLine: { type: "command", command } } });
    await session.waitForScreen(/my line/);
    await session.prompt("hello");
    const limits = await until("usage windows", async () => {
      const status = JSON.parse(await readFile(told, "utf8")) as { rate_limits?: object };
      return status.rate_limits;
    });
    expect(limits).toEqual({ five_hour: { used_percentage: 42, resets_at: 10 } });
  });
});

it("sees a login whose file got another mtime at its next request", async () => {
  await withStandIn(async (lab) => {
    const session = await lab.ready();
    await session.prompt("one");
    await turnEnds(session, "Stop");
    const file = join(homeOf(lab), ".credentials.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll("compte1-", "another-"));
    const at = new Date("2026-01-01T00:00:00Z");
    await utimes(file, at, at);
    await session.prompt("two");
    await turnEnds(session, "Stop", 2);
    expect(accounts(lab)).toEqual(["compte1", "another"]);
  });
});

it("talks to a loopback address only", async () => {
  const command = await writeStandInCommand(tempDir());
  const env = { HOME: tempDir(), ANTHROPIC_BASE_URL: "https://192.0.2.1" };
  await expect(promisify(execFile)(command, [], { env })).rejects.toMatchObject({
    code: 1,
    stderr: "Error: the stand-in talks to a loopback address only.\n",
  });
});
