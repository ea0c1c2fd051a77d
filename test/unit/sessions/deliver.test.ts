import { describe, expect, it } from "vitest";
import { isShownAs } from "../../../src/claude/prompt-text.ts";
import type { Dialog, Screen } from "../../../src/claude/screen.ts";
import { nextStep } from "../../../src/sessions/deliver.ts";
import type { Receipt } from "../../../src/sessions/receipts.ts";
import { DeliveryScene as Scene } from "../../support/delivery-scene.ts";

const screen = (changes: Partial<Screen>): Screen => ({
  composer: { kind: "none" },
  dialog: null,
  busy: false,
  ...changes,
});
const composing = (text: string): Screen => screen({ composer: { kind: "draft", text } });
const shownIn = ({ composer }: Screen): string => (composer.kind === "draft" ? composer.text : "");
const look = (kind: string) => ({ kind: "look", meanwhile: { kind } });

describe("the next step", () => {
  const empty = screen({ composer: { kind: "empty" } });
  it.each<readonly [string, Screen, boolean, object]>([
    ["an empty composer is typed into", empty, false, { kind: "type" }],
    ["an empty composer is typed into again", empty, true, { kind: "type" }],
    ["the limit menu is closed", screen({ dialog: "limitMenu" }), false, { kind: "escape" }],
    ["the rewind menu is closed", screen({ dialog: "rewindMenu" }), true, { kind: "escape" }],
    ["a draft is left alone", composing("fix it"), false, look("draft")],
    ["a draft is left alone after a try", composing("fix it"), true, look("draft")],
    [
      "what the operator typed is a draft, whatever it says",
      composing("go on"),
      false,
      look("draft"),
    ],
    ["our own text is entered after a try", composing("go on"), true, { kind: "enter" }],
    ["our own text is known when it is wrapped", composing("go\n  on"), true, { kind: "enter" }],
    ["our own text with more behind it is a draft", composing("go on x"), true, look("draft")],
    ["no composer is waited for", screen({}), false, look("noComposer")],
  ])("%s", (_title, seen, triedBefore, step) => {
    const isOurs = triedBefore && isShownAs(shownIn(seen), "go on");
    expect(nextStep(seen, "go on", { isOurs, state: "ready" })).toEqual(step);
  });

  const asking: readonly Dialog[] = [
    "trust",
    "bypassPermissions",
    "onboarding",
    "login",
    "resumeSummary",
    "permission",
    "otherMenu",
  ];
  it.each(asking)("a dialog that asks the operator (%s) gets no key", (dialog) => {
    expect(nextStep(screen({ dialog }), "go on", { isOurs: true, state: "ready" })).toEqual({
      kind: "look",
      meanwhile: { kind: "dialog", dialog },
    });
  });
});

