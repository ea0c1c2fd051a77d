/** Usage over time, one line an account, and the switchovers as marks. */
import uPlot from "/web/uplot.js";

const COLOURS = ["#2f7ed8", "#e08a1e", "#2f9e68", "#b45ad6", "#d64550", "#6b7a86"];
export const colourOf = (index) => COLOURS[index % COLOURS.length];

let plot = null;
let shape = "";

/** The points of all accounts on one time axis; where one tells nothing, nothing is drawn. */
function aligned(series) {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort(
    (a, b) => a - b,
  );
  const lines = series.map(({ points }) => {
    const values = new Map(points);
    return times.map((at) => values.get(at));
  });
  return [times.map((at) => at / 1_000), ...lines];
}

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
const resolved = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return ink(name) === "" ? "#888" : color;
};

function marks(switchovers) {
  return {
    hooks: {
      draw: (u) => {
        const { ctx, bbox } = u;
        ctx.save();
        ctx.strokeStyle = resolved("--soft");
        ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
        for (const at of switchovers) {
          const x = Math.round(u.valToPos(at / 1_000, "x", true));
          if (x < bbox.left || x > bbox.left + bbox.width) continue;
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        ctx.restore();
      },
    },
  };
}

/** Draws, or draws anew. `series` are `{name, points: [[epoch ms, percent], …]}`. */
export function drawUsage(place, { series, switchovers, from, to }) {
  const data = aligned(series);
  if (data[0].length === 0) {
    plot?.destroy();
    plot = null;
    place.replaceChildren(
      Object.assign(document.createElement("p"), {
        className: "empty soft",
        textContent: "No readings in this time.",
      }),
    );
    return;
  }
  const width = place.clientWidth - 12;
  const key = JSON.stringify([series.map(({ name }) => name), from, switchovers, width]);
  if (plot !== null && key === shape) return plot.setData(data, false);
  plot?.destroy();
  place.replaceChildren();
  shape = key;
  const axis = {
    stroke: resolved("--soft"),
    grid: { stroke: resolved("--line"), width: 1 },
    ticks: { stroke: resolved("--line"), width: 1 },
    font: "12px system-ui",
  };
  plot = new uPlot(
    {
      width,
      height: 260,
      legend: { show: false },
      cursor: { y: false },
      plugins: [marks(switchovers)],
      scales: { x: { min: from / 1_000, max: to / 1_000 }, y: { range: [0, 100] } },
      axes: [axis, { ...axis, size: 52, values: (_, all) => all.map((each) => `${each} %`) }],
      series: [
        {},
        ...series.map(({ name }, index) => ({
          label: name,
          stroke: colourOf(index),
          width: 2,
          spanGaps: true,
          points: { show: data[0].length < 60, size: 4, fill: colourOf(index) },
        })),
      ],
    },
    data,
    place,
  );
}
