import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";

test("a switchover all of whose sessions went on before the daemon died is committed by the next one, however long the client takes to say who a home is", async () => {
  await using rig = await daemonRig({ accounts: 3, sessions: [] });
  rig.configure({ claude: { command: silentAboutLogins(rig) } });
  const first = await rig.startDaemon();
  expect(await rig.post("switchover", { to: "compte2" })).toMatchObject({ done: true });
  first.kill("SIGKILL");
  await first.closed;
  uncommit(rig.places.database);
  await rig.startDaemon();
  await until("the commit", async () => (await rig.history())[0]?.outcome === "committed");
  expect(await rig.post("switchover", { to: "compte3" })).toMatchObject({ done: true });
});

/** As if the process had died right before the last commit of its switchover. */
function uncommit(file: string): void {
  const db = new Database(file);
  db.exec("UPDATE switchovers SET stage = 'continuing', outcome = NULL, ended_at = NULL");
  db.close();
}

/** The client, but `auth status` never answers. */
function silentAboutLogins({ box, command }: DaemonRig): string {
  const path = join(box.root, "silent-client");
  const script = `#!/bin/sh\n[ "$1" != auth ] || exec sleep 600\nexec '${command}' "$@"\n`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}
