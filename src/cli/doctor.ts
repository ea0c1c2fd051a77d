import { userInfo } from "node:os";
import { systemClock as clock } from "../clock.ts";
import type { Finding } from "../doctor/model.ts";
import { EXIT } from "../errors.ts";
import { homeOf, look, ownPlaces, printJson, readConfig } from "./context.ts";
import { wrapped } from "./table.ts";
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
    const { doctorJson, doctorText, TEXT_COLUMN } = await import("../doctor/report.ts");
    const first = await examined(call, call.values.fix === true);
    const { findings, fixed } =
      first.fixed.length === 0 ? first : { ...(await examined(call, false)), fixed: first.fixed };
    const report = doctorJson(findings, fixed);
    if (call.values.json === true) printJson(report);
    else {
      const { color, columns } = look();
      const lines = doctorText(report, { color }).split("\n");
      const fitting = lines.flatMap((line) => wrapped(line, columns ?? Infinity, TEXT_COLUMN));
      process.stdout.write(fitting.join("\n"));
    }
    return report.passed ? EXIT.done : EXIT.fault;
  },
};

/** Examines, and mends when asked to. */
async function examined(
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
