// Reads its terminal raw, asks for bracketed pastes, and writes what came up to the end of the
// paste to the file named first.
import { renameSync, writeFileSync } from "node:fs";

const [, , file = ""] = process.argv;
const END = "\u001b[201~";
let received = Buffer.alloc(0);

process.stdin.setRawMode(true);
process.stdin.on("data", (chunk: Buffer) => {
  received = Buffer.concat([received, chunk]);
  if (!received.subarray(-END.length).equals(Buffer.from(END))) return;
  writeFileSync(`${file}.tmp`, received);
  renameSync(`${file}.tmp`, file);
  received = Buffer.alloc(0);
});
process.stdout.write("\u001b[?2004hready\n");
