/** The page: looks when something happened, and every 15 s for what only time changes. */
import {
  follow,
  forgetToken,
  get,
  hasToken,
  post,
  Refused,
  setToken,
  takeTokenFromAddress,
} from "./api.js";
import { colourOf, drawUsage } from "./chart.js";
import { forensicView } from "./forensics.js";
import {
  accountCard,
  ago,
  byId,
  el,
  eventItem,
  inTime,
  say,
  sessionRows,
  switchoverItem,
  windowName,
} from "./view.js";

const SHOWN_EVENTS = 100;
const LOOK_MS = 15_000;
const state = {
  window: "fiveHour",
  hours: 24,
  status: null,
  history: [],
  lastSeq: null,
  isListening: false,
  soon: null,
};

function showDoor(message = "") {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  byId("door").hidden = false;
  byId("fleet").hidden = true;
  byId("actions").hidden = true;
  byId("refused").textContent = message;
  byId("token").focus();
}

function toast(text) {
  const note = el("p", { class: "toast", role: "status" }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 5_000);
}

/** What goes wrong is said where it can be seen; a refused token asks for another. */
async function tried(work) {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Refused) {
      forgetToken();
      showDoor(thrown.message);
    } else say("vitals", `No answer: ${thrown.message}`);
    return undefined;
  }
}

async function look() {
  const since = Date.now() - state.hours * 3_600_000;
  const [status, history, usage] = await Promise.all([
    get("/v1/status"),
    get("/v1/history?limit=50"),
    get(`/v1/usage?since=${since}`),
  ]);
  state.status = status;
  state.history = history.entries;
  byId("door").hidden = true;
  byId("fleet").hidden = false;
  byId("actions").hidden = false;
  showStatus(status);
  byId("history").replaceChildren(
    ...(history.entries.length === 0 ? [el("li", { class: "soft" }, "None yet.")] : []),
    ...history.entries.map((entry) => switchoverItem(entry, openForensics)),
  );
  showUsage(usage, since);
}

function showStatus(status) {
  const { daemon, activeAccount, held, accounts, sessions, decision } = status;
  const asks = proposedSlots(status).length > 0;
  const up = daemon.startedAt ? `, up ${ago(daemon.startedAt)}` : "";
  const mode = held ? "HELD" : daemon.paused ? "paused" : asks ? "asking" : "running";
  say("vitals", `${mode}, ${daemon.version}${up}, active: ${activeAccount ?? "unknown"}`);
  document.title = `${mode === "running" ? "" : `${mode}: `}${activeAccount ?? "claude-failover"}`;
  byId("pause").textContent = daemon.paused ? "Resume" : "Pause";
  byId("held").hidden = held === null;
  say("held", held ? `${held.message} ${held.hint}` : "");
  showAsked("proposals", proposedSlots(status), proposalCard);
  for (const left of document.querySelectorAll(".left"))
    left.textContent = `Without an answer in ${inTime(left.dataset.until)} nothing is done.`;
  showAsked(
    "pins",
    slotsOf(status).filter(({ pinned }) => pinned !== null),
    pinCard,
  );
  byId("decision").replaceChildren(
    ...(decision
      ? [el("strong", {}, decision.code), `: ${decision.text}, ${ago(decision.at)} ago`]
      : []),
  );
  byId("accounts").replaceChildren(
    ...accounts.map((account) => accountCard(account, account.name === activeAccount)),
  );
  byId("sessions").replaceChildren(...sessionRows(sessions, holdOrRelease));
}

/** Every slot as it can be asked about: `session` is null for the shared one. */
function slotsOf({ activeAccount, pinned, proposal, slots }) {
  const shared = { session: null, label: "the fleet", account: activeAccount, pinned, proposal };
  const own = slots.filter(({ name }) => name !== "shared");
  return [
    shared,
    ...own.map((slot) => ({
      ...slot,
      session: slot.sessions[0] ?? slot.name,
      label: `slot ${slot.name}`,
    })),
  ];
}

