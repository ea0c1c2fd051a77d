import { execFile } from "node:child_process";
import type { NotifyConfig } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import { errnoOf } from "../errors.ts";
import { failed, type Channel, type Sent } from "./message.ts";
import { clipped, markupFree } from "./shapes.ts";

/** Shows a notification on this machine's desktop by `notify-send`. */
export function desktopChannel(config: NonNullable<NotifyConfig["desktop"]>, env: Env): Channel {
  return {
    name: "desktop",
    unusable: null,
    events: new Set(config.events),
    send: async ({ title, text, urgent }, signal) => {
      const urgency = urgent ? "critical" : "normal";
      const words = ["--", clipped(title, 200), clipped(markupFree(text), 1_000)];
      return shown(["--app-name=claude-failover", `--urgency=${urgency}`, ...words], env, signal);
    },
  };
}

async function shown(args: string[], env: Env, signal: AbortSignal): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>();
  execFile("notify-send", args, { env: desktopEnv(env), signal }, (thrown) => {
    if (thrown === null) resolve({ ok: true });
    else if (errnoOf(thrown) === "ENOENT") resolve(failed("there is no notify-send", false));
    else resolve(failed(`notify-send ended with ${String(thrown.code)}`, true));
  });
  const sent = await promise;
  signal.throwIfAborted();
  return sent;
}

/** A service is not told where the session's bus is; systemd puts it there for every user. */
function desktopEnv(env: Env): Record<string, string> {
  const { PATH, HOME, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS } = env;
  const usual = XDG_RUNTIME_DIR === undefined ? undefined : `unix:path=${XDG_RUNTIME_DIR}/bus`;
  const bus = DBUS_SESSION_BUS_ADDRESS ?? usual;
  const all = { PATH, HOME, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR };
  const given = Object.entries({ ...all, DBUS_SESSION_BUS_ADDRESS: bus });
  return Object.fromEntries(
    given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
