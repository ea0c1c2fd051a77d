import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { gated } from "../../src/api/gate.ts";
import { listenTcp } from "../../src/api/listen.ts";
import { apiApp } from "../../src/api/server.ts";
import { systemClock } from "../../src/clock.ts";
import {
  AskingFleet,
  OwnSlotFleet,
  HOSTILE,
  LongWordedFleet,
  PageFleet,
} from "../support/page-fleet.ts";

const TOKEN = "0123456789abcdef-page";
/** The whole fleet is moved, no session alone. */
const MOVE = { to: "work", session: null, dryRun: false };
const SHOTS = process.env["CF_TEST_SHOTS"];

let browser: Browser;
beforeAll(async () => {
  const executablePath = process.env["CF_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  // As root in a container there is no sandbox to be had; only our own page is opened.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(async () => browser.close());

interface Seen {
  readonly page: Page;
  readonly url: string;
  readonly fleet: PageFleet;
  /** What the browser complained of, and every address it asked for. */
  readonly complaints: string[];
  readonly addresses: string[];
}

async function visit(options: {
  width: number;
  height: number;
  dark?: boolean;
  fleet?: PageFleet;
}): Promise<Seen> {
  const { width, height, dark = false, fleet = new PageFleet() } = options;
  const app = gated(apiApp(fleet.areas), { token: TOKEN, clock: systemClock });
  const { server, url } = await listenTcp(app, { host: "127.0.0.1", port: 0 });
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
  });
  onTestFinished(async () => {
    await context.close();
    server.closeAllConnections();
    server.close();
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const addresses: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("request", (request) => addresses.push(request.url()));
  return { page, url, fleet, complaints, addresses };
}

async function enter({ page, url }: Seen): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { name: "work" }).waitFor();
}

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describe("the web page", () => {
  test("shows nothing without the token, and keeps it out of every address", async () => {
    const seen = await visit({ width: 1280, height: 900 });
    const { page, url, addresses } = seen;
    await page.goto(url);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("That is not the token.").waitFor();
    expect(await page.getByRole("heading", { name: "Accounts" }).isVisible()).toBe(false);
    await shot(page, "door");
    await page.goto(`${url}/#token=${TOKEN}`);
    await page.reload();
    await page.getByRole("heading", { name: "work" }).waitFor();
    expect(page.url()).toBe(`${url}/`);
    expect(addresses.filter((each) => each.replace(/#.*/, "").includes(TOKEN))).toEqual([]);
  });

  test("shows the fleet as it is, what sessions say as text, and breaks none of its own rules", async () => {
    const seen = await visit({ width: 1280, height: 900 });
    const { page, fleet, complaints } = seen;
    fleet.happen(2_000);
    await enter(seen);
    await expect.poll(async () => page.locator("#events li").count()).toBe(100);
    expect(fleet.asked.filter((each) => (each as { since?: number }).since === 0)).toEqual([]);
    expect(await page.getByLabel("Token").isVisible()).toBe(false);
    await page.getByText("Spent for").waitFor();
    await page.getByText("full in").first().waitFor();
    await page.locator("#chart canvas").waitFor();
    await page.getByRole("cell", { name: HOSTILE }).waitFor();
    fleet.happen();
    await expect.poll(() => fleet.asked).toContainEqual({ since: 2_001, limit: 1_000 });
    await shot(page, "desktop");
    await page.getByRole("button", { name: "work → home" }).click();
    await page.getByText("hook:rate_limit+text").waitFor();
    await page.getByRole("cell", { name: "verify" }).waitFor();
    await shot(page, "forensics");
    expect(await page.title()).toBe("home");
    expect(complaints).toEqual([]);
  });

  test("switches over after it has shown the steps", async () => {
    const seen = await visit({ width: 1280, height: 900, dark: true });
    const { page, fleet } = seen;
    await enter(seen);
    await shot(page, "dark");
    await page.getByRole("button", { name: "Switch over…" }).click();
    await page.getByText("what flip does").waitFor();
    expect(fleet.asked).not.toContainEqual(MOVE);
    await page.getByRole("button", { name: "Switch over", exact: true }).click();
    await page.getByText("Switchover 13 is committed.").waitFor();
    expect(fleet.asked).toContainEqual(MOVE);
  });

  test.each([
    ["Confirm", 1280],
    ["Decline", 320],
  ])("takes %s to what is proposed, and releases a pin, at %i pixels", async (word, width) => {
    const seen = await visit({ width, height: 844, fleet: new AskingFleet() });
    const { page, fleet, complaints } = seen;
    await enter(seen);
    await page
      .getByText(`Move the fleet from home to spare? (failover: home is at 58 % ${HOSTILE})`)
      .waitFor();
    await page.getByText("Pinned to home by hand").waitFor();
    expect(await page.title()).toBe("asking: home");
    await shot(page, `asking-${width}`);
    await page.getByRole("button", { name: word }).click();
    await page.getByText("Done as you say.").waitFor();
    await page.getByText("Move the fleet from home").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Release the pin" }).click();
    await page.getByText("Pinned to home").waitFor({ state: "hidden" });
    expect(fleet.asked.filter(isAnswer)).toEqual([
      { session: null, [word.toLowerCase()]: true },
      { session: null, dryRun: false, release: true },
    ]);
    expect(await page.title()).toBe("home");
    expect(complaints).toEqual([]);
  });

  test("answers, releases and moves the slot that is meant, and no other", async () => {
    const seen = await visit({ width: 390, height: 844, fleet: new OwnSlotFleet() });
    const { page, fleet, complaints } = seen;
    await enter(seen);
    await page.getByText("Move slot web from spare to home?").waitFor();
    await shot(page, "own-slot");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("Move slot web from spare").waitFor({ state: "hidden" });
    await page.getByText("Slot web is pinned to spare by hand").waitFor();
    await page.getByRole("button", { name: "Release the pin" }).click();
    await page.getByText("Slot web is pinned").waitFor({ state: "hidden" });
    expect(fleet.asked.filter(isAnswer)).toEqual([
      { session: "ccl-2-web", confirm: true },
      { session: "ccl-2-web", dryRun: false, release: true },
    ]);
    await page.getByRole("button", { name: "Switch over…" }).click();
    await page.getByLabel("What").selectOption("slot web (ccl-2-web)");
    await expect
      .poll(() => fleet.asked)
      .toContainEqual({ ...MOVE, session: "ccl-2-web", dryRun: true });
    await page.getByText("what flip does").waitFor();
    await shot(page, "own-slot-move");
    await page.getByRole("button", { name: "Switch over", exact: true }).click();
    await page.getByText("Switchover 13 is committed.").waitFor();
    expect(fleet.asked).toContainEqual({ ...MOVE, session: "ccl-2-web" });
    expect(complaints).toEqual([]);
  });

  test.each(["Switch over…", "Pause"])(
    "shuts the door when %s meets a token that is no longer right, and opens it again",
    async (change) => {
      const seen = await visit({ width: 1280, height: 900 });
      const { page, fleet } = seen;
      await enter(seen);
      await page.evaluate(
        "for (const key of Object.keys(sessionStorage)) sessionStorage[key] = 'old'",
      );
      await page.getByRole("button", { name: change }).click();
      await page.getByText("That is not the token.").waitFor();
      expect(fleet.asked).not.toContain("pause");
      expect(fleet.asked).not.toContainEqual(expect.objectContaining({ dryRun: true }));
      const fleetParts = ["#fleet", "#actions"].map(async (part) => page.locator(part).isVisible());
      expect(await Promise.all(fleetParts)).toEqual([false, false]);
      await page.getByLabel("Token").fill(TOKEN);
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByRole("heading", { name: "work" }).waitFor();
      expect(await page.getByLabel("Token").isVisible()).toBe(false);
    },
  );

  test.each([320, 390])(
    "fits on a phone of %i pixels, whatever long words it shows",
    async (width) => {
      const seen = await visit({ width, height: 844, fleet: new LongWordedFleet() });
      const { page, fleet } = seen;
      fleet.happen(3);
      await enter(seen);
      await page.locator("#chart canvas").waitFor();
      await page.locator("#events li").first().waitFor();
      await shot(page, `phone-${width}`);
      expect(await tooWide(page, "document.documentElement")).toBe(0);
      await page.getByRole("button", { name: "→ home" }).click();
      await page.getByText("hook:rate_limit+text").waitFor();
      await shot(page, `phone-${width}-forensics`);
      expect(await tooWide(page, "document.querySelector('#forensics')")).toBe(0);
      expect(await tooWide(page, "document.documentElement")).toBe(0);
    },
  );
});

function isAnswer(asked: unknown): boolean {
  return (
    typeof asked === "object" &&
    asked !== null &&
    ["confirm", "decline", "release"].some((key) => key in asked)
  );
}

/** By how many pixels what is in an element is wider than it is. */
async function tooWide(page: Page, element: string): Promise<number> {
  return page.evaluate(`${element}.scrollWidth - ${element}.clientWidth`);
}
