import { join } from "node:path";
import { asObject, asText, readJsonFile } from "./json.ts";
import { LoginReader } from "./login.ts";
import type { ClientPlaces } from "./places.ts";

/** What `auth status --json` prints, and the exit status that goes with it (client facts 9). */
export function authStatus(places: ClientPlaces): { text: string; exitStatus: number } {
  const login = new LoginReader(places).current();
  const who = asObject(readJsonFile(places.stateFile)["oauthAccount"]);
  const status = {
    loggedIn: login !== null,
    authMethod: login === null ? "none" : "claude.ai",
    apiProvider: "firstParty",
    analyticsDisabled: true,
    projectsDirectory: join(places.configDir, "projects"),
    configDirectory: places.configDir,
    loginExpiresAt: null,
    consoleProfileSignInOffered: true,
    ...(login === null
      ? {}
      : {
          email: asText(who["emailAddress"]),
          orgId: asText(who["organizationUuid"]),
          orgName: asText(who["organizationName"]),
          subscriptionType: login.subscriptionType,
          storedClaudeAiLogin: true,
          planTier: "max_20x",
        }),
  };
  return { text: JSON.stringify(status, null, 2), exitStatus: login === null ? 1 : 0 };
}
