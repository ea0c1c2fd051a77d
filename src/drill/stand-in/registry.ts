import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ClientPlaces } from "./places.ts";

export type SessionStatus = "idle" | "busy";

/**
 * The session's entry in `sessions/`. It is made once; later changes are written only where the file
 * exists, so after a flip to a home with a `sessions/` of its own it is gone (client facts 6).
 */
export class Registry {
  readonly #places: ClientPlaces;
  readonly #startedAt = Date.now();
  readonly #name: string;
  readonly #version: string;

  constructor(places: ClientPlaces, version: string) {
    this.#places = places;
    this.#version = version;
    this.#name = `${basename(places.cwd)}-${randomBytes(1).toString("hex")}`;
  }

  get #file(): string {
    return join(this.#places.configDir, "sessions", `${process.pid}.json`);
  }

  create(sessionId: string): void {
    const folder = join(this.#places.configDir, "sessions");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, `${process.pid}.${keyName()}.key`), "{}", { mode: 0o600 });
    this.#write(sessionId, "idle");
  }

  update(sessionId: string, status: SessionStatus): void {
    if (existsSync(this.#file)) this.#write(sessionId, status);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
    rmSync(join(this.#places.configDir, "sessions", `${process.pid}.${keyName()}.key`), {
      force: true,
    });
  }

  #write(sessionId: string, status: SessionStatus): void {
    const now = Date.now();
    const entry = {
      pid: process.pid,
      sessionId,
      cwd: this.#places.cwd,
      startedAt: this.#startedAt,
      procStart: procStart(),
      version: this.#version,
      kind: "interactive",
      entrypoint: "cli",
      name: this.#name,
      nameSource: "derived",
      nameSince: this.#startedAt,
      updatedAt: now,
      status,
      statusUpdatedAt: now,
    };
    const next = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(next, JSON.stringify(entry));
    renameSync(next, this.#file);
  }
}

function keyName(): string {
  return createHash("sha256").update(String(process.pid)).digest("hex");
}

/** Start of this process in clock ticks since boot; tells a pid that was given out again. */
function procStart(): string {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return "0";
  }
}
