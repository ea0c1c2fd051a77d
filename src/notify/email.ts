import type { NotifyConfig } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import { secretOf } from "../config/secrets.ts";
import { errnoOf } from "../errors.ts";
import { failed, type Channel, type Message, type Sent } from "./message.ts";

const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000 };

type MailConfig = NonNullable<NotifyConfig["email"]>;

/** Writes a mail over SMTP. The library is loaded with the first one. */
export function emailChannel(config: MailConfig, env: Env): Channel {
  const { smtpUrlEnv, events } = config;
  const server = serverOf(secretOf(smtpUrlEnv, env));
  const unusable = server === null ? `${smtpUrlEnv} holds no smtp:// or smtps:// address` : null;
  return {
    name: "email",
    unusable,
    events: new Set(events),
    send: async (message, signal) => {
      if (server === null) return failed(unusable ?? "", false);
      return mailed(message, { config, server, signal });
    },
  };
}

function serverOf(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  return /^smtps?:$/.test(new URL(address).protocol) ? address : null;
}

async function mailed(
  message: Message,
  options: { readonly config: MailConfig; readonly server: string; readonly signal: AbortSignal },
): Promise<Sent> {
  const { config, server, signal } = options;
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ url: server, ...PATIENCE });
  const stop = (): void => transport.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { title, text, host, at, urgent, event } = message;
    await transport.sendMail({
      from: { name: "claude-failover", address: config.from },
      to: [...config.to],
      subject: `[claude-failover ${host}] ${title}`,
      text: `${text}\n\n${event} on ${host}, ${at}\n`,
      priority: urgent ? "high" : "normal",
      date: new Date(at),
      headers: { "Auto-Submitted": "auto-generated" },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { ok: true };
  } catch (thrown) {
    signal.throwIfAborted();
    return smtpProblem(thrown);
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
  }
}

/** By the server's number alone: its words may repeat what was sent. */
function smtpProblem(thrown: unknown): Sent {
  const code = (thrown as { responseCode?: unknown }).responseCode;
  if (typeof code !== "number")
    return failed(`no delivery (${errnoOf(thrown) ?? "unknown"})`, true);
  return failed(`SMTP ${code}`, code < 500);
}
