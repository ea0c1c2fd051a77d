import { expect, it } from "vitest";
import { pageFile } from "../../../src/api/page.ts";

it.each(["/", "/web/app.js", "/web/style.css", "/web/uplot.js"])(
  "%s runs nothing inline or from elsewhere, and is in nobody's frame",
  async (path) => {
    const policy = (await pageFile("GET", path))?.headers.get("content-security-policy") ?? "";
    expect(policy.split("; ").toSorted()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
  },
);
