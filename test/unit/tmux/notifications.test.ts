import { expect, test } from "vitest";
import { notificationEvent } from "../../../src/tmux/notifications.ts";

test.each([
  ["sessions-changed", "", { name: "sessionsChanged" }],
  ["session-renamed", "$1 b", { name: "sessionsChanged" }],
  ["window-close", "@3", { name: "windowClosed", value: { windowId: "@3" } }],
  ["unlinked-window-close", "@12", { name: "windowClosed", value: { windowId: "@12" } }],
  [
    "subscription-changed",
    "search $0 - - - : %1 %4 ",
    { name: "subscription", value: { name: "search", value: "%1 %4 " } },
  ],
  [
    "subscription-changed",
    "x $0 @1 2 %3 : a : b",
    { name: "subscription", value: { name: "x", value: "a : b" } },
  ],
  [
    "subscription-changed",
    "x $0 - - - : ",
    { name: "subscription", value: { name: "x", value: "" } },
  ],
  ["subscription-changed", "nonsense", null],
  ["window-add", "@3", null],
  ["exit", "", null],
])("%s %j", (name, text, event) => {
  expect(notificationEvent(name, text)).toEqual(event);
});
