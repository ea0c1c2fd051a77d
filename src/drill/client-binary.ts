import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";
import { clientProgram, newestFirst } from "./client-binary-package.ts";
import { npmInstall, npmLatest } from "./client-binary-npm.ts";
import type { NpmOptions } from "./client-binary-npm.ts";

/** The Claude Code program a drill runs. */
export interface ClientBinary {
  readonly path: string;
  /** Known where it was fetched; a program on the PATH is asked by whoever needs it. */
  readonly version: string | null;
  readonly origin: "path" | "cache" | "fetched";
}

/** What is being waited for; `elapsedMs` counts from the start of that phase. */
export interface ClientFetchProgress {
  readonly phase: "asking" | "fetching";
  readonly version: string | null;
  readonly elapsedMs: number;
}

export interface ClientBinaryOptions {
  /** `<cache folder of the user>/claude-failover`; holds one folder per fetched version. */
  readonly cacheDir: string;
  /** A version, or `latest`; by default the `claude` on the PATH, and only without one the latest. */
  readonly version?: string;
  /** The environment npm is run in; its PATH is searched. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (progress: ClientFetchProgress) => void;
  readonly signal?: AbortSignal;
  /** Bound of each npm run in milliseconds; 5 minutes by default. */
  readonly timeoutMs?: number;
}

/**
 * Finds the real client: on the PATH, in the cache, or in the npm registry. A fetched version is
 * complete or absent: it is installed beside its place and renamed into it.
 *
 * @throws CF_DRILL_CLIENT when npm is missing, or offline, or the platform has no package.
 */
export async function ensureClientBinary(options: ClientBinaryOptions): Promise<ClientBinary> {
  if (options.version === undefined) {
    const path = await findOnPath("claude", options.env["PATH"] ?? "");
    if (path !== null) return { path, version: null, origin: "path" };
  }
  const wanted = options.version ?? "latest";
  const version = wanted === "latest" ? await latestVersion(options) : wanted;
  const cached = await cachedBinary(options.cacheDir, version);
  return cached ?? (await fetchBinary(options, version));
}

/** The first executable file of that name in a PATH, or null. Relative entries are left out. */
export async function findOnPath(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

/** Versions that lie complete in the cache, newest first. */
export async function cachedVersions(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir).catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    const version = /^claude-(\d+\.\d+\.\d+)$/.exec(name)?.[1];
    if (version !== undefined && (await cachedBinary(cacheDir, version))) found.push(version);
  }
  return found.toSorted(newestFirst);
}

/** Removes a fetched version from the cache again. */
export async function forgetFetched(cacheDir: string, version: string): Promise<void> {
  await rm(versionDir(cacheDir, version), { recursive: true, force: true });
}

/** The registry's newest; offline the newest of the cache serves as well. */
async function latestVersion(options: ClientBinaryOptions): Promise<string> {
  try {
    return await timed({ options, phase: "asking", version: null }, (npm) => npmLatest(npm));
  } catch (thrown) {
    const [newest] = await cachedVersions(options.cacheDir);
    if (newest === undefined) throw thrown;
    return newest;
  }
}

async function cachedBinary(cacheDir: string, version: string): Promise<ClientBinary | null> {
  const path = binaryIn(versionDir(cacheDir, version), version);
  return (await isExecutable(path)) ? { path, version, origin: "cache" } : null;
}

async function fetchBinary(options: ClientBinaryOptions, version: string): Promise<ClientBinary> {
  const target = versionDir(options.cacheDir, version);
  await mkdir(options.cacheDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(`${target}.part-`);
  try {
    const spec = `${clientProgram(version).package}@${version}`;
    await timed({ options, phase: "fetching", version }, (npm) =>
      npmInstall({ ...npm, folder, spec }),
    );
    await access(binaryIn(folder, version), constants.X_OK);
    await renameUnlessThere(folder, target, version);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { path: binaryIn(target, version), version, origin: "fetched" };
}

/** Another run may have been first; what it put there is as good as ours. */
async function renameUnlessThere(folder: string, target: string, version: string): Promise<void> {
  try {
    await rename(folder, target);
  } catch (thrown) {
    const taken = ["ENOTEMPTY", "EEXIST"].includes(errnoOf(thrown) ?? "");
    if (!taken || !(await isExecutable(binaryIn(target, version)))) {
      throw new FailoverError("CF_DRILL_CLIENT", `${target} is there but holds no client.`, {
        hint: `Remove ${target} and try again, or use --agent stand-in.`,
        details: { path: target },
        cause: thrown,
      });
    }
  }
}

async function timed<T>(
  what: { options: ClientBinaryOptions } & Pick<ClientFetchProgress, "phase" | "version">,
  run: (npm: NpmOptions) => Promise<T>,
): Promise<T> {
  const { options, phase, version } = what;
  const startedAt = performance.now();
  const tell = (): void =>
    options.onProgress?.({ phase, version, elapsedMs: Math.round(performance.now() - startedAt) });
  tell();
  const ticker = setInterval(tell, 1000);
  try {
    return await run({
      env: options.env,
      timeoutMs: options.timeoutMs ?? 5 * 60_000,
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } finally {
    clearInterval(ticker);
  }
}

function versionDir(cacheDir: string, version: string): string {
  return join(cacheDir, `claude-${version}`);
}

function binaryIn(folder: string, version: string): string {
  const program = clientProgram(version);
  return join(folder, "node_modules", program.package, program.file);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
