import * as z from "zod";
import { pathText, shown, valueAt, type PathStep, type Problem } from "./problem.ts";
import { nearest } from "./suggest.ts";

/** The problems behind one finding of the schema. `value` is the file's content. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  schema: z.ZodType,
): Problem[] {
  const path = issue.path as PathStep[];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey({ schema, path, key }));
  }
  if (issue.code === "invalid_key") {
    const wrong = `${pathText(path.slice(0, -1))} has the name ${shown(String(path.at(-1)))}`;
    return [{ path, at: "key", wrong, right: issue.issues[0]?.message ?? issue.message }];
  }
  const found = valueAt(value, path);
  const right = nearestWord(issue, found) ?? issue.message;
  if (found === undefined) return [{ path, at: "value", wrong: missing(path), right }];
  const repeatable = !isSecret(path) && !expectsInnerValues(issue);
  const wrong = `${path.length === 0 ? "the file" : pathText(path)} ${described(found, repeatable)}`;
  return [{ path, at: "value", wrong, right }];
}

function nearestWord(issue: z.core.$ZodIssue, found: unknown): string | null {
  if (issue.code !== "invalid_value" || typeof found !== "string") return null;
  const near = nearest(found, issue.values.map(String));
  return near === null ? null : `did you mean ${near}?`;
}

function missing(path: readonly PathStep[]): string {
  const parent = pathText(path.slice(0, -1));
  const key = pathText(path.slice(-1));
  return parent === "" ? `${key} is missing` : `${parent} has no ${key}`;
}

function described(value: unknown, repeatable: boolean): string {
  if (value === null) return "is empty (null)";
  if (Array.isArray(value)) return value.length === 0 ? "is an empty list" : "is a list";
  if (typeof value === "object") return "is a map";
  if (value === "") return "is an empty text";
  if (!repeatable) return typeof value === "string" ? "is a text that does not fit" : "is no text";
  if (typeof value === "string") return `is ${shown(value)}`;
  return typeof value === "number" ? `is the number ${value}` : `is ${JSON.stringify(value)}`;
}

/** Where a secret may have been put, by mistake or not; what stands there is not repeated. */
function isSecret(path: readonly PathStep[]): boolean {
  if (path[0] === "notify") return !path.includes("events");
  return path.some((step) => step === "tokenEnv" || step === "env" || step === "args");
}

/** A text where a map or list belongs may be any of the texts of that map or list. */
function expectsInnerValues(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && ["object", "array", "record"].includes(issue.expected);
}

function unknownKey(options: { schema: z.ZodType; path: PathStep[]; key: string }): Problem {
  const { schema, path, key } = options;
  const known = keysAt(schema, path);
  const where = path.length === 0 ? "" : ` in ${pathText(path)}`;
  const near = nearest(key, known);
  const elsewhere = near === null ? placesOf(schema, key) : [];
  let right = `known are ${known.join(", ")}`;
  if (near !== null) right = `did you mean ${near}?`;
  else if (elsewhere.length > 0) right = `did you mean ${elsewhere.join(" or ")}?`;
  return { path: [...path, key], at: "key", wrong: `unknown key ${shown(key)}${where}`, right };
}

/** The keys the schema knows for the map at a path. */
function keysAt(schema: z.ZodType, path: readonly PathStep[]): string[] {
  let here = bare(schema);
  for (const step of path) {
    if (here instanceof z.ZodObject) here = bare(here.shape[step]);
    else if (here instanceof z.ZodArray) here = bare(here.element);
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** Every place of the schema with a key of exactly this name, as text. */
function placesOf(schema: z.ZodType, key: string, prefix = ""): string[] {
  const here = bare(schema);
  if (here instanceof z.ZodArray) return placesOf(here.element as z.ZodType, key, `${prefix}[]`);
  if (!(here instanceof z.ZodObject)) return [];
  return Object.entries(here.shape).flatMap(([name, inner]) => {
    const text = prefix === "" ? name : `${prefix}.${name}`;
    const deeper = placesOf(inner as z.ZodType, key, text);
    return name === key ? [text, ...deeper] : deeper;
  });
}

/** The schema without the wrappers that make a value optional. */
function bare(schema: unknown): unknown {
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return wrapped ? bare(schema.unwrap()) : schema;
}
