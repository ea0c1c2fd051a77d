import {
  chmodSync,
  existsSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock as clock } from "../../../src/clock.ts";
import { CHECK_AREAS, type CheckCode, type Level } from "../../../src/doctor/model.ts";
import { setHeld } from "../../../src/switchover/held.ts";
import {
  contentOf,
  homeOf,
  ID,
  inStore,
  lookAt,
  makeHealthy,
  MINUTE_MS,
  relink,
  setTime,
  troubles,
  writeClient,
  writeTranscript,
  type Place,
} from "../../support/doctor-deployment.ts";

test("finds nothing wrong in a deployment that is well, and changes nothing in it", async () => {
  const place = await makeHealthy();
  const before = await contentOf(place.box.root);
  const findings = await lookAt(place);
  expect(troubles(findings)).toEqual([]);
  expect([...new Set(findings.map(({ code }) => code))]).toEqual(Object.keys(CHECK_AREAS));
  const rooms = findings.filter(({ code }) => code === "diskSpace").map(({ text }) => text);
  expect(rooms).toEqual([
    expect.stringContaining(`The disk of ${place.places.stateDir} has room for `),
    expect.stringContaining(`The disk of ${place.box.home} has room for `),
  ]);
  expect(await contentOf(place.box.root)).toEqual(before);
});

interface Fault {
  readonly name: string;
  readonly make: (place: Place) => void | Promise<void>;
  /** What is found besides what is well. */
  readonly found: readonly `${CheckCode} ${Level}`[];
  /** Part of the first one's text. */
  readonly text: string;
}

