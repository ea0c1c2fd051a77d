import { authStatus } from "./stand-in/auth-status.ts";
import { parseFlags } from "./stand-in/flags.ts";
import { clientPlaces } from "./stand-in/places.ts";
import { runSession } from "./stand-in/run-session.ts";
import { STAND_IN_VERSION } from "./stand-in/version.ts";

/**
 * The stand-in agent: a small program that speaks the surfaces of Claude Code 2.1.328 which
 * claude-failover knows, and nothing else. It is for drills and tests, where a real client would cost
 * 260 MB each. `test/real/` compares it with the real one.
 */
process.title = "claude";
const places = clientPlaces(process.env, process.cwd());
const invocation = parseFlags(process.argv.slice(2));
switch (invocation.kind) {
  case "version":
    process.stdout.write(`${STAND_IN_VERSION} (Claude Code stand-in)\n`);
    break;
  case "authStatus": {
    const { text, exitStatus } = authStatus(places);
    process.stdout.write(`${text}\n`);
    process.exitCode = exitStatus;
    break;
  }
  case "session": {
    const baseUrl = process.env["ANTHROPIC_BASE_URL"] ?? "";
    runSession({ places, flags: invocation.flags, version: STAND_IN_VERSION, baseUrl });
    break;
  }
}
