// Writes how it was started to the file named first, then stays until it is killed.
import { renameSync, writeFileSync } from "node:fs";

const [, , file = "", ...args] = process.argv;
const { CF_A, CF_B } = process.env;
writeFileSync(`${file}.tmp`, JSON.stringify({ args, cwd: process.cwd(), env: { CF_A, CF_B } }));
renameSync(`${file}.tmp`, file);
setInterval(() => undefined, 1 << 30);
