import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { test } from "vitest";
import { readOnly, tinyDisk, withMode } from "../../support/daemon-disk.ts";
import { expectRefusedStart, type BadStart } from "../../support/daemon-refusal.ts";

const full: BadStart["says"] = /^The disk of ~\/\.local\/state\/claude-failover.* is full\.$/;
const unwritable: BadStart["says"] = /^.*~\/\.local\/state\/claude-failover.* cannot be .*\.$/;

const cases: Record<string, BadStart> = {
  "an account home it may not read": {
    arrange: ({ box }) => ({ wrapper: withMode(box.accounts[1]?.home ?? "", "000") }),
    says: /^The account homes are not as they must be, 1 problem:\n  account compte2: ~\/\.claude-compte2: .*EACCES.*$/,
    hint: /^Mend what is named above/,
    lines: 2,
  },
  "a configuration it may not read": {
    arrange: ({ configFile }) => ({ wrapper: withMode(configFile, "000") }),
    status: 2,
    says: /^.*config\.yaml.*$/,
    hint: /^Check the file's owner and mode\.$/,
  },
  "a state folder it may not write": {
    arrange: ({ places }) => {
      mkdirSync(places.stateDir, { recursive: true });
      return { wrapper: withMode(places.stateDir, "500") };
    },
    says: unwritable,
    hint: /^Check the owner and the mode/,
  },
  "a state folder of an earlier run it may not write any more": {
    arrange: ({ places }) => {
      for (const folder of ["spool", "settings", "paste"])
        mkdirSync(join(places.stateDir, folder), { recursive: true });
      return { wrapper: withMode(places.stateDir, "500") };
    },
    says: unwritable,
    hint: /^Check the owner and the mode/,
  },
  "a state folder on a read-only disk": {
    arrange: ({ places }) => ({ wrapper: readOnly(places.stateDir) }),
    says: unwritable,
    hint: /read-only/,
  },
  "a file where the state folder belongs": {
    arrange: ({ places }) => {
      mkdirSync(dirname(places.stateDir), { recursive: true });
      writeFileSync(places.stateDir, "precious");
    },
    says: unwritable,
    hint: /^Check the owner and the mode/,
  },
  "a full disk": {
    arrange: ({ places }) => ({ wrapper: tinyDisk(places.stateDir, 0) }),
    says: full,
    hint: /^Free some disk space\.$/,
  },
  "a disk without a free inode": {
    arrange: ({ places }) => ({ wrapper: tinyDisk(places.stateDir, 65_536, { files: 1 }) }),
    says: full,
    hint: /^Free some disk space\.$/,
  },
  "a disk with room for the database file alone": {
    arrange: ({ places }) => ({ wrapper: tinyDisk(places.stateDir, 8_192) }),
    says: full,
    hint: /^Free some disk space\.$/,
  },
  "a disk with room for half a database": {
    arrange: ({ places }) => ({ wrapper: tinyDisk(places.stateDir, 65_536) }),
    says: full,
    hint: /^Free some disk space\.$/,
  },
  "a damaged database": {
    arrange: ({ places }) => {
      mkdirSync(places.stateDir, { recursive: true });
      writeFileSync(
        places.database,
        "this is no database, and long enough to be looked at".repeat(99),
        { mode: 0o600 },
      );
    },
    says: /^~\/\.local\/state\/claude-failover\/state\.db is damaged\.$/,
    hint: /^Move the file and its -wal and -shm aside and start again; transcripts are not in it\.$/,
  },
  "another program's database": {
    arrange: ({ places }) => {
      mkdirSync(places.stateDir, { recursive: true });
      withDatabase(places.database, (db) => db.exec("CREATE TABLE theirs (x)"));
    },
    says: /^~\/.*state\.db is another program's database\.$/,
    hint: /^Name another state folder; nothing was changed\.$/,
  },
  "a database of a newer version": {
    arrange: ({ places }) => {
      mkdirSync(places.stateDir, { recursive: true });
      withDatabase(places.database, (db) => {
        db.pragma("application_id = 0x43466f76");
        db.pragma("user_version = 999");
      });
    },
    says: /^~\/.*state\.db was written by a newer version \(schema 999, known up to \d+\)\.$/,
    hint: /^Run the newer claude-failover/,
  },
  "a log file that cannot be written": {
    arrange: () => undefined,
    args: ["--log-file", "README.md/daemon.log"],
    says: /^The log .*README\.md\/daemon\.log cannot be written \(EEXIST\)\.$/,
    hint: /^Name another file with --log-file, /,
  },
  "a state file of the client that is no JSON": {
    arrange: ({ box }) => writeFileSync(`${box.home}/.claude.json`, "{ torn"),
    says: /^The client's state file ~\/\.claude\.json cannot be used: it is not a JSON object\.$/,
    hint: /^Look at the file; /,
  },
  "a folder for tmux's socket that others may write": {
    arrange: ({ box }) => {
      const folder = join(box.tmuxDir, `tmux-${process.getuid?.()}`);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
    },
    says: /^.*tmux.*unsafe permissions.*$/,
    hint: /^Check that the tmux socket/,
    isLate: true,
  },
};

function withDatabase(path: string, work: (db: InstanceType<typeof Database>) => void): void {
  const db = new Database(path);
  work(db);
  db.close();
  chmodSync(path, 0o600);
}

test.each(Object.entries(cases))("does not start with %s, and changes nothing", async (_, bad) => {
  await expectRefusedStart(bad);
});
