import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { asObject, readJsonFile } from "./json.ts";
import type { ClientPlaces } from "./places.ts";

/** Whether the working directory, or one above it, was accepted (client facts 24). */
export function isTrusted(places: ClientPlaces): boolean {
  const projects = asObject(readJsonFile(places.stateFile)["projects"]);
  for (let folder = places.cwd; ; folder = dirname(folder)) {
    if (asObject(projects[folder])["hasTrustDialogAccepted"] === true) return true;
    if (dirname(folder) === folder) return false;
  }
}

/** Remembers that the operator accepted the working directory. */
export function acceptTrust(places: ClientPlaces): void {
  const state = readJsonFile(places.stateFile);
  const projects = asObject(state["projects"]);
  const project = { ...asObject(projects[places.cwd]), hasTrustDialogAccepted: true };
  const next = { ...state, projects: { ...projects, [places.cwd]: project } };
  writeFileSync(places.stateFile, JSON.stringify(next), { mode: 0o600 });
}
