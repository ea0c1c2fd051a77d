import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tempDir } from "./temp-dir.ts";

const ours = new URL("../../", import.meta.url).pathname;

/** What a start printed, and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

/** A checkout with our launcher and a program of a few lines, on a machine of its own. */
export interface FakeCheckout {
  readonly root: string;
  /** Holds the checkout, `home/`, and `path/`, the whole PATH. */
  readonly machine: string;
  /** Starts `bin/claude-failover <args>`; `launcher` reaches it by another path. */
  start(args?: readonly string[], launcher?: string): Running;
  /** The packages or `dependencies` npm installed, in order. */
  npmRuns(): string[];
}

export interface FakeMachine {
  /** `old` answers like a node that does not fit. */
  readonly node?: "fitting" | "old" | "none";
  /** `hangs` says so in `npm.log` and never ends. */
  readonly npm?: "works" | "hangs" | "none";
}

/**
 * Makes a checkout whose `npm` is a script: it puts this checkout's TypeScript, or the running node,
 * where the real one would install it. No test of the launcher needs a network.
 */
export function fakeCheckout({ node = "fitting", npm = "works" }: FakeMachine = {}): FakeCheckout {
  const machine = tempDir();
  const root = writeCheckout(join(machine, "check out"));
  const path = join(machine, "path");
  const log = join(machine, "npm.log");
  linkTools(path);
  if (node === "fitting") symlinkSync(process.execPath, join(path, "node"));
  if (node === "old") writeProgram(join(path, "node"), "exit 0");
  if (npm !== "none") writeProgram(join(path, "npm"), npm === "works" ? npmScript(log) : hang(log));
  const env = { HOME: join(machine, "home"), PATH: path, TMPDIR: machine };
  return {
    root,
    machine,
    start: (args = [], launcher = join(root, "bin/claude-failover")) =>
      start({ launcher, args, env }),
    npmRuns: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
  };
}

function writeCheckout(root: string): string {
  mkdirSync(join(root, "src/cli"), { recursive: true });
  for (const name of ["bin", "package.json", "tsconfig.json", "tsconfig.build.json"]) {
    cpSync(join(ours, name), join(root, name), { recursive: true });
  }
  writeFileSync(join(root, "package-lock.json"), "{}\n");
  writeFileSync(
    join(root, "src/cli/main.ts"),
    "console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2) }));\n",
  );
  return root;
}

/** The tools a launcher may use and no others: no `node` or `npm` of the machine is within reach. */
function linkTools(path: string): void {
  mkdirSync(path);
  const names =
    "sh env cat chmod cksum cp date find grep head ln mkdir mktemp mv readlink rm sleep touch tr uname";
  const folders = (process.env["PATH"] ?? "/usr/bin:/bin").split(delimiter);
  for (const name of names.split(" ")) {
    const folder = folders.find((candidate) => existsSync(join(candidate, name)));
    if (folder !== undefined) symlinkSync(join(folder, name), join(path, name));
  }
}

function npmScript(log: string): string {
  const modules = join(ours, "node_modules");
  return `mkdir -p node_modules
package=$(grep -o 'node-[a-z0-9-]*' package.json | head -n 1)
if grep -q '"fetched"' package.json; then
  grep -q '"integrity":"sha512-' package-lock.json || exit 1
  echo "$package" >>"${log}"
  mkdir -p "node_modules/$package/bin"
  ln -s "${process.execPath}" "node_modules/$package/bin/node"
else
  echo dependencies >>"${log}"
  for name in typescript @types; do ln -sfn "${modules}/$name" "node_modules/$name"; done
fi
echo '{}' >node_modules/.package-lock.json`;
}

function hang(log: string): string {
  return `echo "$$" >>"${log}"; exec sleep 600`;
}

function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function start(what: {
  launcher: string;
  args: readonly string[];
  env: Record<string, string>;
}): Running {
  const child = spawn(what.launcher, what.args, {
    env: what.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...text }));
  });
  return { pid: child.pid ?? -1, ended };
}
