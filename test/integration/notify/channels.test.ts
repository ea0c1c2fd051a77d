import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { attempt } from "../../../src/notify/attempt.ts";
import { channelsOf } from "../../../src/notify/channels.ts";
import type { Channel, Message } from "../../../src/notify/message.ts";
import { configFrom } from "../../support/config-text.ts";
import { httpReceiver } from "../../support/http-receiver.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MESSAGE: Message = {
  event: "held",
  title: "Held: a person is needed",
  text: "The link leads nowhere: 100 % → look",
  urgent: true,
  host: "box",
  at: "2026-11-20T12:00:00.000Z",
  data: { code: "CF_SWITCHOVER_HELD" },
};
const SECRET = "s3cret-1234567890";

function channel(notify: object, env: Readonly<Record<string, string>> = {}): Channel {
  const accounts = [{ name: "a", home: "~/.claude-a" }];
  const [only] = channelsOf(configFrom(JSON.stringify({ accounts, notify })).notify, env);
  if (only === undefined) throw new Error("no channel");
  return only;
}

const send = async (to: Channel) =>
  attempt(to, MESSAGE, { clock: systemClock, signal: new AbortController().signal });

describe("a webhook", () => {
  test("is posted to with its token, from the variable", async () => {
    const server = await httpReceiver();
    const webhook = [{ urlEnv: "HOOK", tokenEnv: "TOKEN", format: "ntfy" }];
    const env = { HOOK: `${server.url}/fleet`, TOKEN: SECRET };
    expect(await send(channel({ webhook }, env))).toEqual({ ok: true });
    expect(server.received).toMatchObject([
      {
        method: "POST",
        path: "/",
        headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
        body: { topic: "fleet", message: MESSAGE.text, priority: 5 },
      },
    ]);
  });

  test.each([
    [
      { status: 429, headers: { "retry-after": "7" } },
      { retry: true, afterMs: 7_000 },
    ],
    [
      { status: 429, body: '{"retry_after": 1.5}' },
      { retry: true, afterMs: 1_500 },
    ],
    [{ status: 503 }, { retry: true, afterMs: null }],
    [
      { status: 404, body: `no ${SECRET}` },
      { retry: false, afterMs: null },
    ],
    [{ status: 302, headers: { location: "http://127.0.0.1:9/" } }, { retry: false }],
  ])("that answers %j", async (answer, expected) => {
    const server = await httpReceiver();
    server.answers.push(answer);
    const sent = await send(channel({ webhook: [{ url: `${server.url}/${SECRET}` }] }));
    expect(sent).toMatchObject({ ok: false, problem: `HTTP ${answer.status}`, ...expected });
    expect(server.received).toHaveLength(1);
  });

  test("that nobody serves is tried again, and its address not repeated", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const sent = await send(channel({ webhook: [{ url: `http://127.0.0.1:${port}/${SECRET}` }] }));
    expect(sent).toEqual({
      ok: false,
      problem: "no connection (ECONNREFUSED)",
      retry: true,
      afterMs: null,
    });
  });

  test("whose variable is empty says which", async () => {
    const sent = await send(channel({ webhook: [{ urlEnv: "HOOK" }] }));
    expect(sent).toMatchObject({
      ok: false,
      retry: false,
      problem: expect.stringContaining("HOOK"),
    });
  });
});

test("telegram is written to as the Bot API has it, and its refusal tells no token", async () => {
  const server = await httpReceiver();
  const telegram = { tokenEnv: "BOT", chatId: -100123, apiUrl: server.url };
  const bot = channel({ telegram }, { BOT: `123456:${SECRET}` });
  expect(await send(bot)).toEqual({ ok: true });
  expect(server.received).toMatchObject([
    {
      path: `/bot123456:${SECRET}/sendMessage`,
      body: { chat_id: "-100123", disable_notification: false },
    },
  ]);
  server.answers.push({
    status: 429,
    body: '{"ok":false,"error_code":429,"parameters":{"retry_after":3}}',
  });
  expect(await send(bot)).toEqual({ ok: false, problem: "HTTP 429", retry: true, afterMs: 3_000 });
});

describe("e-mail", () => {
  test("goes over SMTP with login, and arrives whole", async () => {
    const server = await smtpServer();
    const email = {
      smtpUrlEnv: "SMTP",
      from: "cf@x.example",
      to: ["me@x.example", "us@x.example"],
    };
    const url = `smtp://op:${SECRET}@127.0.0.1:${server.port}`;
    expect(await send(channel({ email }, { SMTP: url }))).toEqual({ ok: true });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ user: "op", from: "cf@x.example", to: email.to });
    expect(mail?.text).toContain("Subject: [claude-failover box] Held: a person is needed");
    expect(mail?.text).toContain("Auto-Submitted: auto-generated");
    expect(mail?.text).toMatch(/100 % =E2=86=92 look/);
  });

  test.each([
    ["wrong", 535, false],
    ["busy", 451, true],
    ["gone", 550, false],
  ])(
    "that a server refuses (%s) is tried again only where that may help",
    async (how, code, retry) => {
      const server = await smtpServer(how);
      const email = { smtpUrlEnv: "SMTP", from: "cf@x.example", to: ["me@x.example"] };
      const url = `smtp://op:${how === "wrong" ? "other" : SECRET}@127.0.0.1:${server.port}`;
      const sent = await send(channel({ email }, { SMTP: url }));
      expect(sent).toEqual({ ok: false, problem: `SMTP ${code}`, retry, afterMs: null });
    },
  );
});

describe("the desktop", () => {
  test("is told by notify-send, the text without markup", async () => {
    const dir = tempDir();
    const program = join(dir, "notify-send");
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s\\n' "$@" "$DBUS_SESSION_BUS_ADDRESS" >"$HOME/told"\n`,
    );
    chmodSync(program, 0o755);
    const env = { PATH: `${dir}:/bin:/usr/bin`, HOME: dir, XDG_RUNTIME_DIR: "/run/user/7" };
    expect(await send(channel({ desktop: {} }, env))).toEqual({ ok: true });
    expect(readFileSync(join(dir, "told"), "utf8").split("\n")).toEqual([
      "--app-name=claude-failover",
      "--urgency=critical",
      "--",
      MESSAGE.title,
      MESSAGE.text,
      "unix:path=/run/user/7/bus",
      "",
    ]);
  });

  test("without the program is given up", async () => {
    const sent = await send(channel({ desktop: {} }, { PATH: tempDir() }));
    expect(sent).toMatchObject({ ok: false, retry: false, problem: "there is no notify-send" });
  });
});

interface Mail {
  readonly user: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

async function smtpServer(how = ""): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _session, done) =>
      password === SECRET
        ? done(null, { user: username })
        : done(Object.assign(new Error(`no ${password}`), { responseCode: 535 })),
    onRcptTo: (_address, _session, done) => {
      if (how === "busy") done(Object.assign(new Error("later"), { responseCode: 451 }));
      else if (how === "gone") done(Object.assign(new Error("nobody"), { responseCode: 550 }));
      else done();
    },
    onData: (stream, { envelope, user }, done) => {
      const { mailFrom, rcptTo } = envelope;
      const from = mailFrom === false ? "" : mailFrom.address;
      const to = rcptTo.map(({ address }) => address);
      let text = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      stream.on("end", () => {
        mails.push({ user: String(user), from, to, text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails };
}
