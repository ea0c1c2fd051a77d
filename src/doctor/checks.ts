import { adoptionsCheck } from "./adoptions.ts";
import { clientLocksCheck } from "./client-locks.ts";
import { clientCheck } from "./client.ts";
import { clockCheck } from "./clock-sane.ts";
import { configCheck } from "./config.ts";
import { credentialTimesCheck } from "./credential-times.ts";
import { daemonCheck } from "./daemon.ts";
import { diskSpaceCheck } from "./disk-space.ts";
import { foreignWritesCheck } from "./foreign-writes.ts";
import { homeModesCheck } from "./home-modes.ts";
import { hooksCheck } from "./hooks.ts";
import { journalCheck } from "./journal.ts";
import { loginCheck } from "./login.ts";
import type { BareScene, Check, Scene } from "./model.ts";
import { oneDriverCheck } from "./one-driver.ts";
import { pasteFilesCheck } from "./paste-files.ts";
import { retentionCheck } from "./retention.ts";
import { sharedHopsCheck } from "./shared-hops.ts";
import { sharedLinksCheck } from "./shared-links.ts";
import { slotHopsCheck } from "./slot-hops.ts";
import { slotRecordCheck } from "./slot-record.ts";
import { slotCheck } from "./slot.ts";
import { spoolCheck } from "./spool.ts";
import { stateModesCheck } from "./state-modes.ts";
import { storeCheck } from "./store.ts";
import { strayLinksCheck } from "./stray-links.ts";
import { tmuxEnvironmentCheck } from "./tmux-environment.ts";
import { tmuxCheck } from "./tmux.ts";
import { transcriptsCheck } from "./transcripts.ts";

/** Checks that need no configuration. */
export const BARE_CHECKS: readonly Check<BareScene>[] = [
  configCheck,
  daemonCheck,
  storeCheck,
  journalCheck,
  clockCheck,
  stateModesCheck,
  diskSpaceCheck,
  tmuxCheck,
  pasteFilesCheck,
  spoolCheck,
];

/** Checks that do. */
export const CONFIGURED_CHECKS: readonly Check<Scene>[] = [
  slotCheck,
  slotHopsCheck,
  slotRecordCheck,
  loginCheck,
  credentialTimesCheck,
  sharedLinksCheck,
  sharedHopsCheck,
  homeModesCheck,
  foreignWritesCheck,
  clientLocksCheck,
  clientCheck,
  retentionCheck,
  oneDriverCheck,
  hooksCheck,
  tmuxEnvironmentCheck,
  transcriptsCheck,
  adoptionsCheck,
  strayLinksCheck,
];
