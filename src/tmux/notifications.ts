/** What a subscribed format evaluates to now. */
export interface SubscriptionValue {
  readonly name: string;
  readonly value: string;
}

/** Events of a `TmuxClient`, with the arguments their listeners get. */
export interface TmuxEvents {
  /** A session was created, closed or renamed somewhere on the server. */
  sessionsChanged: [];
  /** A window closed, in any session; `windowId` is `@` and a number. */
  windowClosed: [{ readonly windowId: string }];
  subscription: [SubscriptionValue];
  disconnected: [{ readonly reason: string }];
  /** `serverRestarted`: the sessions of the old server are gone. */
  reconnected: [{ readonly serverPid: number; readonly serverRestarted: boolean }];
}

export type NotificationEvent =
  | { readonly name: "sessionsChanged" }
  | { readonly name: "windowClosed"; readonly value: { readonly windowId: string } }
  | { readonly name: "subscription"; readonly value: SubscriptionValue };

/** The event a control-mode notification stands for, or null if nobody needs it. */
export function notificationEvent(name: string, text: string): NotificationEvent | null {
  switch (name) {
    case "sessions-changed":
    case "session-renamed":
      return { name: "sessionsChanged" };
    case "window-close":
    case "unlinked-window-close":
      return { name: "windowClosed", value: { windowId: text.split(" ", 1)[0] ?? "" } };
    case "subscription-changed": {
      // name $session @window index %pane : value
      const match = /^(\S+) (?:\S+ )*?: (.*)$/s.exec(text);
      if (match === null) return null;
      return { name: "subscription", value: { name: match[1] ?? "", value: match[2] ?? "" } };
    }
    default:
      return null;
  }
}
