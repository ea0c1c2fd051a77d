/** One switchover with everything that is known of it. */
import { el, timeOf, tone } from "./view.js";

const SVG = "http://www.w3.org/2000/svg";

/** Where a step lies in the whole, drawn: no style attribute is needed, which the page forbids. */
function bar(from, width) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 100 4");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [x, w, fill] of [
    [0, 100, "var(--line)"],
    [Math.min(from, 99.3), Math.max(width, 0.7), "var(--mark)"],
  ]) {
    const rect = document.createElementNS(SVG, "rect");
    for (const [key, value] of Object.entries({ x, y: 0, width: w, height: 4, fill }))
      rect.setAttribute(key, value);
    svg.append(rect);
  }
  return svg;
}

const ms = (value) =>
  value === null
    ? "–"
    : value < 1_000
      ? `${Math.round(value)}\u00a0ms`
      : `${(value / 1_000).toFixed(1)}\u00a0s`;

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el("dl", {}, ...known.flatMap(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]));
}

function table(head, rows) {
  return el(
    "div",
    { class: "wide" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...head.map((word) => el("th", {}, word)))),
      el(
        "tbody",
        {},
        ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell)))),
      ),
    ),
  );
}

function factsOf({ cause, from, to, startedAt, outcome, trigger }, { timings, link }) {
  return facts([
    ["Moved", `${from} → ${to}, ${cause}`],
    ["Outcome", el("span", { class: tone(outcome ?? "") }, outcome ?? "under way")],
    ["Began", timeOf(startedAt)],
    ["Took", ms(timings.totalMs)],
    ["Refusal to flip", timings.evidenceToFlipMs === null ? null : ms(timings.evidenceToFlipMs)],
    ["Link", `${link.slot} → ${link.after}`],
    ["Trigger", trigger ? `${trigger.session}: ${trigger.class} by ${trigger.pattern}` : "by hand"],
    ["Its words", trigger?.snippet ?? null],
  ]);
}

function stepsTable({ totalMs, steps }) {
  const total = Math.max(1, totalMs ?? 1);
  const rows = steps.map(({ step, afterMs, tookMs }) => [
    step,
    ms(afterMs),
    ms(tookMs),
    bar((afterMs / total) * 100, ((tookMs ?? 0) / total) * 100),
  ]);
  return table(["Step", "After", "Took", ""], rows);
}

function sessionsTable(sessions) {
  const rows = sessions.map(({ name, strategy, outcome, continuedMs, proof }) => [
    name,
    strategy,
    el("span", { class: tone(outcome) }, outcome),
    ms(continuedMs),
    proof ?? "–",
  ]);
  return table(["Session", "How", "Outcome", "After", "Proof"], rows);
}

function evidenceTable(evidence) {
  const rows = evidence.map((each) => [
    timeOf(each.observedAt),
    each.session,
    each.channel,
    each.class,
    each.snippet,
  ]);
  return table(["Seen", "Session", "Channel", "Class", "Words"], rows);
}

/** The parts of the view, in order. */
export function forensicView({ entries: [entry], forensics }) {
  if (entry === undefined) return [el("p", {}, "There is no such switchover.")];
  const part = (title, all, made) => (all.length === 0 ? [] : [el("h2", {}, title), made(all)]);
  return [
    el("h2", {}, `Switchover ${entry.id}`),
    factsOf(entry, forensics),
    el("h2", {}, "Steps"),
    stepsTable(forensics.timings),
    ...part("Sessions", entry.sessions, sessionsTable),
    ...part("Evidence", forensics.evidence, evidenceTable),
  ];
}
