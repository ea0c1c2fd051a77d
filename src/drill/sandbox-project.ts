import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { errnoOf } from "../errors.ts";

const run = promisify(execFile);

/** Makes a small git repository below a home; without git on the machine it is a plain folder. */
export async function makeProjectIn(home: string, name: string): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "README.md"), `# ${name}\n`);
  try {
    await run("git", ["init", "--quiet", folder], {
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: home,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "init.defaultBranch",
        GIT_CONFIG_VALUE_0: "main",
      },
    });
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
  }
  return folder;
}
