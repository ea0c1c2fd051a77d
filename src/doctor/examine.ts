import { asFailoverError } from "../errors.ts";
import { BARE_CHECKS, CONFIGURED_CHECKS } from "./checks.ts";
import {
  CHECK_AREAS,
  findingsOf,
  type BareScene,
  type Check,
  type CheckCode,
  type Finding,
  type Scene,
} from "./model.ts";

/** Runs every check and returns what they found, area by area. Changes nothing, never throws. */
export async function examine(scene: BareScene): Promise<readonly Finding[]> {
  const whole = wholeScene(scene);
  const bare = BARE_CHECKS.map(async (check) => look(check, scene));
  const configured = CONFIGURED_CHECKS.map(async (check) =>
    whole === null ? [notLookedAt(check.code)] : look(check, whole),
  );
  const found = await Promise.all([...bare, ...configured]);
  return inOrder(found.flat());
}

/** Mends what the findings name and what cannot lose data; says what it did, one sentence each. */
export async function mend(
  scene: BareScene,
  findings: readonly Finding[],
): Promise<readonly string[]> {
  const wrong = new Set(findings.filter(({ level }) => level !== "ok").map(({ code }) => code));
  const whole = wholeScene(scene);
  const done: string[] = [];
  for (const check of BARE_CHECKS)
    if (wrong.has(check.code)) done.push(...(await fix(check, scene)));
  if (whole === null) return done;
  for (const check of CONFIGURED_CHECKS)
    if (wrong.has(check.code)) done.push(...(await fix(check, whole)));
  return done;
}

function wholeScene(scene: BareScene): Scene | null {
  const { config } = scene;
  return config === null ? null : { ...scene, config };
}

async function look<S>(check: Check<S>, scene: S): Promise<readonly Finding[]> {
  try {
    return await check.look(scene);
  } catch (thrown) {
    const { message, hint } = asFailoverError(thrown);
    return [findingsOf(check.code).unknown(`It could not be looked at: ${message}`, hint)];
  }
}

async function fix<S>(check: Check<S>, scene: S): Promise<readonly string[]> {
  try {
    return (await check.fix?.(scene)) ?? [];
  } catch (thrown) {
    return [`${check.code} could not be mended: ${asFailoverError(thrown).message}`];
  }
}

function notLookedAt(code: CheckCode): Finding {
  return findingsOf(code).unknown("Not looked at: there is no configuration to look with.");
}

/** In the order in which the codes are listed, which is by area. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const codes = Object.keys(CHECK_AREAS);
  return findings.toSorted((one, other) => codes.indexOf(one.code) - codes.indexOf(other.code));
}