const proposedSlots = (status) => slotsOf(status).filter(({ proposal }) => proposal !== null);

/** What waits for the operator's word, or stands because of it; read aloud when it changes only. */
function showAsked(id, slots, card) {
  const place = byId(id);
  const shown = JSON.stringify(
    slots.map(({ session, pinned, proposal }) => [session, pinned, proposal]),
  );
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.replaceChildren(...slots.map(card));
}

function proposalCard({ session, label, proposal }) {
  const { cause, from, to, text, until } = proposal;
  const buttons = ["Confirm", "Decline"].map((word) => button(word));
  for (const each of buttons)
    each.addEventListener("click", async () => {
      // A move takes seconds; meanwhile it is not asked for again.
      for (const other of buttons) other.disabled = true;
      await change(`/v1/${each.textContent.toLowerCase()}`, { session });
      for (const other of buttons) other.disabled = false;
    });
  return el(
    "section",
    { class: "asks", "aria-label": "Proposal" },
    el(
      "p",
      {},
      el("strong", {}, `Move ${label} from ${from} to ${to}? (${cause}: ${text})`),
      " ",
      el("span", { class: "soft left", "aria-live": "off", "data-until": until }),
    ),
    el("div", { class: "row" }, ...buttons),
  );
}

function pinCard({ session, label, pinned }) {
  const release = button("Release the pin");
  release.addEventListener("click", () => void change("/v1/failback", { session, release: true }));
  const whose = session === null ? "Pinned" : `${label.replace("s", "S")} is pinned`;
  return el(
    "section",
    { class: "asks", "aria-label": "Pin" },
    el("p", {}, `${whose} to ${pinned} by hand, until it is exhausted or released.`),
    release,
  );
}

const button = (text) => el("button", { type: "button" }, text);

function showUsage({ accounts }, from) {
  const series = accounts.map(({ name, windows }) => ({
    name,
    points: windows.find(({ window }) => window === state.window)?.points ?? [],
  }));
  const switchovers = state.history.map(({ startedAt }) => Date.parse(startedAt));
  drawUsage(byId("chart"), { series, switchovers, from, to: Date.now() });
  byId("legend").replaceChildren(
    ...series.map(({ name }, index) => el("span", {}, swatch(colourOf(index)), name)),
    ...(switchovers.some((at) => at >= from)
      ? [el("span", { class: "soft" }, "┆ switchover")]
      : []),
  );
}

function swatch(colour) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const rect = document.createElementNS(namespace, "rect");
  for (const [key, value] of Object.entries({ width: "100%", height: "100%", rx: 3, fill: colour }))
    rect.setAttribute(key, value);
  svg.setAttribute("aria-hidden", "true");
  svg.append(rect);
  return svg;
}

/** A burst of events is one look. */
function lookSoon() {
  state.soon ??= setTimeout(() => {
    state.soon = null;
    void tried(look);
  }, 200);
}

