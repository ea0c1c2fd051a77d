import { readFile } from "node:fs/promises";

/** The page's own files, from the sources as from `dist/`; the chart library is a dependency. */
const PAGE = new URL("../../web/", import.meta.url);
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" };

const FILES: Readonly<Record<string, () => URL>> = {
  "/": () => new URL("index.html", PAGE),
  "/web/style.css": () => new URL("style.css", PAGE),
  ...Object.fromEntries(
    ["app", "api", "view", "chart", "forensics"].map((name) => [
      `/web/${name}.js`,
      () => new URL(`${name}.js`, PAGE),
    ]),
  ),
  "/web/uplot.js": () => new URL(import.meta.resolve("uplot/dist/uPlot.esm.js")),
  "/web/uplot.css": () => new URL(import.meta.resolve("uplot/dist/uPlot.min.css")),
};

/** Nothing inline, nothing from elsewhere, in nobody's frame. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

/**
 * A file of the web page, or null when the path is none of it. The page holds nothing of the fleet:
 * it asks for the token, and the API with it.
 */
export async function pageFile(method: string, path: string): Promise<Response | null> {
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  if (file === undefined || (method !== "GET" && method !== "HEAD")) return null;
  const url = file();
  const ending = url.pathname.split(".").at(-1) as keyof typeof TYPES;
  const body = method === "HEAD" ? null : new Uint8Array(await readFile(url));
  return new Response(body, {
    headers: { ...HEADERS, "content-type": `${TYPES[ending]}; charset=utf-8` },
  });
}
