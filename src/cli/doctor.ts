import { userInfo } from "node:os";
import { systemClock as clock } from "../clock.ts";
import type { Finding } from "../doctor/model.ts";
import { EXIT } from "../errors.ts";
import { homeOf, ownPlaces, printJson, readConfig } from "./context.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const doctor: Verb = {
  name: "doctor",
  summary: "Check everything failover stands on, read-only: slot, homes, client, tmux, state.",
  operands: "",
  mostWords: 0,
  options: {
    fix: {
      type: "boolean",
      help: "mend what cannot lose data: our own modes, leftovers, missing shared links",
    },
    ...JSON_OPTION,
  },
  examples: ["claude-failover doctor", "claude-failover doctor --fix"],
  async run(call) {
    const { doctorJson, doctorText } = await import("../doctor/report.ts");
    const first = await look(call, call.values.fix === true);
    const { findings, fixed } =
      first.fixed.length === 0 ? first : { ...(await look(call, false)), fixed: first.fixed };
    const report = doctorJson(findings, fixed);
    if (call.values.json === true) printJson(report);
    else process.stdout.write(doctorText(report, { color: wantsColor() }));
    return report.passed ? EXIT.done : EXIT.fault;
  },
};

/** Examines, and mends when asked to. */
async function look(
  call: Call,
  isFixing: boolean,
): Promise<{ findings: readonly Finding[]; fixed: readonly string[] }> {
  const { examine, mend } = await import("../doctor/examine.ts");
  const { openScene } = await import("../doctor/open-scene.ts");
  const home = homeOf(process.env);
  const { uid } = userInfo();
  const scene = await openScene({
    places: ownPlaces(),
    env: process.env,
    home,
    uid,
    clock,
    readConfig: async () => readConfig(call),
  });
  try {
    const findings = await examine(scene);
    return { findings, fixed: isFixing ? await mend(scene, findings) : [] };
  } finally {
    scene.store?.close();
  }
}

function wantsColor(): boolean {
  return process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "";
}