/** The newest events, then what happens; a connection that ends is made again, and misses nothing. */
async function listen() {
  if (state.isListening) return;
  state.isListening = true;
  for (;;) {
    try {
      if (state.lastSeq === null) {
        const { lastEvent } = await get("/v1/tasks?limit=1");
        state.lastSeq = Math.max(0, lastEvent - SHOWN_EVENTS);
      }
      await follow(state.lastSeq, (event) => {
        showEvents([event]);
        lookSoon();
      });
    } catch {
      // Told by the next look; here only the next try matters.
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

function showEvents(events) {
  const place = byId("events");
  for (const event of events) state.lastSeq = Math.max(state.lastSeq, event.seq);
  place.prepend(...events.slice(-SHOWN_EVENTS).reverse().map(eventItem));
  while (place.children.length > SHOWN_EVENTS) place.lastElementChild.remove();
}

async function openForensics(id) {
  const told = await tried(() => get(`/v1/history?id=${id}`));
  if (told === undefined) return;
  byId("forensic").replaceChildren(...forensicView(told));
  byId("forensics").showModal();
}

/** Asks for a change, and says what became of it. */
async function change(path, body) {
  const action = await tried(() => post(path, body));
  if (action !== undefined) toast([action.text, action.hint].filter(Boolean).join(" "));
  lookSoon();
}

const holdOrRelease = (session, isHold) => change(isHold ? "/v1/hold" : "/v1/release", { session });
const pauseOrResume = () => change(state.status?.daemon.paused ? "/v1/resume" : "/v1/pause");

/** What would be done is shown before it can be done. */
async function rehearse() {
  const plan = await tried(() => post("/v1/switchover", { ...wantedMove(), dryRun: true }));
  byId("go").disabled = plan?.done !== true;
  byId("outcome").textContent = plan === undefined || plan.done ? "" : `${plan.text} ${plan.hint}`;
  byId("steps").replaceChildren(
    ...(plan?.steps ?? []).map(({ step, text }) =>
      el("li", {}, el("strong", {}, step), `: ${text}`),
    ),
  );
}

/** Which slot, by a session of it, and where to. */
function wantedMove() {
  return { session: byId("slot").value || null, to: byId("target").value };
}

async function askSwitchover() {
  const slots = slotsOf(state.status);
  byId("which").hidden = slots.length === 1;
  byId("slot").replaceChildren(
    ...slots.map(({ session, label, sessions = [] }) =>
      el(
        "option",
        { value: session ?? "" },
        session === null ? label : `${label} (${sessions.join(", ")})`,
      ),
    ),
  );
  byId("ask").showModal();
  await offerTargets();
}

/** Every account but the one that the slot is on. */
async function offerTargets() {
  const { session } = wantedMove();
  const slot = slotsOf(state.status).find((each) => each.session === session);
  const others = state.status.accounts.filter(({ name }) => name !== slot?.account);
  byId("target").replaceChildren(...others.map(({ name }) => el("option", { value: name }, name)));
  await rehearse();
}

async function goAhead() {
  byId("go").disabled = true;
  byId("outcome").textContent = "Under way…";
  const action = await tried(() => post("/v1/switchover", wantedMove()));
  if (action !== undefined) byId("outcome").textContent = `${action.text} ${action.hint ?? ""}`;
  lookSoon();
}

function choices(place, all, chosen, choose) {
  place.replaceChildren(
    ...all.map(([value, text]) => {
      const button = el(
        "button",
        { type: "button", "aria-pressed": String(value === chosen) },
        text,
      );
      button.addEventListener("click", () => {
        for (const each of place.children)
          each.setAttribute("aria-pressed", String(each === button));
        choose(value);
        void tried(look);
      });
      return button;
    }),
  );
}

async function open() {
  await tried(async () => {
    await look();
    void listen();
  });
}

takeTokenFromAddress();
choices(
  byId("windows"),
  ["fiveHour", "weekly"].map((word) => [word, windowName(word)]),
  state.window,
  (word) => (state.window = word),
);
choices(
  byId("spans"),
  [
    [24, "24 h"],
    [168, "7 d"],
  ],
  state.hours,
  (hours) => (state.hours = hours),
);
byId("door").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(byId("token").value);
  byId("token").value = "";
  void open();
});
byId("switch").addEventListener("click", () => void askSwitchover());
byId("pause").addEventListener("click", () => void pauseOrResume());
byId("slot").addEventListener("change", () => void offerTargets());
byId("target").addEventListener("change", () => void rehearse());
byId("go").addEventListener("click", () => void goAhead());
addEventListener("resize", lookSoon);
setInterval(() => {
  if (!byId("fleet").hidden && !document.hidden) void tried(look);
}, LOOK_MS);
if (hasToken()) void open();
else showDoor();
