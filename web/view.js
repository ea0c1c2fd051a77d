/** Parts of the page. Everything that came from elsewhere is set as text, never as markup. */

/** An element with attributes and children; a child is an element or text. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined && value !== null) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Sets a text that is read aloud when it changes, and only then. */
export function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

/** `2 h 5 min`, the two greatest parts. */
export function lasting(ms) {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  const days = Math.floor(minutes / 1_440);
  const hours = Math.floor((minutes % 1_440) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes === 0 ? "less than a minute" : `${minutes} min`;
}

export const inTime = (time) => lasting(Date.parse(time) - Date.now());
export const ago = (time) => lasting(Date.now() - Date.parse(time));

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });

export function timeOf(at) {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return el("time", { datetime: at }, (isToday ? clock : day).format(new Date(at)));
}

const TONES = {
  active: "good",
  standby: "soft",
  exhausted: "bad",
  quarantined: "bad",
  loggedOut: "bad",
  unknown: "warn",
  working: "good",
  idle: "soft",
  starting: "soft",
  asking: "warn",
  limited: "bad",
  held: "warn",
  dead: "bad",
  committed: "good",
  rolledBack: "warn",
  continued: "good",
  wentOn: "good",
  relaunched: "good",
};
export const tone = (word) => TONES[word] ?? "warn";

const WINDOWS = { fiveHour: "5 hours", weekly: "Week", overage: "Overage" };
export const windowName = (word) => WINDOWS[word] ?? word.replace(/^model:/, "Week, ");

export function accountCard(account, isActive) {
  const { name, state, windows, limitations, identity, exhaustedUntil, conflicts } = account;
  const own = account.slots.filter((slot) => slot !== "shared");
  const why = limitations.filter(({ code }) => code !== "isActive").map(({ text }) => text);
  return el(
    "article",
    { class: isActive ? "account active" : "account" },
    el("h3", {}, name, el("span", { class: tone(state) }, state)),
    identity?.email
      ? el(
          "p",
          { class: "soft" },
          [identity.email, identity.subscription].filter(Boolean).join(", "),
        )
      : null,
    own.length > 0 ? el("p", { class: "soft" }, `Own slots here: ${own.join(", ")}`) : null,
    exhaustedUntil ? el("p", { class: "bad" }, `Spent for ${inTime(exhaustedUntil)}`) : null,
    ...(exhaustedUntil ? [] : why.map((text) => el("p", { class: "warn" }, text))),
    ...conflicts.map((text) => el("p", { class: "warn" }, `Signals differ: ${text}`)),
    ...windows.map(windowBar),
    windows.length === 0 ? el("p", { class: "soft" }, "Nothing is known of its usage yet.") : null,
  );
}

function windowBar({ window, usedPercent, resetsAt, forecast }) {
  const used = usedPercent === null ? "unknown" : `${Math.round(usedPercent)} %`;
  const told = [
    resetsAt ? `resets in ${inTime(resetsAt)}` : null,
    forecast?.limitAt ? `full in ${inTime(forecast.limitAt)} at this pace` : null,
  ].filter(Boolean);
  const attributes = { min: 0, max: 100, low: 75, high: 90, optimum: 0, value: usedPercent ?? 0 };
  return el(
    "div",
    { class: "window" },
    el("span", {}, windowName(window)),
    el("span", { class: "number" }, used),
    el("meter", { ...attributes, "aria-label": `${windowName(window)}: ${used}` }),
    told.length > 0
      ? el("span", { class: forecast?.limitAt ? "soft soon" : "soft" }, told.join(", "))
      : null,
  );
}

export function sessionRows(sessions, onHold) {
  const head = ["Session", "State", "Account", "Task", "Since", "Folder", ""];
  const optional = [false, false, false, true, true, true, false];
  const cell = (index, ...children) =>
    el("td", optional[index] ? { class: "optional" } : {}, ...children);
  return [
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ...head.map((word, at) => el("th", optional[at] ? { class: "optional" } : {}, word)),
      ),
    ),
    el(
      "tbody",
      {},
      ...sessions.map(
        ({ name, kind, state, slot, account, nextAccount, task, since, cwd, note }) => {
          const hasMoved = account && nextAccount && nextAccount !== account;
          const button = el("button", { type: "button" }, state === "held" ? "Release" : "Hold");
          button.addEventListener("click", () => onHold(name, state !== "held"));
          return el(
            "tr",
            {},
            cell(0, name, el("div", { class: "soft" }, kind)),
            cell(
              1,
              el("span", { class: tone(state) }, state),
              note ? el("div", { class: "soft" }, note.text) : null,
            ),
            cell(
              2,
              hasMoved ? `${account} → ${nextAccount}` : (account ?? "–"),
              slot === "shared" ? null : el("div", { class: "soft" }, `slot ${slot}`),
            ),
            cell(3, task === null || task === undefined ? "–" : String(task)),
            cell(4, ago(since)),
            cell(5, cwd),
            cell(6, button),
          );
        },
      ),
    ),
  ];
}

const QUIET = new Set(["seq", "session", "text"]);

export function eventItem({ at, type, data }) {
  const fields = Object.entries(data ?? {}).filter(
    ([key, value]) => value !== null && !QUIET.has(key),
  );
  const rest = fields.map(([key, value]) => `${key} ${typeof value === "object" ? "…" : value}`);
  const words = [data?.session, data?.text, rest.join(", ")].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    timeOf(at),
    el("strong", {}, type),
    " ",
    el("span", { class: "soft" }, words),
  );
}

export function switchoverItem(entry, onOpen) {
  const { id, cause, from, to, startedAt, outcome, sessions } = entry;
  const count = sessions.filter(({ outcome: how }) => how !== "notContinued").length;
  const button = el(
    "button",
    { type: "button" },
    timeOf(startedAt),
    el("strong", {}, `${from} → ${to}`),
    ` ${cause}, `,
    el("span", { class: tone(outcome ?? "") }, outcome ?? "under way"),
    sessions.length > 0 ? `, ${count} of ${sessions.length} went on` : null,
  );
  button.addEventListener("click", () => onOpen(id));
  return el("li", {}, button);
}
