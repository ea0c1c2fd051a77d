import * as z from "zod";
import type { NotifyConfig } from "./config.ts";
import { configPlace, type Env } from "./places.ts";
import { readConfigFile } from "./read.ts";
import { notifyOf } from "./resolve.ts";
import { notify } from "./schema-notify.ts";
import { readYaml } from "./yaml.ts";

const schema = z.object({ notify });

/**
 * Who is to be told, from a file that is wrong elsewhere; null where that cannot be read either.
 * Never throws: somebody is to be told of another error already.
 */
export function notifyOnly(options: {
  readonly path?: string | undefined;
  readonly env: Env;
  readonly home: string;
  readonly cwd: string;
}): NotifyConfig | null {
  try {
    const content = readConfigFile(configPlace(options));
    if (!content.ok) return null;
    const yaml = readYaml(content.text);
    const written = yaml.ok ? schema.safeParse(yaml.content.value) : null;
    return written?.success === true ? notifyOf(written.data) : null;
  } catch {
    return null;
  }
}