describe("a delivery", () => {
  it("types, then enters as a key of its own, and gives the client's receipt", async () => {
    const scene = new Scene();
    expect(await scene.deliver()).toMatchObject({
      kind: "delivered",
      attempts: 1,
      receipt: { promptId: "p-1", channel: "hook" },
    });
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
    expect(scene.asked).toBe(0);
  });

  it("says when the keys were sent", async () => {
    const scene = new Scene();
    scene.pane.menu = "limit";
    const start = scene.clock.now();
    const outcome = await scene.deliver();
    // Not before the menu had closed.
    expect(outcome.kind === "delivered" && outcome.sentAt - start).toBeGreaterThanOrEqual(150);
  });

  it("closes the limit menu with one Escape first", async () => {
    const scene = new Scene();
    scene.pane.menu = "limit";
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(scene.pane.log).toEqual(["Escape", "paste continue", "Enter"]);
  });

  it("closes a menu that came over its text, and enters it then", async () => {
    const scene = new Scene();
    scene.pane.afterPaste = () => void (scene.pane.menu = "limit");
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(scene.pane.log).toEqual(["paste continue", "Escape", "Enter"]);
  });

  it("does the same in a pane so narrow that its own text is wrapped", async () => {
    const scene = new Scene();
    scene.pane.width = 7;
    scene.pane.afterPaste = () => void (scene.pane.menu = "limit");
    expect(await scene.deliver("go on from where it stopped")).toMatchObject({ attempts: 1 });
    expect(scene.pane.log).toEqual(["paste go on from where it stopped", "Escape", "Enter"]);
  });

  it("closes a menu that came before the text was there, and types again", async () => {
    const scene = new Scene();
    let looks = 0;
    // Behind the first look, before the paste: the menu swallows the text.
    scene.pane.beforeLook = () => {
      looks += 1;
      if (looks === 1) queueMicrotask(() => void (scene.pane.menu = "limit"));
    };
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(scene.pane.log).toEqual(["paste continue", "Escape", "paste continue", "Enter"]);
  });

  it("presses no Enter in a view that came over its text, and enters it when that is gone", async () => {
    const scene = new Scene();
    scene.pane.afterPaste = () => {
      scene.pane.isDrawn = false;
      void scene.clock.sleep(5_000).then(() => void (scene.pane.isDrawn = true));
    };
    const start = scene.clock.now();
    const outcome = await scene.deliver();
    expect(outcome).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(outcome.kind === "delivered" && outcome.sentAt - start).toBeGreaterThanOrEqual(5_000);
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
  });

  it.each([80, 7])(
    "takes its text back where the turn went on while it was typed (%s columns)",
    async (width) => {
      const scene = new Scene();
      scene.pane.width = width;
      scene.pane.afterPaste = () => void (scene.isDue = false);
      expect(await scene.deliver("go on from where it stopped")).toEqual({ kind: "notDue" });
      expect(scene.pane.log.filter((entry) => entry !== "C-u")).toEqual([
        "paste go on from where it stopped",
      ]);
      expect(scene.pane.composer).toBe("");
      expect(scene.typed).toBeNull();
    },
  );

  it("submits nothing where an operator typed in the same moment", async () => {
    const scene = new Scene();
    scene.pane.afterPaste = () => void (scene.pane.composer = `half a${scene.pane.composer}`);
    expect(await scene.deliver()).toEqual({ kind: "draft" });
    expect(scene.pane.log).toEqual(["paste continue"]);
  });

  it("does not type again into a client that has read nothing yet", async () => {
    const { scene, submitted } = stopped();
    scene.clock
      .sleep(20_000)
      .then(() => scene.pane.goOn())
      .catch(() => undefined);
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(submitted).toEqual(["continue"]);
  });

  it.each([
    ["other things", () => undefined],
    ["no composer for a moment", (scene: Scene) => void (scene.pane.isDrawn = false)],
  ])("does not type again into a client that draws %s before it reads", async (_what, draw) => {
    const { scene, submitted } = stopped();
    scene.pane.beforeLook = () => {
      scene.pane.isBusy = !scene.pane.isBusy;
      if (scene.pane.log.length === 1) draw(scene);
    };
    void scene.clock.sleep(1_000).then(() => {
      scene.pane.isDrawn = true;
      scene.pane.beforeLook = () => void (scene.pane.isBusy = !scene.pane.isBusy);
    });
    void scene.clock.sleep(8_000).then(() => scene.pane.goOn());
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(submitted).toEqual(["continue"]);
  });

  it("waits until the client has said that it is up", async () => {
    const scene = new Scene();
    scene.state = "starting";
    let looks = 0;
    scene.pane.beforeLook = () => {
      looks += 1;
      expect(scene.pane.log).toEqual(looks > 10 ? scene.pane.log : []);
      if (looks === 10) scene.state = "ready";
    };
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
  });

  it("waits for the end of a turn that runs, longer than for anything else", async () => {
    const scene = new Scene();
    scene.state = "working";
    scene.pane.isBusy = true;
    const end = scene.clock.monotonic() + 50_000;
    scene.pane.beforeLook = () => {
      if (scene.clock.monotonic() < end) return;
      scene.state = "ready";
      scene.pane.isBusy = false;
    };
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(scene.clock.monotonic()).toBeGreaterThanOrEqual(end);
  });

  it("gives the text back when that turn does not end", async () => {
    const scene = new Scene();
    scene.state = "working";
    scene.pane.isBusy = true;
    expect(await scene.deliver()).toEqual({ kind: "busy" });
    expect(scene.pane.log).toEqual([]);
  });

  it("types one text after the other, in the order in which they were given", async () => {
    const scene = new Scene();
    const texts = ["one", "two", "three"];
    const outcomes = await Promise.all(texts.map(async (text) => scene.deliver(text)));
    expect(outcomes).toMatchObject(texts.map((text) => ({ receipt: { text } })));
    expect(scene.pane.log).toEqual(texts.flatMap((text) => [`paste ${text}`, "Enter"]));
  });

  it("only enters text that a killed daemon typed and did not enter", async () => {
    const scene = new Scene();
    scene.typed = "continue";
    scene.pane.composer = "continue";
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(scene.pane.log).toEqual(["Enter"]);
    expect(scene.typed).toBeNull();
  });

  it("takes the same words for an operator's draft where we typed none", async () => {
    const scene = new Scene();
    scene.pane.composer = "continue";
    expect(await scene.deliver()).toEqual({ kind: "draft" });
    expect(scene.pane.log).toEqual([]);
  });

  it("never touches an operator's draft", async () => {
    const scene = new Scene();
    scene.pane.composer = "half a thought";
    expect(await scene.deliver()).toEqual({ kind: "draft" });
    expect(scene.pane.log).toEqual([]);
    expect(scene.pane.composer).toBe("half a thought");
    expect(scene.typed).toBeNull();
  });

  it("goes on as soon as the draft is gone, if the turn still is cut off", async () => {
    const scene = new Scene();
    scene.pane.composer = "half a thought";
    let looks = 0;
    scene.pane.beforeLook = () => {
      looks += 1;
      if (looks === 10) scene.pane.composer = "";
    };
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
  });

  it("says nothing after the operator sent the draft", async () => {
    const scene = new Scene();
    scene.pane.composer = "half a thought";
    let looks = 0;
    scene.pane.beforeLook = () => {
      looks += 1;
      if (looks < 10) return;
      scene.pane.composer = "";
      scene.isDue = false;
    };
    expect(await scene.deliver()).toEqual({ kind: "notDue" });
    expect(scene.pane.log).toEqual([]);
  });

  it("leaves alone what the operator typed after a try of ours", async () => {
    const scene = new Scene();
    scene.pane.onSubmit = () => void (scene.pane.composer = "my own words");
    expect(await scene.deliver()).toEqual({ kind: "draft" });
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
  });

  it("takes the transcript's word, and types no second time", async () => {
    const scene = new Scene();
    scene.pane.onSubmit = () => undefined;
    scene.askTranscript = () => scene.tell({ channel: "row" });
    expect(await scene.deliver()).toMatchObject({
      kind: "delivered",
      attempts: 1,
      receipt: { channel: "row" },
    });
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
    expect(scene.asked).toBe(1);
  });

  it("takes a receipt that comes while it looks again, and types no second time", async () => {
    const scene = new Scene();
    let looks = 0;
    scene.pane.onSubmit = () => undefined;
    scene.pane.beforeLook = () => {
      looks += 1;
      if (looks === 2) scene.tell({ promptId: "late" });
    };
    expect(await scene.deliver()).toMatchObject({
      kind: "delivered",
      receipt: { promptId: "late" },
    });
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
    expect(scene.typed).toBeNull();
  });

  it("takes a receipt that comes while a dialog keeps it waiting", async () => {
    const scene = new Scene();
    let looks = 0;
    scene.pane.onSubmit = () => void (scene.pane.menu = "permission");
    scene.pane.beforeLook = () => {
      looks += 1;
      if (looks === 20) scene.tell({ promptId: "late" });
    };
    expect(await scene.deliver()).toMatchObject({ kind: "delivered", attempts: 1 });
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
  });

  it("types no second time for long where its text has left the composer", async () => {
    const scene = new Scene();
    scene.pane.onSubmit = () =>
      void scene.clock.sleep(9_000).then(() => scene.tell({ promptId: "late" }));
    expect(await scene.deliver()).toMatchObject({
      kind: "delivered",
      attempts: 1,
      receipt: { promptId: "late" },
    });
    expect(scene.pane.log).toEqual(["paste continue", "Enter"]);
  });

  it("types again, in the end, what left the composer and was never taken", async () => {
    const scene = new Scene();
    scene.pane.onSubmit = () => undefined;
    expect(await scene.deliver()).toEqual({ kind: "noReceipt", attempts: 3 });
    expect(scene.pane.log.filter((entry) => entry === "paste continue")).toHaveLength(3);
    expect(scene.asked).toBe(6);
  });

  it("gives up after four tries without a receipt, each with twice the patience", async () => {
    const scene = new Scene();
    scene.pane.onSubmit = (text) => void (scene.pane.composer = text);
    const start = scene.clock.monotonic();
    expect(await scene.deliver()).toEqual({ kind: "noReceipt", attempts: 4 });
    expect(scene.typed).toBe("continue");
    expect(scene.pane.log.filter((entry) => entry === "Enter")).toHaveLength(4);
    expect(scene.clock.monotonic() - start).toBeGreaterThanOrEqual(1_500 * (1 + 2 + 4 + 8));
    expect(scene.asked).toBe(4);
  });

  it.each<readonly [string, Partial<Receipt>]>([
    ["another session", { session: "ccl-11" }],
    ["another text", { text: "continue, please" }],
    ["an earlier prompt", { at: 0 }],
  ])("does not take a receipt of %s for its own", async (_what, receipt) => {
    const scene = new Scene();
    scene.pane.onSubmit = () => scene.tell(receipt);
    expect(await scene.deliver()).toEqual({ kind: "noReceipt", attempts: 3 });
  });

  it("presses nothing in a dialog that asks the operator", async () => {
    const scene = new Scene();
    scene.pane.menu = "permission";
    expect(await scene.deliver()).toEqual({ kind: "dialog", dialog: "permission" });
    expect(scene.pane.log).toEqual([]);
  });

  it.each([
    ["ready", 10_000],
    ["starting", 30_000],
  ] as const)("presses nothing where no composer is, and waits (%s) %s ms", async (state, ms) => {
    const scene = new Scene();
    scene.pane.isDrawn = false;
    scene.state = state;
    const start = scene.clock.monotonic();
    expect(await scene.deliver()).toEqual({ kind: "noComposer" });
    const took = scene.clock.monotonic() - start;
    expect(took).toBeGreaterThanOrEqual(ms);
    expect(took).toBeLessThan(ms + 1_000);
    expect(scene.pane.log).toEqual([]);
  });

  it("types nothing into a session that is not to be continued any more", async () => {
    const scene = new Scene();
    scene.isDue = false;
    scene.pane.menu = "limit";
    expect(await scene.deliver()).toEqual({ kind: "notDue" });
    expect(scene.pane.log).toEqual([]);
  });
});

/** A client that reads nothing until it goes on, and what it is given then. */
function stopped(): { scene: Scene; submitted: string[] } {
  const scene = new Scene();
  const submitted: string[] = [];
  scene.pane.isStopped = true;
  scene.pane.onSubmit = (text) => {
    submitted.push(text);
    scene.tell({ text });
  };
  return { scene, submitted };
}
