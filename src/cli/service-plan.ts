import { realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { configPlace } from "../config/places.ts";
import { servicePlan, type ServicePlan } from "../setup/service-unit.ts";
import { homeOf } from "./context.ts";

/** The service that would start this very program, with its configuration, as this user. */
export function ownServicePlan(wish: {
  readonly scope: "user" | "system";
  readonly sandbox: boolean;
  /** What `--config` named. */
  readonly config: string | undefined;
}): ServicePlan {
  const { env } = process;
  const { uid, username } = userInfo();
  const home = homeOf(env);
  const place = configPlace({ path: wish.config, env, home, cwd: process.cwd() });
  return servicePlan({
    ...wish,
    platform: process.platform,
    program: [process.execPath, realpathSync(process.argv[1] ?? "")],
    config: place.source === "default" ? null : place.file,
    home,
    configHome: env.XDG_CONFIG_HOME ?? join(home, ".config"),
    user: username,
    uid,
    path: env.PATH ?? "",
  });
}