const FAULTS: readonly Fault[] = [
  {
    name: "a slot that is a directory",
    make: ({ box }) => {
      unlinkSync(box.slot);
      mkdirSync(box.slot);
    },
    found: ["slot bad", "slotHops unknown", "slotRecord bad"],
    text: "is a directory; it must be a link",
  },
  {
    name: "a slot that goes round in a circle",
    make: ({ box }) => relink(box.slot, box.slot),
    found: ["slot bad", "slotHops unknown", "slotRecord bad"],
    text: "leads round in a circle",
  },
  {
    name: "a slot that leads to a foreign home",
    make: ({ box }) => {
      mkdirSync(join(box.home, ".claude-other"));
      relink(box.slot, join(box.home, ".claude-other"));
    },
    found: ["slot bad", "slotRecord bad"],
    text: "which is no configured account's home",
  },
  {
    name: "a slot that reaches the home over a second link",
    make: ({ box }) => {
      symlinkSync(homeOf(box, 0), join(box.home, "between"));
      relink(box.slot, join(box.home, "between"));
    },
    found: ["slotHops warn"],
    text: "over 2 links",
  },
  {
    name: "a slot that was moved by hand",
    make: ({ box }) => relink(box.slot, homeOf(box, 1)),
    found: ["slotRecord bad"],
    text: "compte1 is recorded as active, but compte2 is in the slot",
  },
  {
    name: "a home without its link",
    make: ({ box }) => unlinkSync(join(homeOf(box, 1), "projects")),
    found: ["sharedLinks warn"],
    text: ".claude-compte2/projects",
  },
  {
    name: "a home with a directory where a link belongs, and a second transcript in it",
    make: ({ box }) => {
      unlinkSync(join(homeOf(box, 1), "projects"));
      writeTranscript(join(homeOf(box, 1), "projects/-proj"));
      setTime(join(homeOf(box, 1), "projects/-proj", `${ID}.jsonl`), -20 * MINUTE_MS);
    },
    found: ["sharedLinks bad", "transcripts bad"],
    text: "found a directory, expected a link to",
  },
  {
    name: "a shared link over another link",
    make: ({ box }) => {
      const path = join(homeOf(box, 0), "projects");
      symlinkSync(readlinkSync(path), join(box.home, "between"));
      relink(path, join(box.home, "between"));
    },
    found: ["sharedLinks bad", "sharedHops bad"],
    text: "found a link to",
  },
  {
    name: "a conversation with two transcripts in the shared tree",
    make: ({ box }) => writeTranscript(join(box.home, ".claude-projects-shared/-other")),
    found: ["transcripts bad"],
    text: "has 2 transcripts",
  },
  {
    name: "a conversation whose transcript is gone",
    make: ({ box }) => rmSync(join(box.home, ".claude-projects-shared/-proj"), { recursive: true }),
    found: ["transcripts warn"],
    text: "is gone",
  },
  {
    name: "a home, a target and a login that others can read",
    make: ({ box }) => {
      chmodSync(homeOf(box, 1), 0o755);
      chmodSync(join(box.home, ".claude-projects-shared"), 0o750);
      chmodSync(join(homeOf(box, 0), ".credentials.json"), 0o644);
    },
    found: ["homeModes bad", "homeModes warn", "homeModes warn"],
    text: "Others can read the login",
  },
  {
    name: "logins of the same mtime",
    make: ({ box }) => {
      const { mtimeMs } = statSync(join(homeOf(box, 0), ".credentials.json"));
      utimesSync(join(homeOf(box, 1), ".credentials.json"), mtimeMs / 1000, mtimeMs / 1000);
    },
    found: ["credentialTimes warn"],
    text: "The logins of compte1 and compte2 have the same mtime",
  },
  {
    name: "an active account without login",
    make: ({ box }) => unlinkSync(join(homeOf(box, 0), ".credentials.json")),
    found: ["login bad"],
    text: "Account compte1 is active and has no login",
  },
  {
    name: "a retention that differs",
    make: ({ box }) => settings(homeOf(box, 1), { cleanupPeriodDays: 7 }),
    found: ["retention warn"],
    text: "(7 days): compte1 30 (the default), compte2 7",
  },
  {
    name: "settings that are no JSON",
    make: ({ box }) => writeFileSync(join(homeOf(box, 1), "settings.json"), "{"),
    found: ["retention unknown", "oneDriver warn"],
    text: "settings.json cannot be read as settings",
  },
  {
    name: "a project whose settings disable hooks and let the client continue",
    make: ({ box }) =>
      settings(join(box.projectDir, ".claude"), {
        disableAllHooks: true,
        autoContinueAtUsageLimit: true,
      }),
    found: ["oneDriver warn", "hooks bad"],
    text: "autoContinueAtUsageLimit is on: compte1, compte2",
  },
  {
    name: "a foreign write in a resting home",
    make: ({ box }) => writeFileSync(join(homeOf(box, 1), "history.jsonl"), "{}\n"),
    found: ["foreignWrites warn"],
    text: "1 file is newer in",
  },
  {
    name: "a lock that a dead client left",
    make: ({ box }) => {
      mkdirSync(join(homeOf(box, 0), ".oauth_refresh.lock"));
      setTime(join(homeOf(box, 0), ".oauth_refresh.lock"), -2 * MINUTE_MS);
    },
    found: ["clientLocks warn"],
    text: ".oauth_refresh.lock was left behind",
  },
  {
    name: "no client",
    make: ({ bin, env }) => {
      rmSync(join(bin, "claude"));
      env.PATH = env.PATH.split(":")
        .filter((folder) => !existsSync(join(folder, "claude")))
        .join(":");
    },
    found: ["client bad"],
    text: "There is no program claude on PATH",
  },
  {
    name: "a client that was never certified",
    make: ({ bin }) => writeClient(bin, "2.1.9"),
    found: ["client unknown"],
    text: "its sessions are moved by relaunch",
  },
  {
    name: "an old tmux",
    make: ({ bin }) =>
      writeFileSync(join(bin, "tmux"), '#!/bin/sh\necho "tmux 3.1c"\n', { mode: 0o755 }),
    found: ["tmux bad"],
    text: "tmux 3.1c is too old",
  },
  {
    name: "a state folder and a spool that are open to others",
    make: ({ places: own }) => {
      chmodSync(own.spoolDir, 0o755);
      chmodSync(own.stateDir, 0o750);
    },
    found: ["stateModes bad", "stateModes bad"],
    text: "is open to others (mode 0750)",
  },
  {
    name: "a state file that is damaged",
    make: ({ places: own }) => writeFileSync(own.database, "no database at all".repeat(100)),
    found: [
      "store bad",
      "journal unknown",
      "clock unknown",
      "slotRecord unknown",
      "foreignWrites unknown",
      "transcripts unknown",
    ],
    text: "is damaged",
  },
  {
    name: "a held switchover",
    make: (place) =>
      inStore(place, (store) => {
        const why = { code: "CF_SWITCHOVER_HELD", message: "stuck", hint: "Mend it." } as const;
        setHeld(store, { ...why, since: clock.now(), switchoverId: null });
      }),
    found: ["journal bad"],
    text: "stuck",
  },
  {
    name: "a switchover that was broken off",
    make: (place) =>
      inStore(place, (store) => {
        store.switchovers.insert({
          cause: "switchover",
          from: "compte1",
          to: "compte2",
          fromHome: "/1",
          toHome: "/2",
          slotName: "shared",
          slot: place.box.slot,
          linkBefore: "/1",
          linkAfter: "/2",
          trigger: null,
          startedAt: clock.now(),
        });
      }),
    found: ["journal bad"],
    text: "from compte1 to compte2 was broken off (planned)",
  },
  {
    name: "a clock that was set back",
    make: (place) =>
      inStore(place, (store) => {
        store.events.append({ at: clock.now() + MINUTE_MS, type: "recovery", data: null });
      }),
    found: ["clock bad"],
    text: "which is before the last event",
  },
  {
    name: "an adoption that was broken off",
    make: ({ box }) => {
      const folder = join(box.home, ".claude-adopt-20261121T080000000Z");
      mkdirSync(folder);
      const begun = { step: "begun", schema: 1, stamp: "20261121T080000000Z", root: box.home };
      const rest = { links: [], slotMove: null, pairs: [], entries: 0 };
      writeFileSync(join(folder, "journal.jsonl"), `${JSON.stringify({ ...begun, ...rest })}\n`);
    },
    found: ["adoptions bad"],
    text: "was broken off",
  },
  {
    name: "what a killed daemon left",
    make: ({ box, places: own }) => {
      symlinkSync("/nowhere", `${box.slot}.cf-flip-0123456789ab`);
      setTime(`${box.slot}.cf-flip-0123456789ab`, -2 * MINUTE_MS);
      writeFileSync(join(own.pasteDir, "cf-paste-1"), "a prompt");
      writeFileSync(join(own.spoolDir, "a file of mine"), "x");
    },
    found: ["strayLinks warn", "pasteFiles warn", "spool warn"],
    text: "A killed flip left the link",
  },
];

function settings(folder: string, more: object): void {
  mkdirSync(folder, { recursive: true });
  const all = { autoContinueAtUsageLimit: false, ...more };
  writeFileSync(join(folder, "settings.json"), JSON.stringify(all));
}

test.each(FAULTS)("finds $name, and nothing else", async ({ make, found, text }) => {
  const place = await makeHealthy();
  await make(place);
  const before = await contentOf(place.box.root);
  const findings = await lookAt(place);
  expect(troubles(findings)).toEqual(found);
  const [first] = findings.filter(({ code, level }) => level !== "ok" && code !== "daemon");
  expect(first?.text).toContain(text);
  expect(await contentOf(place.box.root)).toEqual(before);
});
